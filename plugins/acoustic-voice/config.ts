import { Type } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'Timbre e tom (indício de voz)';
/** Changes with anything that changes a vector: voices of another one are not compared. */
export const MODEL = 'timbre-1';

export const settingsSchema = Type.Object({
  quietestDb: Type.Number({
    title: 'Trechos mais baixos que o mais alto por mais que isto não contam, em dB',
    default: 30,
    minimum: 10,
    maximum: 60,
    env: 'ACOUSTIC_VOICE_QUIETEST_DB',
  }),
});

/** Works in this process: no key, no host, no model. */
export const vendor: VendorManifest = {
  id: 'acoustic-voice',
  title: TITLE,
  specVersion: SPEC_VERSION,
  region: 'local',
};
