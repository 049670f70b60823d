import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';
import { DEFAULTS, TITLE } from './models.ts';

export { TITLE } from './models.ts';

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

const baseUrl = Type.String({
  title: 'Endereço da API, com a versão',
  default: 'https://api.openai.com/v1',
  pattern: '^https?://',
  env: 'OPENAI_BASE_URL',
});
const modelOf = (title: string, model: string, env: string) =>
  Type.String({ title, default: model, minLength: 1, env });

export const settingsSchema = Type.Object({
  model: modelOf('Modelo de conversa', DEFAULTS.chat, 'OPENAI_MODEL'),
  baseUrl,
  reasoningEffort: Type.String({
    title: 'Quanto o modelo pensa antes de responder: none, minimal, low, medium, high; default deixa ao fornecedor',
    default: 'none',
    pattern: '^[a-z]+$',
    env: 'OPENAI_REASONING_EFFORT',
  }),
});

export type OpenAiSettings = Static<typeof settingsSchema>;

export const sttSettingsSchema = Type.Object({
  model: modelOf('Modelo de transcrição', DEFAULTS.stt, 'OPENAI_STT_MODEL'),
  baseUrl,
  maxConcurrent: Type.Integer({
    title: 'Transcrições ao mesmo tempo que o plano permite',
    default: 20,
    minimum: 1,
    env: 'OPENAI_STT_MAX_CONCURRENT',
  }),
});

export const embeddingsSettingsSchema = Type.Object({
  model: modelOf('Modelo de vetores', DEFAULTS.embeddings, 'OPENAI_EMBEDDINGS_MODEL'),
  baseUrl,
  dimensions: Type.Integer({
    title: 'Números por vetor',
    default: 1536,
    minimum: 1,
    maximum: 3072,
    env: 'OPENAI_EMBEDDINGS_DIMENSIONS',
  }),
});

export const ttsSettingsSchema = Type.Object({
  model: modelOf('Modelo de voz', DEFAULTS.tts, 'OPENAI_TTS_MODEL'),
  baseUrl,
  voice: Type.String({
    title: 'Voz de quem não pede outra',
    default: 'marin',
    pattern: '^[A-Za-z0-9_-]+$',
    env: 'OPENAI_TTS_VOICE',
  }),
});

export const vendor: VendorManifest = {
  id: 'openai',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['OPENAI_API_KEY', 'OPENAI_API_KEYS'],
  hosts: ['api.openai.com', 'us.api.openai.com', 'eu.api.openai.com'],
  region: 'us',
};

/** Where data is processed: what the base URL names, `us` where it names nothing. */
export function regionOf(baseUrl: string): string {
  return baseUrl.includes('//eu.api.') ? 'eu' : 'us';
}
