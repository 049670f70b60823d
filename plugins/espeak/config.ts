import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'eSpeak NG';

export const settingsSchema = Type.Object({
  path: Type.String({
    title: 'Programa espeak-ng',
    default: 'espeak-ng',
    minLength: 1,
    pattern: '^[^-]',
    env: 'ESPEAK_PATH',
  }),
  wordsPerMinute: Type.Integer({
    title: 'Palavras por minuto',
    default: 160,
    minimum: 80,
    maximum: 450,
    env: 'ESPEAK_WORDS_PER_MINUTE',
  }),
});

export type EspeakSettings = Static<typeof settingsSchema>;

/** A program of this machine: no key, no host. */
export const vendor: VendorManifest = { id: 'espeak', title: TITLE, specVersion: SPEC_VERSION, region: 'local' };
