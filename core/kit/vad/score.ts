import type { Vad, VadCapabilities } from '../../contracts/index.ts';
import type { Heard } from './hear.ts';

/** Speech may be announced so long after its end without being wrong: the core's own hang-over is longer. */
const TAIL_MS = 300;
/** Milliseconds at both ends of a label that count neither way: a label is no truth to the sample. */
const EDGE_MS = 60;

export interface Score {
  /** Share of the frames within labelled speech that were called speech. */
  recall: number;
  /** Share of the frames called speech that lie in labelled speech or just behind it. */
  precision: number;
  /** From the label's start to the first frame called speech, in ms, one per span; infinite where it was missed. */
  onsetMs: number[];
  /** From the label's end to the first frame not called speech, in ms, one per span; infinite where it never came. */
  offsetMs: number[];
}

/** Frames called speech, with the provider's own two thresholds. A frame without a result is as the one before it. */
export function decide({ probabilities }: Heard, { on, off }: VadCapabilities['thresholds']): boolean[] {
  let speaking = false;
  return Array.from(probabilities, (probability) => {
    speaking = speaking ? !(probability < off) : probability >= on;
    return speaking;
  });
}

/** Compares what was called speech with the labels, frame by frame. */
export function score(vad: Vad, called: boolean[], spans: readonly (readonly [number, number])[]): Score {
  const perMs = vad.sampleRateHz / 1000;
  const middle = (frame: number) => (frame + 0.5) * vad.frameSamples;
  const within = (at: number, before: number, after: number) =>
    spans.some(([from, to]) => at >= from - before * perMs && at < to + after * perMs);
  let [spoken, found, announced, right] = [0, 0, 0, 0];
  called.forEach((speech, frame) => {
    const inside = within(middle(frame), -EDGE_MS, -EDGE_MS);
    spoken += inside ? 1 : 0;
    found += inside && speech ? 1 : 0;
    announced += speech ? 1 : 0;
    right += speech && within(middle(frame), EDGE_MS, TAIL_MS) ? 1 : 0;
  });
  const wait = (wanted: boolean, from: number, limit: number) => {
    const at = called.findIndex((speech, frame) => {
      return speech === wanted && middle(frame) >= from - EDGE_MS * perMs && middle(frame) < limit;
    });
    return at < 0 ? Number.POSITIVE_INFINITY : Math.max(0, (middle(at) - from) / perMs);
  };
  return {
    recall: found / Math.max(1, spoken),
    precision: announced === 0 ? 1 : right / announced,
    onsetMs: spans.map(([from, to]) => wait(true, from, to)),
    offsetMs: spans.map(([, to], i) => wait(false, to, spans[i + 1]?.[0] ?? Number.POSITIVE_INFINITY)),
  };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
