import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'ElevenLabs';

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

const shared = {
  baseUrl: Type.String({
    title: 'Endereço da API (também os de residência de dados)',
    default: 'https://api.elevenlabs.io',
    pattern: '^https?://',
    env: 'ELEVENLABS_BASE_URL',
  }),
  retainData: Type.Boolean({
    title: 'Deixar o fornecedor guardar áudio e texto (desligar exige plano com retenção zero)',
    default: true,
    env: 'ELEVENLABS_RETAIN_DATA',
  }),
};

export const settingsSchema = Type.Object({
  /** Default of 2026-11-21: the most accurate one, by request; `scribe_v2_realtime` streams. */
  model: Type.String({ title: 'Modelo', default: 'scribe_v2', minLength: 1, env: 'ELEVENLABS_MODEL' }),
  ...shared,
  maxConcurrent: Type.Integer({
    title: 'Pedidos ao mesmo tempo que o plano permite',
    default: 10,
    minimum: 1,
    env: 'ELEVENLABS_MAX_CONCURRENT',
  }),
});

export const ttsSettingsSchema = Type.Object({
  /** Default of 2026-11-21: the fastest one that speaks Portuguese. */
  model: Type.String({
    title: 'Modelo de voz',
    default: 'eleven_flash_v2_5',
    minLength: 1,
    env: 'ELEVENLABS_TTS_MODEL',
  }),
  voice: Type.String({
    title: 'Voz (id) quando o pedido não diz qual',
    default: '21m00Tcm4TlvDq8ikWAM',
    pattern: '^[A-Za-z0-9_-]+$',
    env: 'ELEVENLABS_VOICE',
  }),
  ...shared,
});

export type ElevenLabsSettings = Static<typeof settingsSchema>;
export type ElevenLabsTtsSettings = Static<typeof ttsSettingsSchema>;

export const vendor: VendorManifest = {
  id: 'elevenlabs',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['ELEVENLABS_API_KEY', 'ELEVENLABS_API_KEYS'],
  hosts: [
    'api.elevenlabs.io',
    'api.us.elevenlabs.io',
    'api.eu.residency.elevenlabs.io',
    'api.in.residency.elevenlabs.io',
    'api.sg.residency.elevenlabs.io',
  ],
  region: 'us',
  keeps: ({ retainData }) =>
    retainData === false
      ? 'nada: retenção zero foi pedida (ELEVENLABS_RETAIN_DATA)'
      : 'conforme o contrato com o fornecedor',
};

/** Where the audio is processed: what the base URL names, `us` where it names nothing. */
export function regionOf(baseUrl: string): string {
  return /\/\/api\.(eu|in|sg)\.residency\./.exec(baseUrl)?.[1] ?? 'us';
}

/** Whether a model is spoken to over a WebSocket, and only so. */
export function isRealtime(model: string): boolean {
  return model.includes('_realtime');
}
