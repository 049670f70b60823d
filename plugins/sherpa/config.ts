import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';
import { MODEL_NAME, placeSchema } from './folder.ts';

export const TITLE = 'sherpa-onnx';

/** 2026-11-21: the smallest Whisper that is of use in Portuguese. */
export const STT_MODEL = 'sherpa-onnx-whisper-small';
/** 2026-11-21: 256 dimensions, trained on VoxCeleb. */
export const SPEAKER_MODEL = 'wespeaker_en_voxceleb_resnet34';

const threads = Type.Integer({
  title: 'Núcleos que o modelo usa',
  default: 2,
  minimum: 1,
  maximum: 64,
  env: 'SHERPA_THREADS',
});

const maxJobs = Type.Integer({
  title: 'Falas aceitas ao mesmo tempo; uma é trabalhada, as outras esperam',
  default: 4,
  minimum: 1,
  maximum: 64,
  env: 'SHERPA_MAX_JOBS',
});

export const sttSchema = Type.Object({
  model: Type.String({
    title: 'Modelo de transcrição: nome de uma pasta dentro da pasta dos modelos',
    default: STT_MODEL,
    pattern: MODEL_NAME,
    env: 'SHERPA_MODEL',
  }),
  modelDir: Type.String({
    title: 'Caminho inteiro da pasta do modelo; vale mais que SHERPA_MODEL',
    default: '',
    env: 'SHERPA_MODEL_DIR',
  }),
  ...placeSchema,
  threads,
  maxJobs,
});

export const speakerSchema = Type.Object({
  model: Type.String({
    title: 'Modelo de voz (falantes): nome de uma pasta dentro da pasta dos modelos',
    default: SPEAKER_MODEL,
    pattern: MODEL_NAME,
    env: 'SHERPA_SPEAKER_MODEL',
  }),
  modelFile: Type.String({
    title: 'Caminho inteiro do arquivo .onnx; vale mais que SHERPA_SPEAKER_MODEL',
    default: '',
    env: 'SHERPA_SPEAKER_FILE',
  }),
  ...placeSchema,
  threads,
  maxJobs,
});

export type SttSettings = Static<typeof sttSchema>;
export type SpeakerSettings = Static<typeof speakerSchema>;

/** Runs here: no key, no host. */
export const vendor: VendorManifest = { id: 'sherpa', title: TITLE, specVersion: SPEC_VERSION, region: 'local' };
