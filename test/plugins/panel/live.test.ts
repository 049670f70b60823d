import { mock } from 'node:test';
import t, { type Test } from 'tap';
import { LiveConnection, type Source } from '../../../plugins/panel/web/src/pages/live/connection.ts';
import { LiveModel } from '../../../plugins/panel/web/src/pages/live/model.ts';
import type { CardShown, LiveEvents, UtteranceShown } from '../../../plugins/panel/web/src/pages/live/types.ts';
import { moodOf, passes } from '../../../plugins/panel/web/src/pages/live/view.ts';

const AT = '2026-11-21T12:00:00.000Z';
const NOW = Date.parse(AT);
const MINUTE_MS = 60_000;

function session(over: Partial<LiveEvents['opened']> = {}): LiveEvents['opened'] {
  return {
    sessionId: 's1',
    counterId: 'b1',
    clientId: 'c1',
    counterName: 'Caixa 1',
    protocol: 2,
    since: AT,
    state: 'listening',
    stateSince: AT,
    degraded: [],
    rule: null,
    providers: { stt: null, llm: null },
    lastUtteranceAt: null,
    isOwn: true,
    ...over,
  };
}

function utterance(interactionId: number, over: Partial<UtteranceShown> = {}): UtteranceShown {
  return {
    sessionId: 's1',
    counterId: 'b1',
    clientId: 'c1',
    interactionId,
    segment: interactionId,
    at: new Date(NOW + interactionId * 1000).toISOString(),
    status: 'answered',
    durationMs: 2000,
    snrDb: 20,
    provider: 'stt/acme',
    decision: { rule: 'lista', mode: 'stream', rejected: [] },
    attempts: [],
    waterfall: { stt: 300 },
    costMicroUsd: 10,
    isEmpty: false,
    text: `fala ${interactionId}`,
    ...over,
  };
}

function card(interactionId: number, over: Partial<CardShown> = {}): CardShown {
  const { sessionId, counterId, clientId, at } = utterance(interactionId);
  return {
    sessionId,
    counterId,
    clientId,
    at,
    interactionId,
    segments: [interactionId],
    delivery: 'enviado',
    source: 'modelo',
    itemCount: 1,
    blockedCount: 0,
    confidence: 'alta',
    provider: 'llm/acme',
    attempts: [],
    waterfall: { stt: 300, llm: 500 },
    costMicroUsd: 20,
    items: [{ sugestao: 'Soro', explicacao: '', tag: 'outros' }],
    ...over,
  };
}

function modelWith(...sessions: LiveEvents['opened'][]): LiveModel {
  const model = new LiveModel(() => NOW);
  for (const each of sessions) model.take('opened', each);
  model.flush();
  return model;
}

t.test('a word after the other, then the utterance, then the card, in one line', async (t) => {
  const model = modelWith(session());
  const counter = model.get('b1');
  model.take('partial', { ...utterance(1), segment: 1, text: 'boa' });
  model.take('partial', { ...utterance(1), segment: 1, text: 'boa tarde' });
  t.equal(counter?.partial.value, null, 'nothing moves between two flushes');
  model.flush();
  t.equal(counter?.partial.value, 'boa tarde');
  model.take('partial', { ...utterance(1), segment: 1, text: 'boa tarde, eu' });
  model.take('utterance', utterance(1));
  model.flush();
  t.equal(counter?.partial.value, null, 'a partial that was overtaken is not shown');
  model.take('card', card(1));
  model.flush();
  t.match(counter?.lines.value, [{ interactionId: 1, utterance: { text: 'fala 1' }, card: { delivery: 'enviado' } }]);
  t.equal(counter?.lastCard.value?.interactionId, 1);
});

t.test('what is stored fills holes: no line twice, nothing fuller replaced, in the order spoken', async (t) => {
  const model = modelWith(session());
  const counter = model.get('b1');
  model.take('utterance', utterance(3));
  model.take('card', card(3));
  for (const id of [1, 2, 3]) {
    model.take('utterance', utterance(id, { isPast: true, text: `guardada ${id}` }));
    model.take('card', card(id, { isPast: true, waterfall: {} }));
  }
  model.flush();
  t.same(
    counter?.lines.value.map((line) => [line.interactionId, line.utterance?.text]),
    [
      [1, 'guardada 1'],
      [2, 'guardada 2'],
      [3, 'fala 3'],
    ],
  );
  t.same(counter?.lines.value[2]?.card?.waterfall, { stt: 300, llm: 500 });
  t.same(counter?.lastCard.value?.waterfall, { stt: 300, llm: 500 });
  model.take('card', card(3, { delivery: 'aguarda_retomada' }));
  model.flush();
  t.equal(counter?.lastCard.value?.delivery, 'aguarda_retomada', 'news of the same card');
});

t.test('history is bounded, noise is no line', async (t) => {
  const model = modelWith(session());
  for (let id = 1; id <= 100; id++) model.take('utterance', utterance(id, { isEmpty: id % 2 === 0 }));
  model.take('utterance', utterance(101, { isEmpty: true, status: 'lost' }));
  model.flush();
  const lines = model.get('b1')?.lines.value ?? [];
  t.equal(lines.length, 30);
  t.equal(lines.at(-1)?.utterance?.status, 'lost', 'a loss is said');
  t.equal(lines.at(-2)?.interactionId, 99);
});

t.test('a counter with two devices is on line while one is; then it is shown for a while', async (t) => {
  let now = NOW;
  const model = new LiveModel(() => now);
  model.take('opened', session());
  model.take('opened', session({ sessionId: 's2', state: 'speaking' }));
  model.flush();
  const counter = model.get('b1');
  t.equal(counter?.standing.value.state, 'speaking', 'the liveliest counts');
  const closed = { sessionId: 's2', counterId: 'b1', clientId: 'c1' };
  model.take('closed', closed);
  model.flush();
  t.equal(counter?.standing.value.state, 'listening');
  model.take('closed', { ...closed, sessionId: 's1' });
  model.flush();
  t.equal(counter?.standing.value.state, 'offline');
  now += 9 * MINUTE_MS;
  model.sweep();
  t.equal(model.counters.value.length, 1);
  now += 2 * MINUTE_MS;
  model.sweep();
  t.equal(model.counters.value.length, 0);
});

t.test('a snapshot is how things stand: who is not in it has left', async (t) => {
  const model = modelWith(session(), session({ sessionId: 's9', counterId: 'b9', counterName: 'Caixa 9' }));
  const list = model.counters.value;
  model.take('snapshot', {
    at: AT,
    sessions: [session({ state: 'paused' })],
    alerts: [{ id: 4, clientId: 'c1', kind: 'budget.warned', subject: 'client:c1', at: AT }],
    costs: [{ clientId: 'c1', microUsd: 70, counters: { b1: 50 } }],
    providers: [{ kind: 'stt', address: 'stt/acme', reason: 'timeout', since: AT }],
    pastSince: AT,
    isPastCut: false,
    reads: true,
  });
  model.take('alert', { id: 4, clientId: 'c1', kind: 'budget.warned', subject: 'client:c1', at: AT, isOpen: false });
  model.take('provider', { kind: 'stt', address: 'stt/acme', what: 'recovered', reason: 'timeout' });
  model.flush();
  t.equal(model.counters.value, list, 'the same list while nobody comes or goes');
  t.equal(model.get('b1')?.standing.value.state, 'paused');
  t.equal(model.get('b9')?.standing.value.state, 'offline');
  t.equal(model.get('b1')?.microUsd.value, 50);
  t.equal(model.microUsd.value, 70);
  t.same(model.alerts.value, []);
  t.same(model.providers.value, []);
});

t.test('who listens and hears nothing for long is silent, and is found', async (t) => {
  const model = modelWith(session({ counterName: 'Balcão São João' }));
  const counter = model.get('b1');
  if (!counter) throw new Error('there is a counter');
  t.equal(moodOf(counter, NOW + 9 * MINUTE_MS), 'listening');
  t.equal(moodOf(counter, NOW + 11 * MINUTE_MS), 'silent');
  const look = { text: '', state: 'look' } as const;
  t.notOk(passes(counter, look, NOW));
  t.ok(passes(counter, look, NOW + 11 * MINUTE_MS));
  t.ok(passes(counter, { text: 'sao joao', state: 'online' }, NOW));
  t.notOk(passes(counter, { text: 'maria', state: 'all' }, NOW));
  model.take('utterance', utterance(600));
  model.flush();
  t.equal(moodOf(counter, NOW + 11 * MINUTE_MS), 'listening', 'it has spoken since');
});

/** The browser's end of a stream, driven by the test. */
class FakeSource implements Source {
  readonly listeners = new Map<string, (event: { data: string; lastEventId: string }) => void>();
  isClosed = false;
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  addEventListener(kind: string, listener: (event: { data: string; lastEventId: string }) => void): void {
    this.listeners.set(kind, listener);
  }

  say(kind: string, data: object = {}, lastEventId = ''): void {
    this.listeners.get(kind)?.({ data: JSON.stringify(data), lastEventId });
  }

  close(): void {
    this.isClosed = true;
  }
}

function connected(t: Test) {
  const clock = mock.timers;
  clock.enable({ apis: ['setTimeout', 'setInterval', 'Date'] });
  t.teardown(() => clock.reset());
  const sources: FakeSource[] = [];
  const told: string[] = [];
  const connection = new LiveConnection({
    open: (url) => {
      const source = new FakeSource(url);
      sources.push(source);
      return source;
    },
    onEvent: (kind) => told.push(kind),
    onRefused: () => told.push('refused'),
    onAccess: () => told.push('access'),
    onRestart: () => told.push('restart'),
    random: () => 1,
  });
  const last = () => {
    const source = sources.at(-1);
    if (!source) throw new Error('nothing was opened');
    return source;
  };
  return { connection, sources, told, last, clock };
}

t.test('a lost stream is opened again where it stopped, later and later', async (t) => {
  const { connection, sources, told, last, clock } = connected(t);
  connection.start('c 1');
  t.equal(last().url, '/api/v1/live?clientId=c%201');
  last().say('hello', { boot: 'a' });
  last().say('state', {}, 'a.7.1');
  t.equal(connection.state.value, 'live');
  last().say('error');
  t.equal(connection.state.value, 'lost');
  t.ok(last().isClosed);
  clock.tick(500);
  t.equal(last().url, '/api/v1/live?clientId=c%201&after=a.7.1');
  const before = sources.length;
  last().say('error');
  clock.tick(999);
  t.equal(sources.length, before, 'not at once');
  clock.tick(1);
  t.equal(sources.length, before + 1);
  t.same(told, ['hello', 'state', 'refused'], 'one that was never opened may mean that the session is over');
  last().say('hello', { boot: 'b' });
  t.ok(told.includes('restart'), 'another process may bring another panel');
  connection.stop();
});

t.test('a stream that says nothing is dead, one that was ended for its rights begins anew', async (t) => {
  const { connection, sources, told, last, clock } = connected(t);
  connection.start(null);
  last().say('hello', { boot: 'a' });
  last().say('card', {}, 'a.9.1');
  clock.tick(20_000);
  last().say('ping');
  clock.tick(20_000);
  t.equal(sources.length, 1, 'a ping is a sign of life');
  clock.tick(15_000);
  clock.tick(500);
  t.equal(sources.length, 2);
  last().say('hello', { boot: 'a' });
  last().say('end', { reason: 'access' });
  t.equal(told.at(-1), 'access');
  clock.tick(1000);
  t.equal(last().url, '/api/v1/live', 'nothing of what was seen is gone on from');
  connection.stop();
});
