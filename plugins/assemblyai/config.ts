import Type, { type Static } from 'typebox';
import { retiredModel, SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'AssemblyAI';

/** Current models on 2026-11-21, the default first; both defaults hear Portuguese and take the language as a parameter. */
export const BATCH_MODELS = ['universal-3-5-pro', 'universal-3-pro', 'universal-2'];
export const STREAM_MODELS = [
  'universal-3-6-pro',
  'universal-3-5-pro',
  'universal-streaming-multilingual',
  'u3-rt-pro',
];

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

export const settingsSchema = Type.Object({
  model: Type.String({
    title: 'Modelo por arquivo (padrão de 2026-11)',
    default: 'universal-3-5-pro',
    minLength: 1,
    env: 'ASSEMBLYAI_MODEL',
  }),
  streamModel: Type.String({
    title: 'Modelo ao vivo (padrão de 2026-11); tem de ouvir português',
    default: 'universal-3-6-pro',
    minLength: 1,
    env: 'ASSEMBLYAI_STREAM_MODEL',
  }),
  baseUrl: Type.String({
    title: 'Endereço da API (https://api.eu.assemblyai.com na Europa)',
    default: 'https://api.assemblyai.com',
    pattern: '^https?://',
    env: 'ASSEMBLYAI_BASE_URL',
  }),
  retainData: Type.Boolean({
    title: 'Deixar a transcrição guardada no fornecedor; desligado, ela é apagada depois de lida',
    default: false,
    env: 'ASSEMBLYAI_RETAIN_DATA',
  }),
  maxConcurrent: Type.Integer({
    title: 'Pedidos e conexões ao mesmo tempo que o plano permite',
    default: 100,
    minimum: 1,
    env: 'ASSEMBLYAI_MAX_CONCURRENT',
  }),
});

export type AssemblyAiSettings = Static<typeof settingsSchema>;

export const vendor: VendorManifest = {
  id: 'assemblyai',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['ASSEMBLYAI_API_KEY', 'ASSEMBLYAI_API_KEYS'],
  hosts: ['api.assemblyai.com', 'api.eu.assemblyai.com', 'streaming.us.assemblyai.com', 'streaming.eu.assemblyai.com'],
  region: 'us',
  keeps: ({ retainData }) =>
    retainData === true
      ? 'conforme o contrato: guardar foi pedido (ASSEMBLYAI_RETAIN_DATA)'
      : 'por arquivo, até ser lida: o Balto a apaga lá; ao vivo, conforme o contrato',
};

/** Where the audio is processed: the vendor has one host per region. */
export function regionOf(baseUrl: string): 'us' | 'eu' {
  return /\/\/api\.eu\./.test(baseUrl) ? 'eu' : 'us';
}

/**
 * The live host that belongs to the API's: the one that keeps data in its region, not the global one, which goes to
 * whichever region is near. Any other base URL (a proxy, a test) serves both.
 */
export function streamUrlOf(baseUrl: string): string {
  const base = baseUrl.replace(/\/+$/, '');
  if (!/^https:\/\/api\.(eu\.)?assemblyai\.com$/.test(base)) return base.replace(/^http/, 'ws');
  return `wss://streaming.${regionOf(base)}.assemblyai.com`;
}

/** Names the vendor no longer takes, and the nearest it does. */
const RETIRED = {
  best: 'universal-3-5-pro',
  'slam-1': 'universal-3-5-pro',
  universal: 'universal-2',
  nano: 'universal-2',
  'conformer-2': 'universal-2',
};
const RETIRED_STREAM = {
  'u3-pro': 'u3-rt-pro',
  'universal-streaming': 'universal-streaming-multilingual',
};

/** The error of a configured model that is gone; see `retiredModel`. */
export function retired({ model, streamModel }: AssemblyAiSettings) {
  return retiredModel(TITLE, model, RETIRED) ?? retiredModel(TITLE, streamModel, RETIRED_STREAM);
}
