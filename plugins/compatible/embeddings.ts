import Type from 'typebox';
import { type ProviderContext, type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { MAX_TEXTS } from '../openai/models.ts';
import { baseUrlOf, keyOf, modelOf, type Preset, refuseUnlisted, regionOf, wholeOf } from './preset.ts';

/** What a preset's vectors are like. */
export interface VectorsPreset {
  /** The default first, and how long its vectors are; chosen on 2026-11-21. */
  models: [string, ...string[]];
  dimensions: number;
}

/** `embeddings/<vendor>` of a preset. The length is the model's: what the configuration says is checked, not asked for. */
export function embeddingsProvider(preset: Preset, vectors: VectorsPreset): ProviderManifest<'embeddings'> {
  const { vendor } = preset;
  const settingsSchema = settingsOf(preset, vectors);
  const create = async (credential: unknown, given: unknown, ctx: ProviderContext) => {
    const { model, baseUrl, dimensions } = parseConfig(settingsSchema, given);
    const [{ CompatibleEmbeddings }, { errorOf }] = await Promise.all([
      import('../openai/vectors.ts'),
      import('./errors.ts'),
    ]);
    return CompatibleEmbeddings.create({
      ...keyOf(preset, credential),
      baseUrl,
      model,
      ctx,
      dimensions,
      cuts: false,
      title: vendor.title,
      error: errorOf(preset),
    });
  };
  return {
    kind: 'embeddings',
    vendor: vendor.id,
    id: vendor.id,
    title: vendor.title,
    settings: settingsSchema,
    models: vectors.models,
    capabilities: (given) => ({
      dimensions: Number(given['dimensions'] ?? vectors.dimensions),
      maxTexts: MAX_TEXTS,
      region: regionOf(preset, given),
    }),
    create,
    async probe(credential, settings, ctx) {
      const { model } = parseConfig(settingsSchema, settings);
      const instance = await create(credential, settings, ctx);
      refuseUnlisted(preset, model, await instance.models(ctx.signal));
    },
  };
}

function settingsOf(preset: Preset, vectors: VectorsPreset) {
  const { prefix } = preset;
  return Type.Object({
    model: modelOf('Modelo de vetores', vectors.models[0], `${prefix}_EMBEDDINGS_MODEL`),
    baseUrl: baseUrlOf(preset),
    dimensions: wholeOf('Números por vetor do modelo', `${prefix}_EMBEDDINGS_DIMENSIONS`, vectors.dimensions, {
      minimum: 1,
      maximum: 4096,
    }),
  });
}
