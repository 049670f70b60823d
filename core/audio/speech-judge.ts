import { FRAME_SAMPLES, type VadCapabilities } from '../contracts/index.ts';
import type { PitchTracker } from './pitch.ts';
import type { FrameRing } from './ring.ts';
import type { VadSettings } from './settings.ts';
import type { Spectrum } from './spectrum.ts';
import { VoiceCheck } from './voice-check.ts';

/** A VAD that is robust to noise is believed from this far between its threshold and 1: 0.8 for 0.5. */
const SURE = 0.6;
/** … or after this many spoken frames: 600 ms. Printers got 0.55 to 0.73 out of the default detector for 150 to 250 ms. */
const LONG_ENOUGH_FRAMES = 20;
/** An opening with this share of its power below 250 Hz is a thump: of speech frames one in twenty passes 0.5. */
const THUMP_SHARE = 0.9;
/** … where it stands this far above the noise floor, or the floor's own hum would be taken for it. */
const THUMP_ABOVE_NOISE = 4;
/** Frames before the VAD's first that the voice check hears too (180 ms): it is seldom speech's first frame. */
const WITNESS_PRE_ROLL_FRAMES = 6;

/** What is known of one frame beside its samples. */
export interface FrameEvidence {
  frame: number;
  /** The VAD's, 0 to 1. */
  probability: number;
  /** Energy over the gate's threshold. */
  loud: boolean;
  /** RMS and noise floor in int16 units. */
  rms: number;
  noise: number;
}

/** Turns a VAD's probabilities into "speech or not", and says when speech may be announced. */
export class SpeechJudge {
  readonly #ring: FrameRing;
  readonly #voice: VoiceCheck;
  readonly #spectrum: Spectrum;
  readonly #scratch = new Int16Array(FRAME_SAMPLES);
  #speaking = false;
  /** Of the opening that is not confirmed yet: the VAD was sure of one frame; spoken frames so far. */
  #sure = false;
  #spokenFrames = 0;
  #lowPower = 0;
  #power = 0;

  /** `pitch` and `spectrum` are borrowed: nobody else uses them while an opening is not confirmed. */
  constructor(ring: FrameRing, pitch: PitchTracker, spectrum: Spectrum) {
    this.#ring = ring;
    this.#spectrum = spectrum;
    this.#voice = new VoiceCheck(pitch, spectrum);
  }

  /**
   * Whether the frame is speech: on above `vadOn`, off below `vadOff`. Where a VAD is not robust to noise its frame must
   * also rise above the noise floor, or in steady noise it would never end an utterance. It still hears every frame.
   * With no VAD left (`capabilities` null) whatever is loud is.
   */
  spoken(evidence: FrameEvidence, capabilities: VadCapabilities | null, settings: VadSettings): boolean {
    if (!capabilities) return evidence.loud;
    const { thresholds, robustToNoise } = capabilities;
    const on = settings.vadOn ?? thresholds.on;
    const off = Math.min(settings.vadOff ?? thresholds.off, on);
    this.#speaking = evidence.probability >= (this.#speaking ? off : on);
    if (robustToNoise) return this.#speaking;
    return this.#speaking && evidence.rms > evidence.noise * Math.sqrt(settings.thresholdMultiplier);
  }

  /** Speech begins here, before `floor` nothing is of its kind: starts gathering what makes it credible. */
  startOpening(frame: number, floor: number): void {
    this.#voice.reset();
    this.#sure = false;
    this.#spokenFrames = this.#lowPower = this.#power = 0;
    const from = Math.max(frame - WITNESS_PRE_ROLL_FRAMES, floor, this.#ring.start);
    for (let before = from; before < frame; before++) this.#hearsVoice(before);
  }

  /**
   * Whether this spoken frame makes the opening credible. A VAD that is robust to noise is believed when it is sure and
   * hears no thump, or when it is unsure for long; else a voice must be heard (see {@link VoiceCheck}).
   */
  credible(evidence: FrameEvidence, capabilities: VadCapabilities): boolean {
    this.#spokenFrames += 1;
    const { thresholds, robustToNoise } = capabilities;
    const voice = this.#hearsVoice(evidence.frame);
    this.#weigh(evidence);
    if (evidence.probability >= thresholds.on + SURE * (1 - thresholds.on)) this.#sure = true;
    if (!robustToNoise || voice) return voice;
    return this.#spokenFrames >= LONG_ENOUGH_FRAMES || (this.#sure && this.#lowPower <= THUMP_SHARE * this.#power);
  }

  /** The VAD was replaced, or starts anew. */
  reset(): void {
    this.#speaking = false;
  }

  /** Adds the frame the voice check has just analysed to what is known of the opening's spectrum. */
  #weigh(evidence: FrameEvidence): void {
    if (evidence.rms < THUMP_ABOVE_NOISE * evidence.noise) return;
    this.#lowPower += this.#spectrum.band(0, 250);
    this.#power += this.#spectrum.band(0, 8000);
  }

  #hearsVoice(frame: number): boolean {
    this.#ring.read(frame, this.#scratch);
    return this.#voice.hears(this.#scratch);
  }
}
