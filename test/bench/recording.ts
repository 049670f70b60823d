import { setTimeout } from 'node:timers/promises';
import { prepareDecoders, StreamDecoder } from '../../core/audio/decode/index.ts';
import type { Log } from '../../core/contracts/index.ts';
import { conversation } from '../helpers/conversation.ts';

/** What a recorder hands over at once. */
export const STEP_MS = 250;
/** Read in pieces so small that a step's end is found within one Opus packet. */
const PROBE_BYTES = 16;

export const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Ends, in bytes of `conversa.webm`, of the recorder's steps: step k holds the sound up to (k + 1) × 250 ms. */
export async function recorderSteps(): Promise<number[]> {
  await prepareDecoders();
  const { webm } = conversation();
  const decoder = new StreamDecoder({ onPcm: () => {}, onUnsupported: () => {}, log: SILENT });
  const ends: number[] = [];
  for (let at = 0; at < webm.length; at += PROBE_BYTES) {
    decoder.push(webm.subarray(at, at + PROBE_BYTES));
    while (decoder.samples >= (ends.length + 1) * STEP_MS * 16) ends.push(Math.min(at + PROBE_BYTES, webm.length));
  }
  decoder.close();
  return ends;
}

/** One counter's bytes, handed over at real time; what a paced stream needs to know. */
export interface Pace {
  /** From {@link recorderSteps}. */
  ends: number[];
  /** How many steps each counter sends. */
  steps: number;
  /** The counters begin spread over so many milliseconds, 0 for one step; within a step they are spread evenly. */
  spreadMs: number;
  /** Default: the recorder's WebM. The WAV is what the coverage emulators know to the sample. */
  file?: 'webm' | 'wav';
}

const WAV_HEADER_BYTES = 44;
const WAV_BYTES_PER_MS = 32;

/** The same steps over `conversa.wav`, for the first `ms` of it. */
export function wavSteps(ms: number): number[] {
  return Array.from(
    { length: Math.ceil(ms / STEP_MS) },
    (_, step) => WAV_HEADER_BYTES + Math.min((step + 1) * STEP_MS, ms) * WAV_BYTES_PER_MS,
  );
}

/**
 * Runs `count` streams at real time: each step of each at its own moment. A step that is late is sent at once, so that
 * the pace holds. Resolves when the last byte is out, with how late the latest step was, in ms.
 */
export async function paced(
  count: number,
  pace: Pace,
  send: (stream: number, bytes: Uint8Array) => void,
): Promise<number> {
  const bytes = conversation()[pace.file ?? 'webm'];
  const startedAt = performance.now();
  let lateMs = 0;
  const one = async (stream: number) => {
    const startStep = Math.floor((stream * pace.spreadMs) / (count * STEP_MS));
    const phaseMs = startStep * STEP_MS + (stream * STEP_MS) / count;
    for (let step = 0; step < pace.steps; step++) {
      const waitMs = startedAt + phaseMs + step * STEP_MS - performance.now();
      // Also a late step lets the others have their turn.
      await setTimeout(Math.max(0, waitMs));
      lateMs = Math.max(lateMs, performance.now() - startedAt - phaseMs - step * STEP_MS);
      send(stream, bytes.subarray(step === 0 ? 0 : pace.ends[step - 1], pace.ends[step]));
    }
  };
  await Promise.all(Array.from({ length: count }, (_, stream) => one(stream)));
  return lateMs;
}
