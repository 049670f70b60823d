import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';
import { MODEL_NAME, placeSchema } from '../sherpa/folder.ts';

export const TITLE = 'Piper';

/** 2026-11-21: the Brazilian voice of medium quality whose data is in the public domain. */
export const VOICE = 'vits-piper-pt_BR-faber-medium';

export const settingsSchema = Type.Object({
  model: Type.String({
    title: 'Voz: nome de uma pasta dentro da pasta dos modelos',
    default: VOICE,
    pattern: MODEL_NAME,
    env: 'PIPER_VOICE',
  }),
  voiceDir: Type.String({
    title: 'Caminho inteiro da pasta da voz; vale mais que PIPER_VOICE',
    default: '',
    env: 'PIPER_VOICE_DIR',
  }),
  ...placeSchema,
  speed: Type.Number({
    title: 'Velocidade da fala: 1 é a da voz, 2 o dobro',
    default: 1,
    minimum: 0.25,
    maximum: 4,
    env: 'PIPER_SPEED',
  }),
  threads: Type.Integer({
    title: 'Núcleos que a voz usa',
    default: 1,
    minimum: 1,
    maximum: 64,
    env: 'PIPER_THREADS',
  }),
  maxJobs: Type.Integer({
    title: 'Frases aceitas ao mesmo tempo; uma é falada, as outras esperam',
    default: 8,
    minimum: 1,
    maximum: 64,
    env: 'PIPER_MAX_JOBS',
  }),
});

export type PiperSettings = Static<typeof settingsSchema>;

/** Runs here: no key, no host. */
export const vendor: VendorManifest = { id: 'piper', title: TITLE, specVersion: SPEC_VERSION, region: 'local' };
