import { SPEC_VERSION, type Static, Type, type VendorManifest } from 'balto/contracts';

/** As people read it, in messages too. */
export const TITLE = 'Acme';

/** The model used unless ACME_MODEL says otherwise: state it here once, with the date it was right. */
export const DEFAULT_MODEL = 'acme-1';

/** Models the vendor has taken out of service, and the nearest one there is: what probe() tells an operator. */
export const RETIRED: Record<string, string> = { 'acme-0': DEFAULT_MODEL };

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

export const settingsSchema = Type.Object({
  model: Type.String({ title: 'Modelo', default: DEFAULT_MODEL, minLength: 1, env: 'ACME_MODEL' }),
  baseUrl: Type.String({
    title: 'Endereço da API',
    default: 'https://api.acme.example',
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
  hosts: ['api.acme.example'],
  region: 'us',
};

/** Where requests go, without a slash at its end. */
export function urlOf(settings: AcmeSettings): string {
  return settings.baseUrl.replace(/\/+$/, '');
}
