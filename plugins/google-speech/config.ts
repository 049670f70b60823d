import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'Google Speech';

/** For utterances of a few seconds; current in version 1 of the API on 2026-11-21. */
export const DEFAULT_MODEL = 'latest_short';

/** A voice of Brazil, in general availability on 2026-11-21. */
export const DEFAULT_VOICE = 'pt-BR-Neural2-A';

/** Prefix of the hosts of each region; there is none in Brazil for version 1. */
const PREFIXES = { global: '', us: 'us-', eu: 'eu-' };

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

const region = Type.String({
  title: 'Região em que se processa: global, us ou eu',
  default: 'global',
  pattern: `^(${Object.keys(PREFIXES).join('|')})$`,
  env: 'GOOGLE_SPEECH_REGION',
});

export const sttSettings = Type.Object({
  model: Type.String({ title: 'Modelo', default: DEFAULT_MODEL, minLength: 1, env: 'GOOGLE_SPEECH_MODEL' }),
  region,
  baseUrl: Type.String({
    title: 'Endereço da transcrição, quando não é o da região',
    default: '',
    pattern: '^(https?://.+)?$',
    env: 'GOOGLE_SPEECH_BASE_URL',
  }),
  maxConcurrent: Type.Integer({
    title: 'Pedidos ao mesmo tempo',
    default: 15,
    minimum: 1,
    env: 'GOOGLE_SPEECH_MAX_CONCURRENT',
  }),
});

export const ttsSettings = Type.Object({
  model: Type.String({ title: 'Voz', default: DEFAULT_VOICE, minLength: 1, env: 'GOOGLE_SPEECH_VOICE' }),
  region,
  baseUrl: Type.String({
    title: 'Endereço da síntese, quando não é o da região',
    default: '',
    pattern: '^(https?://.+)?$',
    env: 'GOOGLE_SPEECH_TTS_BASE_URL',
  }),
});

export type SttSettings = Static<typeof sttSettings>;
export type TtsSettings = Static<typeof ttsSettings>;

export const vendor: VendorManifest = {
  id: 'google-speech',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['GOOGLE_SPEECH_API_KEY', 'GOOGLE_SPEECH_API_KEYS'],
  hosts: Object.keys(PREFIXES).flatMap((name) => [hostOf('speech', name), hostOf('texttospeech', name)]),
  region: 'global',
};

/** Address of one of the two services, without a slash at its end. */
export function urlOf(service: 'speech' | 'texttospeech', settings: { region: string; baseUrl: string }): string {
  return (settings.baseUrl || `https://${hostOf(service, settings.region)}`).replace(/\/+$/, '');
}

function hostOf(service: string, name: string): string {
  return `${PREFIXES[name as keyof typeof PREFIXES] ?? ''}${service}.googleapis.com`;
}
