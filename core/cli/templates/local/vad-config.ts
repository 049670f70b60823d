import { SPEC_VERSION, type Static, Type, type VendorManifest } from 'balto/contracts';

export const settingsSchema = Type.Object({
  marginDb: Type.Number({
    title: 'Quanto a fala fica acima do ruído, em dB',
    default: 12,
    minimum: 3,
    maximum: 40,
    env: 'ACME_MARGIN_DB',
  }),
});

export type AcmeSettings = Static<typeof settingsSchema>;

/** It works in this process: no credential, no host, and nothing leaves the machine. */
export const vendor: VendorManifest = { id: 'acme', title: 'Acme', specVersion: SPEC_VERSION, region: 'local' };
