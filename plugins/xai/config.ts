import Type, { type Static } from 'typebox';
import { retiredModel, SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'xAI';

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

/** The models used where nobody names one; chosen on 2026-11-21. Transcription has no models to choose from. */
export const DEFAULT_MODEL = 'grok-4.3';
/** Our name for what transcribes: the vendor gives it none. */
export const STT_MODEL = 'xai-stt';

const baseUrl = Type.String({
  title: 'Endereço da API, com a versão',
  default: 'https://api.x.ai/v1',
  pattern: '^https?://',
  env: 'XAI_BASE_URL',
});

export const settingsSchema = Type.Object({
  model: Type.String({ title: 'Modelo', default: DEFAULT_MODEL, minLength: 1, env: 'XAI_MODEL' }),
  baseUrl,
});

export const sttSettingsSchema = Type.Object({
  baseUrl,
  maxConcurrent: Type.Integer({
    title: 'Transcrições ao mesmo tempo que o plano permite',
    default: 100,
    minimum: 1,
    env: 'XAI_STT_MAX_CONCURRENT',
  }),
});

export type XaiSttSettings = Static<typeof sttSettingsSchema>;

export const vendor: VendorManifest = {
  id: 'xai',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['XAI_API_KEY', 'XAI_API_KEYS'],
  hosts: ['api.x.ai', 'us-east-1.api.x.ai', 'eu-west-1.api.x.ai'],
  region: 'us',
};

/** Where data is processed: what the base URL names, `us` where it names nothing. */
export function regionOf(baseUrl: string): string {
  return /\/\/eu-/.test(baseUrl) ? 'eu' : 'us';
}

/** Names out of service (docs.x.ai, retirement of 2026-05-15, and the names before it), all followed by the same model. */
const RETIRED = Object.fromEntries(
  [
    'grok-beta',
    'grok-vision-beta',
    'grok-2',
    'grok-2-latest',
    'grok-2-1212',
    'grok-3',
    'grok-3-latest',
    'grok-3-beta',
    'grok-3-fast',
    'grok-3-mini',
    'grok-3-mini-beta',
    'grok-3-mini-fast',
    'grok-4-0709',
    'grok-4-fast-reasoning',
    'grok-4-fast-non-reasoning',
    'grok-4-1-fast-reasoning',
    'grok-4-1-fast-non-reasoning',
    'grok-code-fast-1',
  ].map((name) => [name, DEFAULT_MODEL]),
);

/** For `probe`: throws when `model` is a retired name. */
export function refuseRetired(model: string): void {
  const error = retiredModel(TITLE, model, RETIRED);
  if (error) throw error;
}
