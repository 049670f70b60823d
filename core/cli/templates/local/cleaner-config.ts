import { SPEC_VERSION, type Static, Type, type VendorManifest } from 'balto/contracts';

export const settingsSchema = Type.Object({
  floor: Type.Number({
    title: 'Quanto do ruído fica entre as falas (0 a 1)',
    default: 0.25,
    minimum: 0,
    maximum: 1,
    env: 'ACME_FLOOR',
  }),
});

export type AcmeSettings = Static<typeof settingsSchema>;

/** It works in this process: no credential, no host, and nothing leaves the machine. */
export const vendor: VendorManifest = { id: 'acme', title: 'Acme', specVersion: SPEC_VERSION, region: 'local' };
