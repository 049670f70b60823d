import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'Anthropic';

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

export const settingsSchema = Type.Object({
  model: Type.String({ title: 'Modelo', default: 'claude-haiku-5-5', minLength: 1, env: 'ANTHROPIC_MODEL' }),
  baseUrl: Type.String({
    title: 'Endereço da API',
    default: 'https://api.anthropic.com',
    pattern: '^https?://',
    env: 'ANTHROPIC_BASE_URL',
  }),
  reasoningEffort: Type.String({
    title: 'Quanto o modelo pensa antes de responder: none, low, medium, high, xhigh, max; default deixa ao fornecedor',
    default: 'none',
    pattern: '^(none|low|medium|high|xhigh|max|default)$',
    env: 'ANTHROPIC_REASONING_EFFORT',
  }),
});

export type AnthropicSettings = Static<typeof settingsSchema>;

export const vendor: VendorManifest = {
  id: 'anthropic',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['ANTHROPIC_API_KEY', 'ANTHROPIC_API_KEYS'],
  hosts: ['api.anthropic.com'],
  region: 'us',
};
