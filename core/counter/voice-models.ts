import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { BaltoError } from '../contracts/index.ts';
import { type VoiceSettings, VoiceThresholds } from '../routing/voices.ts';
import type { MatchThresholds } from './voice-match.ts';

const SpeakerModels = Type.Object({
  default: Type.Required(VoiceThresholds),
  models: Type.Record(Type.String(), VoiceThresholds),
});
export type SpeakerModels = Static<typeof SpeakerModels>;

/** @throws BaltoError `BALTO_CONFIG_SPEAKER_MODELS` naming the field. */
export function loadSpeakerModels(
  file: string | URL = new URL('../../config/speaker-models.json', import.meta.url),
): SpeakerModels {
  const models: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (Value.Check(SpeakerModels, models)) return models;
  const [first] = Value.Errors(SpeakerModels, models);
  const field = first?.instancePath ?? '';
  const message = `config/speaker-models.json: valor inválido em ${field || '/'}`;
  throw new BaltoError({ code: 'BALTO_CONFIG_SPEAKER_MODELS', field, message });
}

/** What holds for one model, value by value: the client's own, else the file's of the model, else the file's of all. */
export function thresholdsOf(
  model: string,
  builtIn: SpeakerModels,
  settings: VoiceSettings,
): MatchThresholds & { minMs: number } {
  return { ...builtIn.default, ...builtIn.models[model], ...settings.models?.[model] };
}
