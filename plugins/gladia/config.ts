import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'Gladia';

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

export const settingsSchema = Type.Object({
  model: Type.String({
    title: 'Modelo (padrão de 2026-11); solaria-3 não ouve português',
    default: 'solaria-1',
    minLength: 1,
    env: 'GLADIA_MODEL',
  }),
  baseUrl: Type.String({
    title: 'Endereço da API',
    default: 'https://api.gladia.io',
    pattern: '^https?://',
    env: 'GLADIA_BASE_URL',
  }),
  retainData: Type.Boolean({
    title: 'Deixar áudio e transcrição guardados no fornecedor; desligado, são apagados depois de lidos',
    default: false,
    env: 'GLADIA_RETAIN_DATA',
  }),
  maxConcurrent: Type.Integer({
    title: 'Pedidos ao mesmo tempo que o plano permite (3 no grátis)',
    default: 25,
    minimum: 1,
    env: 'GLADIA_MAX_CONCURRENT',
  }),
});

export type GladiaSettings = Static<typeof settingsSchema>;

export const vendor: VendorManifest = {
  id: 'gladia',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['GLADIA_API_KEY', 'GLADIA_API_KEYS'],
  hosts: ['api.gladia.io'],
  region: 'eu',
  keeps: ({ retainData }) =>
    retainData === true
      ? 'conforme o contrato: guardar foi pedido (GLADIA_RETAIN_DATA)'
      : 'até ser lida: o Balto apaga lá áudio e transcrição',
};

/** `solaria-3` hears five languages; the others a hundred. */
export function languagesOf(model: string): string[] {
  const five = ['en', 'fr', 'de', 'es', 'it'];
  return model === 'solaria-3' ? five : ['pt', ...five, 'nl', 'ja', 'ko', 'zh'];
}
