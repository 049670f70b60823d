import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'Deepgram';

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

export const settingsSchema = Type.Object({
  model: Type.String({ title: 'Modelo', default: 'nova-3', minLength: 1, env: 'DEEPGRAM_MODEL' }),
  baseUrl: Type.String({
    title: 'Endereço da API',
    default: 'https://api.deepgram.com',
    pattern: '^https?://',
    env: 'DEEPGRAM_BASE_URL',
  }),
  endpointingMs: Type.Integer({
    title: 'Pausa em ms em que o fornecedor fecha um trecho; 0 desliga (quem corta é o Balto)',
    default: 0,
    minimum: 0,
    maximum: 5000,
    env: 'DEEPGRAM_ENDPOINTING_MS',
  }),
  improveModel: Type.Boolean({
    title: 'Deixar o fornecedor treinar com o áudio (participar muda o preço)',
    default: false,
    env: 'DEEPGRAM_IMPROVE_MODEL',
  }),
  maxConcurrent: Type.Integer({
    title: 'Conexões ao mesmo tempo que o plano permite',
    default: 50,
    minimum: 1,
    env: 'DEEPGRAM_MAX_CONCURRENT',
  }),
});

export type DeepgramSettings = Static<typeof settingsSchema>;

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
