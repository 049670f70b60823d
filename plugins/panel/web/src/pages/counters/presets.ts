/** How a counter listens, as the API has it; what is absent comes from the layer below. */
export type VadPreset = Record<string, number>;

export type PresetName = 'quiet' | 'normal' | 'noisy';

/**
 * Listening for a kind of shop. The multiplier is over the noise floor, the least energy an RMS of int16: quieter than the
 * built-in 1.5 and 50 where nothing but people is heard, and above a radio's swings where there is one. A noisy shop also asks
 * more certainty of the detector.
 */
export const PRESETS: Readonly<Record<PresetName, VadPreset>> = {
  quiet: { thresholdMultiplier: 1.3, minEnergy: 30 },
  normal: {},
  noisy: { thresholdMultiplier: 2.5, minEnergy: 150, vadOn: 0.6, vadOff: 0.4 },
};

/** Which of them a counter has; null: none, its settings are its own. */
export function presetOf(vad: VadPreset): PresetName | null {
  const sign = (preset: VadPreset): string => JSON.stringify(Object.entries(preset).sort());
  const names = Object.keys(PRESETS) as PresetName[];
  return names.find((name) => sign(PRESETS[name]) === sign(vad)) ?? null;
}

/** `24h noite` as the API takes it. */
export function tagsOf(text: string): string[] {
  return [
    ...new Set(
      text
        .toLowerCase()
        .split(/[\s,;]+/)
        .filter(Boolean),
    ),
  ];
}
