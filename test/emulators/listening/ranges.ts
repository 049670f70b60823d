/** Samples from `startSample` (included) to `endSample` (excluded). */
export interface SampleRange {
  startSample: number;
  endSample: number;
}

/** The runs of samples for which `holds` is true. */
export function runsWhere(from: number, to: number, holds: (sample: number) => boolean): SampleRange[] {
  const runs: SampleRange[] = [];
  let start = -1;
  for (let sample = from; sample <= to; sample++) {
    const inside = sample < to && holds(sample);
    if (inside && start < 0) start = sample;
    if (!inside && start >= 0) {
      runs.push({ startSample: start, endSample: sample });
      start = -1;
    }
  }
  return runs;
}

/** Sorts ranges and joins those that touch. */
export function union(ranges: SampleRange[]): SampleRange[] {
  const joined: SampleRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.startSample - b.startSample)) {
    const last = joined.at(-1);
    if (last && range.startSample <= last.endSample) last.endSample = Math.max(last.endSample, range.endSample);
    else joined.push({ ...range });
  }
  return joined;
}

/** `ranges` without what lies in `holes`. */
export function subtract(ranges: SampleRange[], holes: SampleRange[]): SampleRange[] {
  let left = union(ranges);
  for (const hole of holes) {
    left = left.flatMap((range) => [
      { startSample: range.startSample, endSample: Math.min(range.endSample, hole.startSample) },
      { startSample: Math.max(range.startSample, hole.endSample), endSample: range.endSample },
    ]);
    left = left.filter((range) => range.endSample > range.startSample);
  }
  return union(left);
}

/** Total length in samples. */
export function lengthOf(ranges: SampleRange[]): number {
  return ranges.reduce((sum, range) => sum + range.endSample - range.startSample, 0);
}
