import Type from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'xAI';

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

export const settingsSchema = Type.Object({
  model: Type.String({ title: 'Modelo', default: 'grok-4.3', minLength: 1, env: 'XAI_MODEL' }),
  baseUrl: Type.String({
    title: 'Endereço da API, com a versão',
    default: 'https://api.x.ai/v1',
    pattern: '^https?://',
    env: 'XAI_BASE_URL',
  }),
});

export const vendor: VendorManifest = {
  id: 'xai',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['XAI_API_KEY', 'XAI_API_KEYS'],
  hosts: ['api.x.ai', 'us-east-1.api.x.ai', 'eu-west-1.api.x.ai'],
  region: 'us',
};
