import { type Static, Type } from 'typebox';

/**
 * How one counter listens. Frames are 30 ms. Every value can be set per counter; the effective ones are stored with
 * each interaction (`config_snapshot`).
 */
export const VadSettings = Type.Object({
  thresholdMultiplier: Type.Number({ minimum: 1, maximum: 20, default: 1.5 }),
  /** RMS of a 30 ms frame in int16 units. */
  minEnergy: Type.Number({ minimum: 0, maximum: 32767, default: 50 }),
  /** Weight of a new frame in the noise floor. */
  alpha: Type.Number({ minimum: 0.001, maximum: 1, default: 0.05 }),
  /** Hang-over: 30 frames = 900 ms. */
  silenceFramesNeeded: Type.Integer({ minimum: 5, maximum: 200, default: 30 }),
  /** Pre-roll: 20 frames = 600 ms. */
  preRollFrames: Type.Integer({ minimum: 0, maximum: 100, default: 20 }),
  /** Forced cut of batch utterances: 266 frames ≈ 8 s. */
  segmentLimitFrames: Type.Integer({ minimum: 33, maximum: 2000, default: 266 }),
  /** Overlap after a forced cut: 27 frames ≈ 800 ms. */
  overlapFrames: Type.Integer({ minimum: 0, maximum: 100, default: 27 }),
  /** Speech shorter than this is no utterance. */
  minSpeechMs: Type.Integer({ minimum: 0, maximum: 2000, default: 150 }),
  /** Longest streamed utterance. */
  hardLimitMs: Type.Integer({ minimum: 8000, maximum: 120000, default: 60000 }),
  /** VAD probability that opens and closes speech; absent: the provider's own thresholds. */
  vadOn: Type.Optional(Type.Number({ minimum: 0.05, maximum: 0.99 })),
  vadOff: Type.Optional(Type.Number({ minimum: 0.01, maximum: 0.99 })),
});
export type VadSettings = Static<typeof VadSettings>;

/** The built-in layer. */
export const DEFAULT_VAD_SETTINGS: VadSettings = {
  thresholdMultiplier: 1.5,
  minEnergy: 50,
  alpha: 0.05,
  silenceFramesNeeded: 30,
  preRollFrames: 20,
  segmentLimitFrames: 266,
  overlapFrames: 27,
  minSpeechMs: 150,
  hardLimitMs: 60_000,
};
