import { SPEC_VERSION, type Static, Type, type VendorManifest } from 'balto/contracts';

export const settingsSchema = Type.Object({
  quietestDb: Type.Number({
    title: 'Trechos mais baixos que isto não contam, em dB',
    default: -60,
    minimum: -90,
    maximum: -20,
    env: 'ACME_QUIETEST_DB',
  }),
});

export type AcmeSettings = Static<typeof settingsSchema>;

/** It works in this process: no credential, no host, and nothing leaves the machine. */
export const vendor: VendorManifest = { id: 'acme', title: 'Acme', specVersion: SPEC_VERSION, region: 'local' };
