import { type Frame, HOP_MS } from './mfcc.ts';

/** A pause this long separates two phrases: 750 ms. */
export const PAUSE_FRAMES = 750 / HOP_MS;
/** Less sound than this is no phrase: 300 ms. */
const SHORTEST_FRAMES = 300 / HOP_MS;
const ABOVE_NOISE_DB = 9;
const BELOW_LOUDEST_DB = 32;
/** A loudest frame less than this above the quietest tenth: nobody speaks. */
const LEAST_RANGE_DB = 12;

/** Frames from `first` (included) to `last` (excluded). */
export interface Spurt {
  first: number;
  last: number;
}

/** Where somebody speaks, by level alone. */
export function talkSpurts(frames: Frame[]): Spurt[] {
  const levels = frames.map(({ levelDb }) => levelDb).sort((a, b) => a - b);
  const quiet = levels[Math.floor(levels.length / 10)] ?? 0;
  const loud = levels[Math.floor(levels.length * 0.98)] ?? 0;
  if (loud - quiet < LEAST_RANGE_DB) return [];
  const threshold = Math.max(quiet + ABOVE_NOISE_DB, loud - BELOW_LOUDEST_DB);
  const spurts: Spurt[] = [];
  frames.forEach(({ levelDb }, frame) => {
    if (levelDb < threshold) return;
    const last = spurts.at(-1);
    if (last && frame - last.last < PAUSE_FRAMES) last.last = frame + 1;
    else spurts.push({ first: frame, last: frame + 1 });
  });
  return spurts
    .map(({ first, last }) => ({ first: Math.max(0, first - 2), last: Math.min(frames.length, last + 2) }))
    .filter(({ first, last }) => last - first >= SHORTEST_FRAMES);
}
