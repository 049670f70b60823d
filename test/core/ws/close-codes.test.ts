import t from 'tap';
import { closeReason } from '../../../core/ws/close.ts';
import { TestCounter } from '../../helpers/ws-client.ts';
import { GOOD_KEY, startWsServer } from '../../helpers/ws-server.ts';

const HELLO = { api_key: GOOD_KEY };

async function refusedWith(first: object | string | Buffer, server: { url: string }) {
  const counter = await TestCounter.connect(server.url);
  counter.socket.send(first instanceof Buffer || typeof first === 'string' ? first : JSON.stringify(first));
  return counter.closed;
}

t.test('4000: the reason names the field', async (t) => {
  const server = await startWsServer();
  t.teardown(() => server.app.close());
  t.same(await refusedWith('olá', server), { code: 4000, reason: 'handshake inválido: esperado um objeto JSON' });
  t.same(await refusedWith({ comando: 'auth' }, server), { code: 4000, reason: 'handshake inválido: api_key' });
  t.match(await refusedWith(Buffer.from(JSON.stringify(HELLO)), server), { code: 4000, reason: /texto JSON/ });
  t.match(await refusedWith({ ...HELLO, extra: 'x'.repeat(17_000) }, server), { code: 4000, reason: /16 KiB/ });
  t.equal(server.sessions.length, 0);
});

t.test('4001 and 4003 cost the same time, whatever the lookup took', async (t) => {
  const status = { bk_a: 'revoked', bk_b: 'suspended', bk_c: 'pending' } as const;
  const codes: Record<string, number> = { bk_a: 4001, bk_b: 4003, bk_c: 4003, bk_d: 4001 };
  const server = await startWsServer({
    limits: { refusalMs: 60 },
    authenticate: async (key) => {
      if (key === 'bk_a') await new Promise((resolve) => setTimeout(resolve, 30));
      return { status: status[key as keyof typeof status] ?? 'unknown' };
    },
  });
  t.teardown(() => server.app.close());
  for (const [key, code] of Object.entries(codes)) {
    const counter = await TestCounter.connect(server.url);
    const startedAt = performance.now();
    counter.say({ api_key: key });
    t.equal((await counter.closed).code, code, key);
    t.ok(performance.now() - startedAt >= 59, `${key}: not before the others`);
  }
  t.equal(server.sessions.length, 0);
});

t.test('4002: too many counters, the database away, a lookup that hangs or throws', async (t) => {
  const server = await startWsServer({
    maxCounters: 1,
    limits: { authenticateMs: 40 },
    random: () => 0.5,
    authenticate: async (key) => {
      if (key === 'bk_away') return { status: 'unavailable' };
      if (key === 'bk_throws') throw new Error('nobody sees this text');
      if (key === 'bk_hangs') await new Promise(() => {});
      return {
        status: 'ok',
        identity: {
          counterId: key,
          clientId: 'k',
          counterName: 'n',
          keyPrefix: 'bk_teste',
          clientVad: {},
          presetVad: {},
          tags: [],
          revision: 2,
        },
      };
    },
  });
  t.teardown(() => server.app.close());
  for (const key of ['bk_away', 'bk_throws', 'bk_hangs']) {
    const closed = await refusedWith({ api_key: key }, server);
    t.same(closed, { code: 4002, reason: 'banco de dados indisponível; retry_ms=3500' }, key);
  }
  const inside = await TestCounter.connect(server.url, HELLO);
  inside.say({ comando: 'ping' });
  await inside.receive('pong');
  t.same(await refusedWith(HELLO, server), { code: 4002, reason: 'limite de balcões atingido; retry_ms=3500' });
  inside.socket.terminate();
  await server.sessions[0]?.ended.promise;
  const next = await TestCounter.connect(server.url, HELLO);
  next.say({ comando: 'ping' });
  t.ok(await next.receive('pong'), 'a place that became free is given away');
});

t.test('4002: connections that say nothing do not fill the house', async (t) => {
  const server = await startWsServer({ limits: { pendingConnections: 2 } });
  t.teardown(() => server.app.close());
  await Promise.all([TestCounter.connect(server.url), TestCounter.connect(server.url)]);
  const third = new TestCounter(server.url);
  t.match(await third.closed, { code: 4002, reason: /retry_ms=/ });
});

t.test('4008: no handshake in time', async (t) => {
  const server = await startWsServer({ limits: { handshakeMs: 30, sweepMs: 10 } });
  t.teardown(() => server.app.close());
  const counter = await TestCounter.connect(server.url);
  t.match(await counter.closed, { code: 4008 });
});

t.test('1009: a frame above the limit', async (t) => {
  const server = await startWsServer({ limits: { maxFrameBytes: 1000 } });
  t.teardown(() => server.app.close());
  const opened = server.nextSession();
  const counter = await TestCounter.connect(server.url, HELLO);
  const session = await opened;
  counter.socket.send(Buffer.alloc(1000));
  counter.socket.send(Buffer.alloc(1001));
  t.equal((await counter.closed).code, 1009);
  await session.ended.promise;
  t.equal(session.audioBytes.length, 1000, 'what came before it was heard');
});

t.test('1011: a session that cannot be opened closes its own connection only', async (t) => {
  let fails = true;
  const server = await startWsServer({
    prepare: () => {
      if (fails) throw new Error('nobody sees this text');
    },
  });
  t.teardown(() => server.app.close());
  t.same(await refusedWith(HELLO, server), { code: 1011, reason: 'erro interno' });
  fails = false;
  const counter = await TestCounter.connect(server.url, HELLO);
  counter.say({ comando: 'ping' });
  t.ok(await counter.receive('pong'));
});

t.test('4000 from the session, also while it is being opened', async (t) => {
  const server = await startWsServer({
    prepare: (session) => session.transport.close(4000, 'formato de áudio não suportado: mp4'),
  });
  t.teardown(() => server.app.close());
  t.same(await refusedWith(HELLO, server), { code: 4000, reason: 'formato de áudio não suportado: mp4' });
  t.equal(await server.sessions[0]?.ended.promise, 'disconnect', 'it is ended all the same');
  t.equal(server.app.connections.sessions, 0);
});

t.test('4001 and 4003 while connected', async (t) => {
  const server = await startWsServer();
  t.teardown(() => server.app.close());
  for (const [why, code] of [
    ['revoked', 4001],
    ['replaced', 4001],
    ['suspended', 4003],
  ] as const) {
    const opened = server.nextSession();
    const counter = await TestCounter.connect(server.url, HELLO);
    await opened;
    t.equal(server.app.connections.refuse({ counterId: 'another', keyPrefix: 'bk_boa' }, why), 0);
    t.equal(server.app.connections.refuse({ counterId: 'c1', keyPrefix: 'bk_nova' }, why), 0, 'it has the new key');
    t.equal(server.app.connections.refuse({ counterId: 'c1', keyPrefix: 'bk_boa' }, why), 1);
    t.equal((await counter.closed).code, code);
  }
});

t.test('4001 within a second of a revocation somewhere else; a database that is away closes nobody', async (t) => {
  const revoked = new Set<string>();
  let asked = Promise.withResolvers<void>();
  const server = await startWsServer({
    limits: { sweepMs: 10 },
    refused: async (live) => {
      asked.resolve();
      if (revoked.size === 0) throw new Error('away');
      return live
        .filter(({ counterId }) => revoked.has(counterId))
        .map((each) => ({ ...each, why: 'revoked' as const }));
    },
  });
  t.teardown(() => server.app.close());
  const counter = await TestCounter.connect(server.url, HELLO);
  await asked.promise;
  asked = Promise.withResolvers<void>();
  await asked.promise;
  counter.say({ comando: 'ping' });
  t.ok(await counter.receive('pong'));
  revoked.add('c1');
  t.same(await counter.closed, { code: 4001, reason: 'chave revogada' });
});

t.test('1001: draining lets a counter finish and be answered', async (t) => {
  const release = Promise.withResolvers<void>();
  const server = await startWsServer();
  t.teardown(() => server.app.close());
  const opened = server.nextSession();
  const counter = await TestCounter.connect(server.url, HELLO);
  const waiting = await TestCounter.connect(server.url);
  const session = await opened;
  session.onEnd = async () => {
    await release.promise;
    session.transport.send({ comando: 'recomendar' });
  };
  const drained = server.app.connections.drain();
  t.equal((await waiting.closed).code, 1001, 'who was not let in yet goes at once');
  const late = new TestCounter(server.url);
  t.equal((await late.closed).code, 1001, 'nobody new');
  release.resolve();
  t.ok(await counter.receive('recomendar'), 'its last card');
  t.equal((await counter.closed).code, 1001);
  t.equal(await session.ended.promise, 'drain');
  await drained;
});

t.test('a session that never ends does not hold the drain for ever', async (t) => {
  const server = await startWsServer({ limits: { drainMs: 30, closeMs: 30 } });
  const opened = server.nextSession();
  const counter = await TestCounter.connect(server.url, HELLO);
  const session = await opened;
  session.onEnd = () => new Promise(() => {});
  const closed = server.app.close();
  t.equal((await counter.closed).code, 1001);
  await closed;
});

t.test('a reason fits its frame and ends with a whole character', async (t) => {
  t.equal(closeReason('curto'), 'curto');
  const cut = closeReason('ã'.repeat(100));
  t.equal(Buffer.byteLength(cut), 122);
  t.match(cut, /^ã+$/);
});

t.test(
  '4002: the limits of a client, and a process that has enough to do, asked in the moment a counter would come in',
  async (t) => {
    let most = 2;
    let overload: string | null = null;
    const asked: number[] = [];
    const server = await startWsServer({
      overload: () => overload,
      admit: async (_identity, own) => {
        asked.push(own);
        return (now) => (now < most ? null : 'limite de balcões do cliente atingido');
      },
    });
    t.teardown(() => server.app.close());
    const enter = async () => {
      const counter = await TestCounter.connect(server.url);
      counter.say(HELLO);
      counter.say({ comando: 'ping' });
      return Promise.race([counter.receive('pong').then(() => counter), counter.closed]);
    };
    const all = await Promise.all(Array.from({ length: 6 }, enter));
    const counters = all.filter((each) => each instanceof TestCounter);
    t.equal(counters.length, 2, 'six at once, and two come in');
    t.match(
      all.find((each) => !(each instanceof TestCounter)),
      { code: 4002, reason: /^limite de balcões do cliente atingido; retry_ms=\d{4}$/ },
    );
    t.ok(asked.every((own) => own <= 2));
    counters[0]?.socket.close();
    await counters[0]?.closed;
    most = 3;
    overload = 'memória no limite';
    t.match(await enter(), { code: 4002, reason: /^memória no limite; retry_ms=/ });
    overload = null;
    t.ok((await enter()) instanceof TestCounter);
  },
);

t.test('4002: nobody can tell how many of a client there are', async (t) => {
  const server = await startWsServer({ admit: async () => Promise.reject(new Error('away')) });
  t.teardown(() => server.app.close());
  t.match(await refusedWith(HELLO, server), { code: 4002, reason: /^banco de dados indisponível/ });
});
