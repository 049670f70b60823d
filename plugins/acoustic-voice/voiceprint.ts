import { setImmediate } from 'node:timers/promises';
import { BACKGROUND, WEIGHT } from './background.ts';
import { Cepstrum, COEFFICIENTS, HOP, WINDOW } from './cepstrum.ts';
import { Tone } from './tone.ts';

/** Means and deviations of the cepstra, then middle and spread of the pitch. */
export const DIMENSIONS = 2 * COEFFICIENTS + 2;
/** Frames measured before other work gets its turn: audio shares this thread. */
const FRAMES_PER_TURN = 20;
/** Fewer than these (0.3 s) say nothing. */
const LEAST_FRAMES = 30;
/** Pitch changes slowly: every second frame will do. */
const TONE_EVERY = 2;

/**
 * The shape of a voice's spectrum and its pitch, over the frames that are loud enough: what it sounds like, whatever it says.
 * Null: too little of it is voice. Gives way to other work every {@link FRAMES_PER_TURN} frames, and stops when `signal` fires.
 */
export async function voiceprintOf(
  pcm: Int16Array,
  quietestDb: number,
  signal: AbortSignal,
): Promise<Float32Array | null> {
  const levels = levelsOf(pcm);
  const loudest = [...levels].sort((a, b) => a - b)[Math.floor(levels.length * 0.95)] ?? 0;
  if (loudest <= 0) return null;
  const least = loudest * 10 ** (-quietestDb / 10);
  // The clip's own level is taken out: near and far are one voice.
  const scale = 0.1 / Math.sqrt(loudest);
  const frames = new Frames();
  let measured = 0;
  for (const [index, level] of levels.entries()) {
    if (level < least) continue;
    if (measured > 0 && measured % FRAMES_PER_TURN === 0) {
      await setImmediate();
      if (signal.aborted) return null;
    }
    frames.add(pcm, index * HOP, scale, measured % TONE_EVERY === 0);
    measured += 1;
  }
  return measured < LEAST_FRAMES ? null : frames.vector();
}

/** Mean power of each frame. */
function levelsOf(pcm: Int16Array): Float64Array {
  const count = Math.max(0, Math.floor((pcm.length - WINDOW) / HOP) + 1);
  const levels = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    let sum = 0;
    for (let i = index * HOP; i < index * HOP + WINDOW; i += 2) sum += (pcm[i] as number) ** 2;
    levels[index] = sum / (WINDOW / 2);
  }
  return levels;
}

class Frames {
  readonly #cepstrum = new Cepstrum();
  readonly #tone = new Tone();
  readonly #now = new Float64Array(COEFFICIENTS);
  readonly #sum = new Float64Array(COEFFICIENTS);
  readonly #squares = new Float64Array(COEFFICIENTS);
  readonly #pitches: number[] = [];
  #count = 0;

  add(pcm: Int16Array, from: number, scale: number, withTone: boolean): void {
    this.#cepstrum.measure(pcm, from, scale, this.#now, 0);
    for (let i = 0; i < COEFFICIENTS; i++) {
      const value = this.#now[i] as number;
      this.#sum[i] = (this.#sum[i] as number) + value;
      this.#squares[i] = (this.#squares[i] as number) + value * value;
    }
    this.#count += 1;
    const hz = withTone ? this.#tone.measure(pcm, from) : 0;
    if (hz > 0) this.#pitches.push(Math.log2(hz));
  }

  /** In units of how much people differ: without that, one coefficient would outweigh all the others. */
  vector(): Float32Array {
    const values = new Float64Array(DIMENSIONS);
    for (let i = 0; i < COEFFICIENTS; i++) {
      const mean = (this.#sum[i] as number) / this.#count;
      values[i] = mean;
      values[COEFFICIENTS + i] = Math.sqrt(Math.max(0, (this.#squares[i] as number) / this.#count - mean * mean));
    }
    const pitches = this.#pitches.sort((a, b) => a - b);
    const at = (share: number) => pitches[Math.floor((pitches.length - 1) * share)];
    // Whispered or hoarse: in the middle of everybody.
    values[2 * COEFFICIENTS] = at(0.5) ?? BACKGROUND.mean[2 * COEFFICIENTS] ?? 0;
    values[2 * COEFFICIENTS + 1] =
      pitches.length === 0 ? (BACKGROUND.mean[2 * COEFFICIENTS + 1] ?? 0) : (at(0.8) as number) - (at(0.2) as number);
    return Float32Array.from(values, (value, i) => {
      const { mean, deviation } = BACKGROUND;
      return ((value - (mean[i] ?? 0)) / (deviation[i] ?? 1)) * (WEIGHT[i] ?? 1);
    });
  }
}
