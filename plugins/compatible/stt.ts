import Type from 'typebox';
import { type ProviderContext, type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { type TranscriptionTraits, traitsOf, uploadCapabilities } from '../openai/traits.ts';
import { baseUrlOf, keyOf, modelOf, type Preset, refuseRetired, refuseUnlisted, regionOf, wholeOf } from './preset.ts';

/** What a preset's transcription is like. */
export interface TranscriptionPreset {
  /** The default first; chosen on 2026-11-21. */
  models: [string, ...string[]];
  maxConcurrent: number;
}

/** `stt/<vendor>` of a preset: one upload per utterance. */
export function transcriptionProvider(preset: Preset, heard: TranscriptionPreset): ProviderManifest<'stt'> {
  const { vendor } = preset;
  const settingsSchema = settingsOf(preset, heard);
  const create = async (credential: unknown, given: unknown, ctx: ProviderContext) => {
    const { model, baseUrl, words } = parseConfig(settingsSchema, given);
    const { title } = vendor;
    const [{ CompatibleTranscription }, { errorOf }] = await Promise.all([
      import('../openai/transcription.ts'),
      import('./errors.ts'),
    ]);
    const traits = traitsFor(model, words);
    return CompatibleTranscription.create({
      ...keyOf(preset, credential),
      baseUrl,
      model,
      ctx,
      title,
      traits,
      error: errorOf(preset),
    });
  };
  return {
    kind: 'stt',
    vendor: vendor.id,
    id: vendor.id,
    title: vendor.title,
    settings: settingsSchema,
    models: heard.models,
    capabilities: (given) => {
      const maxConcurrent = Number(given['maxConcurrent'] ?? heard.maxConcurrent);
      const traits = traitsFor(String(given['model'] ?? heard.models[0]), given['words'] !== false);
      return uploadCapabilities(traits, { region: regionOf(preset, given), maxConcurrent });
    },
    create,
    async probe(credential, settings, ctx) {
      const { model } = parseConfig(settingsSchema, settings);
      refuseRetired(preset, model);
      const instance = await create(credential, settings, ctx);
      refuseUnlisted(preset, model, await instance.models(ctx.signal));
    },
  };
}

function traitsFor(model: string, words: boolean): TranscriptionTraits {
  const traits = traitsOf(model);
  return words ? traits : { ...traits, format: 'json' };
}

function settingsOf(preset: Preset, heard: TranscriptionPreset) {
  const { prefix } = preset;
  return Type.Object({
    model: modelOf('Modelo de transcrição', heard.models[0], `${prefix}_STT_MODEL`),
    baseUrl: baseUrlOf(preset),
    words: Type.Boolean({
      title: 'Pedir tempos e confiança (verbose_json); desligue se o servidor recusar',
      default: true,
      env: `${prefix}_STT_WORDS`,
    }),
    maxConcurrent: wholeOf('Transcrições ao mesmo tempo', `${prefix}_STT_MAX_CONCURRENT`, heard.maxConcurrent, {
      minimum: 1,
      maximum: 10_000,
    }),
  });
}
