import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'Deepgram';

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

const shared = {
  baseUrl: Type.String({
    title: 'Endereço da API',
    default: 'https://api.deepgram.com',
    pattern: '^https?://',
    env: 'DEEPGRAM_BASE_URL',
  }),
  improveModel: Type.Boolean({
    title: 'Deixar o fornecedor treinar com o áudio (participar muda o preço)',
    default: false,
    env: 'DEEPGRAM_IMPROVE_MODEL',
  }),
};

export const settingsSchema = Type.Object({
  /** Default of 2026-11-21: the current Nova; Flux (`flux-general-multi`) finds the ends of turns by itself. */
  model: Type.String({ title: 'Modelo', default: 'nova-3', minLength: 1, env: 'DEEPGRAM_MODEL' }),
  ...shared,
  endpointingMs: Type.Integer({
    title: 'Pausa em ms em que o fornecedor fecha um trecho; 0 desliga (quem corta é o Balto)',
    default: 0,
    minimum: 0,
    maximum: 5000,
    env: 'DEEPGRAM_ENDPOINTING_MS',
  }),
  maxConcurrent: Type.Integer({
    title: 'Conexões ao mesmo tempo que o plano permite',
    default: 50,
    minimum: 1,
    env: 'DEEPGRAM_MAX_CONCURRENT',
  }),
});

export const ttsSettingsSchema = Type.Object({
  /** Default of 2026-11-21: the vendor's own example. A voice is a model, and speaks one language. */
  model: Type.String({
    title: 'Voz',
    default: 'aura-2-thalia-en',
    pattern: '^aura-[a-z0-9-]+-[a-z]{2}$',
    env: 'DEEPGRAM_TTS_MODEL',
  }),
  ...shared,
});

export type DeepgramSettings = Static<typeof settingsSchema>;
export type DeepgramTtsSettings = Static<typeof ttsSettingsSchema>;

export const vendor: VendorManifest = {
  id: 'deepgram',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['DEEPGRAM_API_KEY', 'DEEPGRAM_API_KEYS'],
  hosts: ['api.deepgram.com', 'api.eu.deepgram.com'],
  region: 'us',
};

/** Where the audio is processed: what the base URL names. */
export function regionOf(baseUrl: string): string {
  return baseUrl.includes('//api.eu.') ? 'eu' : 'us';
}
