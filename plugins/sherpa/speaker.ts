import type { ProviderManifest } from '../../core/contracts/index.ts';
import { SPEAKER_MODEL, speakerSchema } from './config.ts';

export const MIN_MS = 800;

/** `speaker/sherpa`: whatever embedding model the operator has put in a folder. */
export const sherpaSpeaker: ProviderManifest<'speaker'> = {
  kind: 'speaker',
  vendor: 'sherpa',
  id: 'sherpa',
  title: 'sherpa-onnx: vozes (nesta máquina)',
  settings: speakerSchema,
  models: [SPEAKER_MODEL],
  // Of the default model; an instance says what its own model gives.
  capabilities: { dimensions: 256, minMs: MIN_MS },
  create: async (...given) => (await import('./speaker-instance.ts')).create(...given),
  probe: async (...given) => (await import('./speaker-instance.ts')).probe(...given),
};
