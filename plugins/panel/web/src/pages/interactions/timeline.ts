import { type Detailed, listOf, member, numberOf, textOf } from './types.ts';

/** A stretch of the time from the end of speech to the card. */
export interface Bar {
  key: string;
  /** `stage`: a step that was waited for; `attempt`: what was asked of one provider meanwhile. */
  kind: 'stage' | 'attempt';
  /** Of a stage its name, of an attempt the provider's address. */
  name: string;
  outcome: string | null;
  /** From the end of speech. */
  startMs: number;
  durationMs: number;
}

/** Each step begins where the one before it ended; with no time of its own it is left out. */
const STEPS = [
  ['hangOver', 'tsAudioReceived'],
  ['stt', 'tsTranscriptionReady'],
  ['context', 'tsAiRequest'],
  ['llm', 'tsAiResponse'],
  ['sent', 'tsClientSent'],
] as const;

/** Steps and attempts on one line of time, in the order they began. */
export function barsOf(row: Pick<Detailed, 'times' | 'decision' | 'gate'>): Bar[] {
  const zero = msOf(row.times['tsSpeechEnd'] ?? row.times['tsAudioReceived']);
  if (zero === null) return [];
  const bars: Bar[] = [];
  let last = zero;
  for (const [name, end] of STEPS) {
    const at = msOf(row.times[end]);
    if (at === null) continue;
    const durationMs = Math.max(0, at - last);
    bars.push({ key: name, kind: 'stage', name, outcome: null, startMs: last - zero, durationMs });
    last = at;
  }
  for (const [index, attempt] of [...attemptsOf(row.decision), ...listOf(row.gate, 'tentativas')].entries()) {
    const startedAt = msOf(textOf(attempt, 'startedAt'));
    const durationMs = numberOf(attempt, 'durationMs');
    if (startedAt === null || durationMs === null) continue;
    const name = textOf(attempt, 'address') ?? '';
    const outcome = textOf(attempt, 'outcome');
    bars.push({ key: `a${index}`, kind: 'attempt', name, outcome, startMs: startedAt - zero, durationMs });
  }
  return bars.sort((a, b) => a.startMs - b.startMs);
}

/** How much of the line a bar takes and where, as shares of 0 to 1. */
export function placed(bars: readonly Bar[]): (Bar & { left: number; width: number })[] {
  const from = Math.min(0, ...bars.map(({ startMs }) => startMs));
  const to = Math.max(1, ...bars.map(({ startMs, durationMs }) => startMs + durationMs));
  return bars.map((bar) => ({
    ...bar,
    left: (bar.startMs - from) / (to - from),
    width: bar.durationMs / (to - from),
  }));
}

export function attemptsOf(decision: unknown): unknown[] {
  const attempts = member(decision, 'attempts');
  return Array.isArray(attempts) ? attempts : [];
}

function msOf(text: string | null | undefined): number | null {
  const ms = text ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}
