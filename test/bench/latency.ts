import { Child } from './child.ts';
import type { CardSeen, LoadQuestions } from './load-child.ts';
import { type Machine, machine, machineLine } from './machine.ts';
import { marksIn } from './marks.ts';
import { recorderSteps, STEP_MS } from './recording.ts';
import type { ServerQuestions, Told, Watched } from './server-child.ts';
import type { Marked, VendorQuestions } from './vendors-child.ts';

export interface Spread {
  count: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

export interface LatencyFigures {
  machine: Machine;
  n: number;
  /**
   * Batch: from the cut to the request, by the server's own stamps; and to the vendor having read all of it. From the
   * model's answer, passed by the gate, to the counter's socket, by the server's own stamps; and from the vendor's process
   * to the counter's, networks, their event loops and the reading of the answer included.
   */
  batch: { cutToRequest: Spread; cutToVendor: Spread; answerToSocket: Spread; answerToCounter: Spread };
  /** Stream: from the cut to the vendor having read the order to finish. */
  stream: { cutToFinalize: Spread; answerToSocket: Spread; answerToCounter: Spread };
}

export interface LatencyOrder {
  n: number;
  seconds: number;
}

/** What the emulated vendors take to answer: as long as real ones roughly do, so that work overlaps as it does with them. */
const VENDOR_MS = { sttMs: 300, llmMs: 800 };
/** People do not speak in step: the counters begin spread over so long. */
const SPREAD_MS = 15_000;
const PATIENCE_MS = 8000;

/** How long Balto itself keeps an utterance and an answer, with `n` counters at once and vendors in another process. */
export async function latency({ n, seconds }: LatencyOrder, say: (line: string) => void): Promise<LatencyFigures> {
  const where = machine();
  say(machineLine(where));
  const batch = await measured(n, seconds, { BALTO_STT: 'stt/elevenlabs', ELEVENLABS_MAX_CONCURRENT: String(n) });
  const stream = await measured(n, seconds, { BALTO_STT: 'stt/deepgram', DEEPGRAM_MAX_CONCURRENT: String(n) });
  const figures: LatencyFigures = {
    machine: where,
    n,
    batch: {
      cutToRequest: spread(batch.utterances.flatMap(({ sentAtMs, cutAtMs }) => (sentAtMs ?? Number.NaN) - cutAtMs)),
      cutToVendor: spread(toVendor(batch.utterances, batch.heard)),
      answerToSocket: spread(batch.sentMs),
      answerToCounter: spread(toCounter(batch.arrived, batch.answered)),
    },
    stream: {
      cutToFinalize: spread(toVendor(stream.utterances, stream.heard)),
      answerToSocket: spread(stream.sentMs),
      answerToCounter: spread(toCounter(stream.arrived, stream.answered)),
    },
  };
  say(`batch,  ${n} counters: from the cut to the request   ${line(figures.batch.cutToRequest)}`);
  say(`        from the cut until the vendor has read it  ${line(figures.batch.cutToVendor)}`);
  say(`        from the checked answer to the socket      ${line(figures.batch.answerToSocket)}`);
  say(`        from the model to the counter              ${line(figures.batch.answerToCounter)}`);
  say(`        ${detail(batch)}`);
  say(`stream, ${n} counters: from the cut to finalize      ${line(figures.stream.cutToFinalize)}`);
  say(`        from the checked answer to the socket      ${line(figures.stream.answerToSocket)}`);
  say(`        from the model to the counter              ${line(figures.stream.answerToCounter)}`);
  say(`        ${detail(stream)}`);
  return figures;
}

type Run = Watched & { heard: Marked; answered: Marked; arrived: CardSeen[]; lateMs: number };

async function measured(n: number, seconds: number, env: Record<string, string>): Promise<Run> {
  const vendors = new Child<VendorQuestions>('vendors-child.ts');
  const server = new Child<ServerQuestions>('server-child.ts');
  const load = new Child<LoadQuestions>('load-child.ts');
  try {
    const keys = await vendors.ask('start', VENDOR_MS);
    const door = await server.ask('start', { ...keys, BALTO_LLM: 'llm/openai', ...env });
    const arrived = server.ask('connected', n);
    await load.ask('connect', { ...door, n });
    await arrived;
    const ends = await recorderSteps();
    await server.ask('begin', { profile: null });
    const steps = Math.min(ends.length, Math.floor((seconds * 1000) / STEP_MS));
    const { lateMs } = await load.ask('stream', { ends, steps, spreadMs: SPREAD_MS });
    // Nobody knows how many there will be: the last one is cut, answered and shown within this time.
    const watched = await server.ask('finish', { utterances: Number.MAX_SAFE_INTEGER, patienceMs: PATIENCE_MS });
    const cards = await load.ask('disconnect', null);
    const told = await vendors.ask('tell', null);
    await server.ask('idle', null);
    await server.ask('stop', null);
    return { ...watched, ...told, arrived: cards, lateMs };
  } finally {
    await load.close();
    await server.close();
    await vendors.close();
  }
}

/** The last mark of an utterance is what the vendor said when it was told to finish. */
function toVendor(utterances: Told[], heard: Marked): number[] {
  return utterances.map(({ text, cutAtMs }) => (heard[marksIn(text).at(-1) ?? ''] ?? Number.NaN) - cutAtMs);
}

function toCounter(cards: CardSeen[], answered: Marked): number[] {
  return cards.map(({ atMs, baseText }) => atMs - (answered[marksIn(baseText).at(-1) ?? ''] ?? Number.NaN));
}

/** What could not be matched is left out, and shows in the count. */
function spread(values: number[]): Spread {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const at = (share: number) => Number((sorted[Math.ceil(share * sorted.length) - 1] ?? 0).toFixed(1));
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

function line({ count, p50Ms, p99Ms, maxMs }: Spread): string {
  return `p50 ${p50Ms} ms, p99 ${p99Ms} ms, worst ${maxMs} ms (${count})`;
}

function detail({ utterances, cards, measured: { loopP99Ms }, lateMs }: Run): string {
  const statuses = Object.entries(Object.groupBy(utterances, ({ status }) => status));
  const count = statuses.map(([status, those]) => `${those?.length} ${status}`).join(', ');
  const delivered = Object.entries(cards).map(([kind, times]) => `${times} ${kind}`);
  return `utterances: ${count}; cards: ${delivered.join(', ')}; event loop p99 ${loopP99Ms.toFixed(1)} ms; load at most ${Math.round(lateMs)} ms late`;
}
