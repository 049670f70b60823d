import { warmOpus } from './opus.ts';
import { loadResampler } from './resample.ts';

export { findFfmpeg } from './foreign.ts';
export { warmOpus } from './opus.ts';
export type { RestartPoint } from './restart-map.ts';
export { StreamDecoder } from './stream-decoder.ts';
export type { StreamDecoderOptions } from './stream-options.ts';
export { decodeUpload } from './upload.ts';

/**
 * Loads the decoders, so that the first counter's bytes are decoded within its first `push`. Call once at start.
 * @throws when WebAssembly does not load here.
 */
export async function prepareDecoders(): Promise<void> {
  await Promise.all([warmOpus(), loadResampler()]);
}
