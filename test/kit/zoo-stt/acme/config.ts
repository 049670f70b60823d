import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../../../core/contracts/index.ts';

export const TITLE = 'Acme';

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

export const settingsSchema = Type.Object({
  model: Type.String({ title: 'Modelo', default: 'acme-1', minLength: 1, env: 'ACME_MODEL' }),
  baseUrl: Type.String({
    title: 'Endereço da API',
    default: 'https://api.acme.test',
    pattern: '^https?://',
    env: 'ACME_BASE_URL',
  }),
});

export type AcmeSettings = Static<typeof settingsSchema>;

export const vendor: VendorManifest = {
  id: 'acme',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['ACME_API_KEY', 'ACME_API_KEYS'],
  hosts: ['api.acme.test'],
  region: 'us',
};

/** Names the vendor has taken out of service. */
export const RETIRED = { 'acme-0': 'acme-1' };
