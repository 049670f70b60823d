/** Balto itself, as `npm start` builds it, on a data folder of its own, with somebody watching. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Balto, createApp } from '../../core/app.ts';
import type { CardSeen, UtteranceSeen } from '../../core/counter/observer.ts';
import { listen } from '../../core/listen.ts';
import type { Attempt } from '../../core/runtime/types.ts';
import { answer } from './child.ts';
import type { Span } from './expected.ts';
import { type Measured, Meter, rssMb } from './meter.ts';
import { startProfile } from './profiler.ts';

/** One utterance as the session told of it. Times in ms of the machine's monotonic clock. */
export interface Told extends Span {
  sessionId: string;
  text: string;
  mode: 'segment' | 'stream';
  status: string;
  /** As the row stores it. */
  cutReason: string;
  segment: number;
  /** What the conversation got of it: noise marks and the overlap of forced cuts are gone. */
  said: string;
  lostMs: number;
  attempts: Tried[];
  cutAtMs: number;
  sentAtMs: number | null;
}

/** One attempt of it, in order. Times in ms of the machine's monotonic clock. */
export interface Tried {
  address: string;
  mode: 'batch' | 'stream';
  outcome: string;
  code: string | null;
  startedAtMs: number;
  endedAtMs: number;
  /** Null: nothing was handed over. */
  firstByteAtMs: number | null;
}

export interface Watched {
  measured: Measured;
  /** Resident memory before the counters came. */
  rssBeforeMb: number;
  utterances: Told[];
  /** Cards by what became of them. */
  cards: Record<string, number>;
  /** Of each card that was sent: from the gate's word to the socket, the journal between them. */
  sentMs: number[];
  /** VADs and cleaners that were replaced: above 0 it was not the same work any more. */
  degraded: number;
}

export type ServerQuestions = {
  /** Starts with these variables; registers one client and one counter. */
  start(env: Record<string, string>): Promise<{ url: string; apiKey: string }>;
  /** Resolves when `n` counters are in. Forgets what was seen before. */
  connected(n: number): Promise<void>;
  /** Resolves when all are gone, and what they said is stored. */
  idle(order: null): Promise<void>;
  /** Measures from now on; a profile goes to `profile`, and costs. */
  begin(order: { profile: string | null }): Promise<void>;
  /** Waits for so many utterances, at most `patienceMs`, and tells what happened since `begin`. */
  finish(order: { utterances: number; patienceMs: number }): Promise<Watched>;
  stop(order: null): Promise<void>;
};

/** `performance.now()` counts from the start of the process, on the same clock as hrtime. */
const EPOCH_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now();
/** Wall clock at the monotonic clock's zero. */
const WALL_MS = Date.now() - performance.now() - EPOCH_MS;
const LOOK_MS = 100;

let balto: Balto | undefined;
let folder = '';
let open = 0;
let degraded = 0;
let utterances: Told[] = [];
let cards: Record<string, number> = {};
let sentMs: number[] = [];
let rssBeforeMb = 0;
let endProfile: (() => Promise<void>) | undefined;
const meter = new Meter();

function seen({ sessionId, text, utterance, outcome }: UtteranceSeen): void {
  const { startSample, endSample, speechEndSample, cutAtMs, cutReason } = utterance;
  utterances.push({
    sessionId,
    text: outcome.transcript?.text ?? text,
    mode: outcome.decision.mode,
    status: outcome.status,
    cutReason,
    segment: utterance.segment,
    said: text,
    lostMs: outcome.lostMs,
    attempts: outcome.attempts.map(tried),
    startSample,
    endSample,
    speechEndSample,
    cutAtMs: cutAtMs + EPOCH_MS,
    sentAtMs: outcome.sentAtMs === null ? null : outcome.sentAtMs + EPOCH_MS,
  });
}

function tried({ address, mode, outcome, error, startedAt, queueMs, durationMs, firstByteMs }: Attempt): Tried {
  const startedAtMs = Date.parse(startedAt) - WALL_MS;
  return {
    address,
    mode,
    outcome,
    code: error?.code ?? null,
    startedAtMs,
    endedAtMs: startedAtMs + queueMs + durationMs,
    firstByteAtMs: firstByteMs === null ? null : startedAtMs + firstByteMs,
  };
}

function watch({ observer }: Balto): void {
  observer.on('opened', () => open++);
  observer.on('closed', () => open--);
  observer.on('degraded', () => degraded++);
  observer.on('utterance', seen);
  observer.on('card', ({ delivery, source, waterfall }: CardSeen) => {
    if (delivery === 'enviado') sentMs.push(waterfall.sent);
    const kind = `${delivery} (${source})`;
    cards[kind] = (cards[kind] ?? 0) + 1;
  });
}

async function registered({ app }: Balto): Promise<string> {
  const client = await app.inject({
    method: 'POST',
    url: '/cadastro/cliente',
    payload: { email: 'bench@example.com', razao_social: 'Farmácia de medição' },
  });
  const counter = await app.inject({
    method: 'POST',
    url: '/cadastro/balcao',
    payload: { nome_balcao: 'Caixa', user_codigo: client.json<{ codigo: string }>().codigo },
  });
  return counter.json<{ api_key: string }>().api_key;
}

async function until(holds: () => boolean, patienceMs: number): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!holds() && performance.now() < end) await new Promise((done) => setTimeout(done, LOOK_MS));
}

answer<ServerQuestions>({
  async start(env) {
    folder = await mkdtemp(join(tmpdir(), 'balto-bench-'));
    balto = await createApp({ env: { BALTO_DATA_DIR: folder, BALTO_LOG_LEVEL: 'silent', ...env } });
    watch(balto);
    const apiKey = await registered(balto);
    const { port } = await listen(balto.app, { port: 0, host: '127.0.0.1' });
    return { url: `ws://127.0.0.1:${port}/ws`, apiKey };
  },
  async connected(n) {
    rssBeforeMb = rssMb();
    utterances = [];
    cards = {};
    sentMs = [];
    degraded = 0;
    await until(() => open >= n, 20_000);
    if (open !== n) throw new Error(`${open} of ${n} counters are in`);
  },
  async idle() {
    await until(() => open === 0, 90_000);
  },
  async begin({ profile }) {
    endProfile = profile === null ? undefined : await startProfile(profile);
    meter.start();
  },
  async finish({ utterances: wanted, patienceMs }) {
    await until(() => utterances.length >= wanted, patienceMs);
    const measured = meter.stop();
    await endProfile?.();
    return { measured, rssBeforeMb, utterances, cards, sentMs, degraded };
  },
  async stop() {
    await balto?.close();
    await rm(folder, { recursive: true, force: true });
  },
});
