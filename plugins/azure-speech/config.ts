import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'Azure Speech';

/** Regions of the service (vendor's table of 2025-11-09). A key is valid in its resource's region only. */
const REGIONS = [
  ...['southafricanorth', 'eastasia', 'southeastasia', 'australiaeast', 'centralindia', 'japaneast', 'japanwest'],
  ...['koreacentral', 'canadacentral', 'canadaeast', 'northeurope', 'westeurope', 'francecentral'],
  ...['germanywestcentral', 'italynorth', 'norwayeast', 'swedencentral', 'switzerlandnorth', 'switzerlandwest'],
  ...['uksouth', 'ukwest', 'uaenorth', 'brazilsouth', 'qatarcentral', 'centralus', 'eastus', 'eastus2'],
  ...['northcentralus', 'southcentralus', 'westcentralus', 'westus', 'westus2', 'westus3'],
];

/** In Brazil, with fast transcription and neural voices both. */
const DEFAULT_REGION = 'brazilsouth';

/** The one kind of recognition this plugin asks for. */
export const STT_MODEL = 'fast-transcription';

/** Newest version of the API in general availability on 2026-11-21. */
const API_VERSION = '2025-10-15';

/** A voice of Brazil, in general availability in every region on 2026-11-21. */
export const DEFAULT_VOICE = 'pt-BR-FranciscaNeural';

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave do recurso', pattern: '^[!-~]+$', secret: true }),
});

const region = Type.String({
  title: 'Região do recurso (a da chave)',
  default: DEFAULT_REGION,
  pattern: `^(${REGIONS.join('|')})$`,
  env: 'AZURE_SPEECH_REGION',
});

export const sttSettings = Type.Object({
  model: Type.String({
    title: 'Modelo',
    default: STT_MODEL,
    pattern: `^${STT_MODEL}$`,
    env: 'AZURE_SPEECH_MODEL',
  }),
  region,
  baseUrl: Type.String({
    title: 'Endereço da transcrição, quando não é o da região (domínio próprio do recurso)',
    default: '',
    pattern: '^(https?://.+)?$',
    env: 'AZURE_SPEECH_BASE_URL',
  }),
  apiVersion: Type.String({
    title: 'Versão da API de transcrição',
    default: API_VERSION,
    pattern: '^[0-9a-z.-]+$',
    env: 'AZURE_SPEECH_API_VERSION',
  }),
  maxConcurrent: Type.Integer({
    title: 'Pedidos ao mesmo tempo',
    default: 10,
    minimum: 1,
    env: 'AZURE_SPEECH_MAX_CONCURRENT',
  }),
});

export const ttsSettings = Type.Object({
  model: Type.String({ title: 'Voz', default: DEFAULT_VOICE, minLength: 1, env: 'AZURE_SPEECH_VOICE' }),
  region,
  baseUrl: Type.String({
    title: 'Endereço da síntese, quando não é o da região',
    default: '',
    pattern: '^(https?://.+)?$',
    env: 'AZURE_SPEECH_TTS_BASE_URL',
  }),
});

export type SttSettings = Static<typeof sttSettings>;
export type TtsSettings = Static<typeof ttsSettings>;

export const vendor: VendorManifest = {
  id: 'azure-speech',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['AZURE_SPEECH_KEY', 'AZURE_SPEECH_KEYS'],
  hosts: REGIONS.flatMap((name) => [sttHost(name), ttsHost(name)]),
  region: DEFAULT_REGION,
};

/** Address of the transcription API, without a slash at its end. */
export function sttUrl(settings: SttSettings): string {
  return (settings.baseUrl || `https://${sttHost(settings.region)}`).replace(/\/+$/, '');
}

/** Address of the synthesis API, without a slash at its end. */
export function ttsUrl(settings: TtsSettings): string {
  return (settings.baseUrl || `https://${ttsHost(settings.region)}`).replace(/\/+$/, '');
}

function sttHost(name: string): string {
  return `${name}.api.cognitive.microsoft.com`;
}

function ttsHost(name: string): string {
  return `${name}.tts.speech.microsoft.com`;
}
