import type { Utterance } from '../audio/types.ts';
import { type Clock, CORE_SAMPLE_RATE_HZ } from '../contracts/index.ts';
import type { SttOutcome } from '../runtime/types.ts';
import type { Interaction } from '../store/interaction.ts';

/** What a turn must remember of an utterance whose row is already written. */
export interface RowReference {
  interactionId: number;
  segment: number;
  costMicroUsd: number;
  filters: unknown;
  /** `ts_transcription_ready` as the row has it, or the arrival. */
  readyAt: Date;
  /** Monotonic ms of the acoustic end of speech, of the cut and of the transcript. */
  spokenAtMs: number;
  cutAtMs: number;
  readyAtMs: number;
  decodeMs: number;
  vadMs: number;
}

/**
 * What is kept of a row in the journal; `now` stands for a transcript that never came. `lateMs`: how long before its
 * sound arrived it was said.
 */
export function rowReference(
  row: Interaction,
  { utterance, outcome, lateMs }: { utterance: Utterance; outcome: SttOutcome; lateMs: number },
  filters: unknown,
  now: number,
): RowReference {
  const { cutAtMs, endSample, speechEndSample, timings } = utterance;
  return {
    interactionId: row.id,
    segment: utterance.segment,
    costMicroUsd: outcome.costMicroUsd,
    filters,
    readyAt: row.tsTranscriptionReady ?? utterance.receivedAt,
    spokenAtMs: cutAtMs - ((endSample - speechEndSample) / CORE_SAMPLE_RATE_HZ) * 1000 - lateMs,
    cutAtMs,
    readyAtMs: outcome.readyAtMs ?? now,
    decodeMs: timings.decodeMs,
    vadMs: timings.vadMs,
  };
}

/** The same as plain data: times on the wall clock, in milliseconds, which another process has too. */
export type SavedRow = Omit<RowReference, 'readyAt'> & { readyAt: number };

/** Between the monotonic clock of this process and the wall clock, at one moment. */
export interface ClockPair {
  nowMs: number;
  wallMs: number;
}

export function clockPair(clock: Clock): ClockPair {
  return { nowMs: clock.now(), wallMs: clock.date().getTime() };
}

export function saveRow(row: RowReference, { nowMs, wallMs }: ClockPair): SavedRow {
  return { ...row, readyAt: row.readyAt.getTime(), ...moved(row, wallMs - nowMs) };
}

export function restoreRow(row: SavedRow, { nowMs, wallMs }: ClockPair): RowReference {
  return { ...row, readyAt: new Date(row.readyAt), ...moved(row, nowMs - wallMs) };
}

function moved({ spokenAtMs, cutAtMs, readyAtMs }: RowReference | SavedRow, byMs: number) {
  return { spokenAtMs: spokenAtMs + byMs, cutAtMs: cutAtMs + byMs, readyAtMs: readyAtMs + byMs };
}
