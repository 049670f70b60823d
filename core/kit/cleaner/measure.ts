import type { Recording } from '../local/recording.ts';

/** Lag in samples, 0 to `most`, at which `output` is most like `input`. */
export function lagOf(input: Float32Array, output: Float32Array, most: number): number {
  let best = { lag: 0, likeness: Number.NEGATIVE_INFINITY };
  for (let lag = 0; lag <= most; lag++) {
    let sum = 0;
    for (let i = 0; i + lag < output.length; i++) sum += (input[i] as number) * (output[i + lag] as number);
    if (sum > best.likeness) best = { lag, likeness: sum };
  }
  return best.lag;
}

/** Power of what is not the clean speech, over the power of the speech, within the labels, in dB. */
export function noiseDb(signal: Float32Array, { pcm, spans }: Recording): number {
  let noise = 0;
  let speech = 0;
  for (const [from, to] of spans) {
    for (let i = Math.floor(from); i < Math.min(to, signal.length); i++) {
      noise += ((signal[i] as number) - (pcm[i] as number)) ** 2;
      speech += (pcm[i] as number) ** 2;
    }
  }
  return 10 * Math.log10(noise / speech);
}

/** Level of `signal` within the labels, over that of the recording, in dB. */
export function levelDb(signal: Float32Array, { pcm, spans }: Recording): number {
  let out = 0;
  let speech = 0;
  for (const [from, to] of spans) {
    for (let i = Math.floor(from); i < Math.min(to, signal.length); i++) {
      out += (signal[i] as number) ** 2;
      speech += (pcm[i] as number) ** 2;
    }
  }
  return 10 * Math.log10(out / speech);
}

/**
 * Mean bend (second difference) of the signal where frames meet, over its mean bend elsewhere: 1 where nobody can tell
 * the frames, more where each frame begins with a click.
 */
export function seam(signal: Float32Array, frameSamples: number): number {
  let [atSeams, seams, elsewhere, others] = [0, 0, 0, 0];
  for (let i = 2; i < signal.length; i++) {
    const bend = Math.abs((signal[i] as number) - 2 * (signal[i - 1] as number) + (signal[i - 2] as number));
    if (i % frameSamples < 2) {
      atSeams += bend;
      seams++;
    } else {
      elsewhere += bend;
      others++;
    }
  }
  return atSeams / seams / Math.max(elsewhere / others, Number.MIN_VALUE);
}
