import type { Span } from './heard-ledger.ts';
import { type Gap, Timeline } from './timeline.ts';

/** At decoded sample `at`: `drop` samples are not heard, and audio time goes on by `gap`. */
export interface ReplayStep {
  at: number;
  drop: number;
  gap: number;
}

export interface ReplaySink {
  pcm(pcm: Float32Array): void;
  /** Samples of audio time in which nothing is heard. */
  gap(samples: number): void;
}

/**
 * What is heard again of a stream that another process heard in part: all but the samples before its place, and but what
 * is stored already; the pauses where they were.
 */
export class Replay {
  readonly #steps: ReplayStep[];
  #sample = 0;
  #dropping = 0;

  constructor(steps: readonly ReplayStep[]) {
    this.#steps = [...steps];
  }

  /** Everything from here on is heard. */
  get isOver(): boolean {
    return this.#steps.length === 0 && this.#dropping === 0;
  }

  /** `pcm` is borrowed until return. */
  push(pcm: Float32Array, sink: ReplaySink): void {
    let at = 0;
    for (;;) {
      const dropped = Math.min(this.#dropping, pcm.length - at);
      this.#dropping -= dropped;
      this.#sample += dropped;
      at += dropped;
      const step = this.#steps[0];
      const until = step ? Math.min(pcm.length, at + step.at - this.#sample) : pcm.length;
      if (until > at && this.#dropping === 0) {
        sink.pcm(pcm.subarray(at, until));
        this.#sample += until - at;
        at = until;
      }
      if (!step || this.#dropping > 0 || this.#sample < step.at) return;
      this.#steps.shift();
      this.#dropping = step.drop;
      if (step.gap > 0) sink.gap(step.gap);
    }
  }
}

/**
 * The steps of a stream whose first decoded sample stands `discard` samples before `position` in audio time, with these
 * gaps, of which these spans are stored.
 */
export function replaySteps(from: {
  discard: number;
  position: number;
  gaps: readonly Gap[];
  stored: readonly Span[];
}): ReplayStep[] {
  const timeline = new Timeline(from.discard, from.position, from.gaps);
  const spans = union(from.stored.filter(({ to }) => to > from.position));
  const first = { at: 0, drop: from.discard, gap: 0 };
  const skipped = spans.map((span) => {
    const start = Math.max(span.from, from.position);
    const at = timeline.sampleAt(start);
    return { at, drop: timeline.sampleAt(span.to) - at, gap: span.to - start };
  });
  const gaps = from.gaps
    .filter(
      ({ position }) => position >= from.position && !spans.some((span) => span.from <= position && position < span.to),
    )
    .map(({ position, samples }) => ({ at: timeline.sampleAt(position), drop: 0, gap: samples }));
  return [first, ...[...skipped, ...gaps].sort((a, b) => a.at - b.at)].filter(({ drop, gap }) => drop > 0 || gap > 0);
}

/** Spans that touch or overlap as one, in order. */
function union(spans: readonly Span[]): Span[] {
  const out: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else out.push({ ...span });
  }
  return out;
}
