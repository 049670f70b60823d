import { type ProviderContext, type ProviderManifest, parseConfig } from '../../core/contracts/index.ts';
import { credentialSchema, regionOf, sttSettingsSchema, TITLE } from './config.ts';
import { chatError } from './errors.ts';
import { DEFAULTS, refuseRetired } from './models.ts';
import { CompatibleTranscription, traitsOf, uploadCapabilities } from './transcription.ts';

/** `stt/openai`: one upload per utterance. */
export const openAiStt: ProviderManifest<'stt'> = {
  kind: 'stt',
  vendor: 'openai',
  id: 'openai',
  title: 'OpenAI Transcribe',
  settings: sttSettingsSchema,
  models: [DEFAULTS.stt, 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe', 'gpt-4o-transcribe-diarize', 'whisper-1'],
  capabilities(given) {
    const { model, baseUrl, maxConcurrent } = parseConfig(sttSettingsSchema, given);
    return uploadCapabilities(traitsOf(model), { region: regionOf(baseUrl), maxConcurrent });
  },
  create: (credential, settings, ctx) => create(credential, settings, ctx),
  async probe(credential, settings, ctx) {
    refuseRetired(parseConfig(sttSettingsSchema, settings).model);
    await (await create(credential, settings, ctx)).models(ctx.signal);
  },
};

function create(credential: unknown, given: unknown, ctx: ProviderContext): Promise<CompatibleTranscription> {
  const { apiKey } = parseConfig(credentialSchema, credential);
  const { model, baseUrl } = parseConfig(sttSettingsSchema, given);
  return CompatibleTranscription.create({
    apiKey,
    baseUrl,
    model,
    ctx,
    title: TITLE,
    traits: traitsOf(model),
    error: (error, signal, key) => chatError(TITLE, error, signal, key),
  });
}
