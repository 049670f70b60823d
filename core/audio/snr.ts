/** Frames of 30 ms in the last second of silence. */
const NOISE_FRAMES = 33;
/** Least of them for a noise figure: below, the utterance's own quiet frames say more. */
const ENOUGH_FRAMES = 10;
/** Silence this close to speech is left out: breath before it, room after it. */
const GUARD_FRAMES = 4;
/** Power of one step of a 16-bit sample: digital silence counts as this much noise. */
const LEAST_POWER = (1 / 32768) ** 2;

/**
 * Signal-to-noise ratio in dB by protocol.md §3: 10·log10(max(Ps − Pn, ε) / Pn), clamped to −10…60. Powers are mean
 * squares of samples in ±1; Ps is that of the speech frames, noise included.
 */
export function snrDb(speechPower: number, noisePower: number): number {
  const noise = Math.max(noisePower, LEAST_POWER);
  const ratio = Math.max(speechPower - noise, LEAST_POWER * 1e-3) / noise;
  return Math.min(60, Math.max(-10, 10 * Math.log10(ratio)));
}

/** Mean power of the last second that the VAD called silence. */
export class SilenceMeter {
  readonly #powers = new Float64Array(NOISE_FRAMES);
  readonly #pending = new Float64Array(GUARD_FRAMES);
  #count = 0;
  #next = 0;
  #pendingCount = 0;
  #sinceSpeech = GUARD_FRAMES;

  /** One frame, in order. */
  add(power: number, spoken: boolean): void {
    if (spoken) {
      this.#pendingCount = 0;
      this.#sinceSpeech = 0;
      return;
    }
    this.#sinceSpeech += 1;
    if (this.#sinceSpeech <= GUARD_FRAMES) return;
    if (this.#pendingCount === GUARD_FRAMES) this.#take(power);
    else this.#pending[this.#pendingCount++] = power;
  }

  /** Mean square, or undefined while too little silence was heard. */
  power(): number | undefined {
    if (this.#count < ENOUGH_FRAMES) return undefined;
    let sum = 0;
    for (let i = 0; i < this.#count; i++) sum += this.#powers[i] as number;
    return sum / this.#count;
  }

  /** Forgets everything: what follows is another place in time. */
  reset(): void {
    this.#count = 0;
    this.#next = 0;
    this.#pendingCount = 0;
    this.#sinceSpeech = GUARD_FRAMES;
  }

  #take(power: number): void {
    this.#powers[this.#next] = this.#pending[0] as number;
    this.#next = (this.#next + 1) % NOISE_FRAMES;
    this.#count = Math.min(this.#count + 1, NOISE_FRAMES);
    this.#pending.copyWithin(0, 1);
    this.#pending[GUARD_FRAMES - 1] = power;
  }
}

/** Mean of the quietest tenth of `count` frame powers; sorts them in place. */
export function quietestTenth(powers: Float64Array, count: number): number {
  if (count === 0) return 0;
  const sorted = powers.subarray(0, count).sort();
  const tenth = Math.max(1, Math.floor(count / 10));
  let sum = 0;
  for (let i = 0; i < tenth; i++) sum += sorted[i] as number;
  return sum / tenth;
}
