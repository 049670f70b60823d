import Fastify from 'fastify';
import t, { type Test } from 'tap';
import type { Gauges } from '../../core/contracts/index.ts';
import { Observer, type UtteranceSeen } from '../../core/counter/observer.ts';
import { access } from '../../core/http/access.ts';
import type { Attempt } from '../../core/runtime/types.ts';
import { STARTING, telemetryOf } from '../../core/telemetry.ts';
import metricsPlugin from '../../plugins/metrics/index.ts';
import { usage } from '../helpers/interactions.ts';

const TOKEN = 'um-token-de-leitura';
const READ = { authorization: `Bearer ${TOKEN}` };
const WHO = { sessionId: 's', counterId: 'balcao-1', clientId: 'cliente-1' };
const OPENED = { ...WHO, counterName: 'Caixa 1', protocol: 1 as const };

/** The plugin over an observer, as the server loads it. */
async function start(t: Test, options: { token?: string; labels?: string[]; gauges?: () => Gauges } = {}) {
  const app = Fastify();
  const observer = new Observer();
  const { token = TOKEN, labels = [], gauges = () => STARTING } = options;
  app.decorate('telemetry', telemetryOf(observer, gauges, { metricsToken: token || undefined, metricsLabels: labels }));
  await app.register(access);
  await app.register(metricsPlugin);
  t.teardown(() => app.close());
  const get = (headers: Record<string, string> = READ) => app.inject({ url: '/metrics', headers });
  /** Value of one series, by its name with its labels. */
  const value = async (series: string): Promise<number | undefined> => {
    const line = (await get()).body.split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };
  return { observer, get, value };
}

function attempt(fields: Partial<Attempt>): Attempt {
  const base = { address: 'stt/acme', purpose: 'answer', at: '2026-11-21T12:00:00Z', mode: 'stream' } as const;
  return {
    ...base,
    outcome: 'answered',
    queueMs: 0,
    durationMs: 300,
    replayedMs: 0,
    usage: [],
    costMicroUsd: 5,
    ...fields,
  } as Attempt;
}

function utterance(attempts: Attempt[], outcome: object = {}): UtteranceSeen {
  const answered = { status: 'answered', address: 'stt/acme', readyAtMs: 1400, attempts, ...outcome };
  return {
    ...WHO,
    segment: 1,
    text: 'dor de cabeça',
    utterance: { cutAtMs: 1000 },
    outcome: answered,
  } as unknown as UtteranceSeen;
}

t.test('nobody reads without the token, and nothing is read where there is none', async (t) => {
  const open = await start(t);
  t.equal((await open.get()).statusCode, 200);
  t.match((await open.get()).headers['content-type'], /^text\/plain; version=0\.0\.4/);
  for (const headers of [
    {},
    { authorization: TOKEN },
    { authorization: `Bearer ${TOKEN}x` },
    { authorization: 'Bearer ' },
  ]) {
    const answer = await open.get(headers as Record<string, string>);
    t.equal(answer.statusCode, 401);
    t.notMatch(answer.body, /balto_/);
  }
  const closed = await start(t, { token: '' });
  t.equal((await closed.get()).statusCode, 401);
  t.equal((await closed.get({ authorization: 'Bearer null' })).statusCode, 401);
  t.equal(closed.observer.listenerCount('utterance'), 0, 'nor is anything measured');
});

t.test('what happens at the counters is counted', async (t) => {
  const { observer, get, value } = await start(t);
  t.equal(await value('balto_audio_lost_ms_total'), 0, 'there from the start: an alert on it needs no first loss');
  observer.emit('opened', OPENED);
  observer.emit('opened', { ...OPENED, counterId: 'balcao-2' });
  observer.emit('closed', WHO);
  t.same([await value('balto_counters_online'), await value('balto_counter_sessions_total')], [1, 2]);
  const failed = attempt({
    address: 'stt/b:m',
    outcome: 'failed',
    error: { code: 'timeout', blame: 'vendor' },
    queueMs: 1200,
  });
  observer.emit('utterance', utterance([failed, attempt({ purpose: 'hedge' })]));
  observer.emit('utterance', utterance([], { status: 'lost', address: null, readyAtMs: null }));
  observer.emit('lost', { ...WHO, segment: 2, lostMs: 4321 });
  const attempts = 'balto_attempts_total';
  t.equal(
    await value(`${attempts}{provider="stt/b:m",mode="stream",outcome="failed",purpose="answer",error="timeout"}`),
    1,
  );
  t.equal(await value(`${attempts}{provider="stt/acme",mode="stream",outcome="answered",purpose="hedge",error=""}`), 1);
  t.same(
    [await value('balto_utterances_total{status="answered"}'), await value('balto_utterances_total{status="lost"}')],
    [1, 1],
  );
  t.equal(await value('balto_audio_lost_ms_total'), 4321);
  t.equal(await value('balto_transcription_seconds_sum{provider="stt/acme"}'), 0.4);
  t.equal(await value('balto_attempt_queue_seconds_bucket{le="1",provider="stt/b:m"}'), 0);
  t.equal(await value('balto_attempt_queue_seconds_bucket{le="2",provider="stt/b:m"}'), 1);
  const waterfall = { hangOver: 900, decode: 40, vad: 60, stt: 400, context: 0, llm: 700, gate: 1, sent: 2 };
  const card = {
    ...WHO,
    interactionId: 1,
    card: null,
    delivery: 'enviado',
    source: 'modelo',
    reason: null,
  } as const;
  const asked = attempt({ address: 'llm/m', mode: 'batch' });
  observer.emit('card', { ...card, segments: [1], gate: [], waterfall, attempts: [asked], costMicroUsd: 5 });
  t.equal(await value('balto_stage_seconds_sum{stage="stt"}'), 0.4);
  t.equal(
    Number((await value('balto_stage_seconds_sum{stage="total"}'))?.toFixed(6)),
    2.003,
    'without what ran beside speech',
  );
  t.equal(await value('balto_cards_total{delivery="enviado",source="modelo"}'), 1);
  t.equal(await value('balto_attempt_seconds_count{provider="llm/m",mode="batch"}'), 1);
  observer.emit('billed', [
    usage({ provider: 'stt/acme', costMicroUsd: 70 }),
    usage({ provider: 'stt/acme', costMicroUsd: 7, purpose: 'shadow' }),
  ]);
  t.equal(await value('balto_cost_micro_usd_total{provider="stt/acme",purpose="answer"}'), 70);
  t.equal(await value('balto_cost_micro_usd_total{provider="stt/acme",purpose="shadow"}'), 7);
  observer.emit('degraded', { ...WHO, what: 'vad', by: 'vad/webrtc' });
  t.equal(await value('balto_ear_degraded_total{what="vad"}'), 1);
  t.notMatch((await get()).body, /cliente-1|balcao-1|cabeça/, 'no client, no counter, nothing that was said');
});

t.test('clients and counters are labels where they are asked for', async (t) => {
  const { observer, value } = await start(t, { labels: ['client', 'counter'] });
  observer.emit('lost', { ...WHO, segment: 1, lostMs: 10 });
  observer.emit('billed', [usage({ clientId: 'c', counterId: null, provider: 'stt/x', costMicroUsd: 3 })]);
  t.equal(await value('balto_audio_lost_ms_total{client="cliente-1",counter="balcao-1"}'), 10);
  t.equal(await value('balto_cost_micro_usd_total{provider="stt/x",purpose="answer",client="c",counter=""}'), 3);
});

t.test('how things stand is looked up when it is read', async (t) => {
  let gauges: Gauges = {
    ...STARTING,
    pending: 2,
    journalFullness: 0.25,
    isDatabaseReady: true,
    queues: [
      { address: 'stt/acme', taken: 3, waiting: 1 },
      { address: 'stt/acme', taken: 1, waiting: 4 },
    ],
    health: [
      { address: 'stt/acme', model: 'm', state: 'open', degraded: false },
      { address: 'stt/acme', model: 'm', state: 'closed', degraded: true },
    ],
  };
  const { value } = await start(t, { gauges: () => gauges });
  t.same(
    [
      await value('balto_connections_pending'),
      await value('balto_journal_fullness'),
      await value('balto_database_ready'),
    ],
    [2, 0.25, 1],
  );
  t.same(
    [
      await value('balto_provider_places_taken{provider="stt/acme"}'),
      await value('balto_provider_queue{provider="stt/acme"}'),
    ],
    [4, 5],
  );
  t.equal(await value('balto_provider_health{provider="stt/acme",model="m",state="open"}'), 1);
  t.equal(await value('balto_provider_health{provider="stt/acme",model="m",state="degraded"}'), 1);
  gauges = { ...gauges, health: [], isDatabaseReady: false };
  t.equal(
    await value('balto_provider_health{provider="stt/acme",model="m",state="open"}'),
    undefined,
    'what is gone is gone',
  );
  t.equal(await value('balto_database_ready'), 0);
  const settle = () => new Promise((resolve) => setTimeout(resolve, 30));
  await settle();
  const until = performance.now() + 60;
  while (performance.now() < until);
  await settle();
  t.ok(((await value('balto_event_loop_lag_seconds{quantile="1"}')) ?? 0) > 0.03);
  t.ok(((await value('process_resident_memory_bytes')) ?? 0) > 1e7);
});
