import type { VadSettings } from '../audio/settings.ts';

/** `vad_config` as stored: the names that admin tools already send and read. */
export type VadConfig = Record<string, number>;

const NAMES: Record<keyof VadSettings, string> = {
  thresholdMultiplier: 'threshold_multiplier',
  minEnergy: 'min_energy_threshold',
  alpha: 'alpha',
  silenceFramesNeeded: 'silence_frames_needed',
  preRollFrames: 'pre_roll_frames',
  segmentLimitFrames: 'segment_limit_frames',
  overlapFrames: 'overlap_frames',
  minSpeechMs: 'min_speech_ms',
  hardLimitMs: 'hard_limit_ms',
  vadOn: 'vad_on',
  vadOff: 'vad_off',
};

const KEYS = Object.keys(NAMES) as (keyof VadSettings)[];

/** Settings → stored names; what is not set stays away. */
export function toVadConfig(settings: Partial<VadSettings>): VadConfig {
  const config: VadConfig = {};
  for (const key of KEYS) {
    const value = settings[key];
    if (value !== undefined) config[NAMES[key]] = value;
  }
  return config;
}

/** Stored names → settings; unknown names and values that are no number are passed over. */
export function fromVadConfig(config: VadConfig): Partial<VadSettings> {
  const settings: Partial<VadSettings> = {};
  for (const key of KEYS) {
    const value = config[NAMES[key]];
    if (typeof value === 'number') settings[key] = value;
  }
  return settings;
}
