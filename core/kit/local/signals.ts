/** Sounds the kit makes itself: the same at every run, in ±1. */

/** mulberry32: small, seeded, good enough for noise. Returns 0 (included) to 1 (excluded). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function whiteNoise(samples: number, random: () => number): Float32Array {
  return new Float32Array(samples).map(() => random() * 2 - 1);
}

/** Paul Kellet's filter: −3 dB per octave, as fans and air conditioners sound. */
export function pinkNoise(samples: number, random: () => number): Float32Array {
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  return new Float32Array(samples).map(() => {
    const white = random() * 2 - 1;
    b0 = 0.99765 * b0 + white * 0.099046;
    b1 = 0.963 * b1 + white * 0.2965164;
    b2 = 0.57 * b2 + white * 1.0526913;
    return (b0 + b1 + b2 + white * 0.1848) * 0.25;
  });
}

/** Mean of the squares. */
export function power(pcm: Float32Array): number {
  let sum = 0;
  for (const value of pcm) sum += value * value;
  return sum / Math.max(1, pcm.length);
}

export function rms(pcm: Float32Array): number {
  return Math.sqrt(power(pcm));
}

export function scaled(pcm: Float32Array, gain: number): Float32Array {
  return pcm.map((value) => value * gain);
}

/** Adds `noise` (looped) to `speech` so that the power ratio to `speechRms` is `snrDb`. */
export function mixAtSnr(speech: Float32Array, noise: Float32Array, snrDb: number, speechRms: number): Float32Array {
  const gain = speechRms / 10 ** (snrDb / 20) / rms(noise);
  return speech.map((value, i) => value + (noise[i % noise.length] as number) * gain);
}

/** PCM16 as ±1. */
export function toFloat(pcm: Int16Array): Float32Array {
  return new Float32Array(pcm).map((value) => value / 32768);
}
