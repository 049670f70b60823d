import { FRAME_SAMPLES } from '../contracts/index.ts';
import { EnergyGate, frameRms } from './energy-gate.ts';
import type { Hearing } from './hearing.ts';
import type { LevelMeter } from './level-meter.ts';
import type { FrameRing } from './ring.ts';
import type { VadSettings } from './settings.ts';
import { SilenceMeter } from './snr.ts';

/** Levels of the gate at one moment, in int16 RMS. */
export interface GateLevels {
  noise: number;
  threshold: number;
}

/**
 * What the room sounds like while nobody speaks: the noise floor that the gate stands on, and the power that the
 * signal-to-noise ratio is measured against. Both count each frame once, in order.
 */
export class Background {
  readonly #ring: FrameRing;
  readonly #hearing: Pick<Hearing, 'sttHearsCleaned'>;
  readonly #gate: EnergyGate;
  readonly #silence = new SilenceMeter();
  readonly #scratch = new Int16Array(FRAME_SAMPLES);
  readonly #meter: LevelMeter | undefined;
  /** Frames before it have been counted. */
  #counted = 0;

  /** `noise`: the floor to begin with. */
  constructor(ring: FrameRing, hearing: Pick<Hearing, 'sttHearsCleaned'>, noise?: number, meter?: LevelMeter) {
    this.#ring = ring;
    this.#hearing = hearing;
    this.#meter = meter;
    this.#gate = new EnergyGate(noise);
  }

  /** Noise floor, as RMS in int16 units. */
  get noise(): number {
    return this.#gate.noise;
  }

  /** Mean square of the last second of silence in ±1; undefined while too little was heard. */
  get power(): number | undefined {
    return this.#silence.power();
  }

  loud(rms: number, settings: VadSettings): boolean {
    return this.#gate.loud(rms, settings);
  }

  levels(settings: VadSettings): GateLevels {
    return { noise: this.#gate.noise, threshold: this.#gate.threshold(settings) };
  }

  /**
   * The next frame: moves the floor unless this is `likely` speech, and adds silence as STT hears it. `probability` is the
   * VAD's, -1 where none was asked.
   */
  count(frame: number, spoken: boolean, likely: boolean, settings: VadSettings, probability: number): void {
    if (frame < this.#counted) return;
    this.#counted = frame + 1;
    const rms = this.#ring.rms(frame);
    if (this.#meter?.isWatched) {
      this.#meter.frame(rms, this.#gate.noise, this.#gate.threshold(settings), probability, spoken);
    }
    if (!likely) this.#gate.adapt(rms, settings);
    if (!this.#hearing.sttHearsCleaned) this.#silence.add((rms / 32768) ** 2, spoken);
    else if (this.#ring.cleaned(frame)) {
      this.#ring.read(frame, this.#scratch, true);
      this.#silence.add((frameRms(this.#scratch, FRAME_SAMPLES) / 32768) ** 2, spoken);
    }
  }

  /** What follows is another place in time: the silence before it says nothing of it. */
  forgetSilence(): void {
    this.#silence.reset();
  }
}
