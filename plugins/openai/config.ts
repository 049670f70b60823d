import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'OpenAI';

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

export const settingsSchema = Type.Object({
  model: Type.String({ title: 'Modelo', default: 'gpt-6-luna', minLength: 1, env: 'OPENAI_MODEL' }),
  baseUrl: Type.String({
    title: 'Endereço da API, com a versão (serve também a servidores compatíveis)',
    default: 'https://api.openai.com/v1',
    pattern: '^https?://',
    env: 'OPENAI_BASE_URL',
  }),
  reasoningEffort: Type.String({
    title: 'Quanto o modelo pensa antes de responder: none, minimal, low, medium, high; default deixa ao fornecedor',
    default: 'none',
    pattern: '^[a-z]+$',
    env: 'OPENAI_REASONING_EFFORT',
  }),
});

export type OpenAiSettings = Static<typeof settingsSchema>;

export const vendor: VendorManifest = {
  id: 'openai',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['OPENAI_API_KEY', 'OPENAI_API_KEYS'],
  hosts: ['api.openai.com', 'us.api.openai.com', 'eu.api.openai.com'],
  region: 'us',
};
