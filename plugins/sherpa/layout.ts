import { join } from 'node:path';
import { listed, type ModelFolder, modelError } from './folder.ts';
import { onnxMetadata } from './onnx-metadata.ts';
import type { RecognizerModel } from './protocol.ts';

/** What a model folder holds, as the native library's configuration wants it. */
export interface SttLayout {
  family: 'whisper' | 'transducer' | 'nemo-ctc' | 'paraformer';
  model: RecognizerModel;
}

/**
 * Recognises an offline speech model by its files: `encoder` + `decoder` (+ `joiner`), or one `model`, and `tokens.txt`.
 * Where the names leave it open, the files' own metadata decides. An 8-bit version goes before a full one: it is what a
 * counter's processor is fast at.
 * @throws ProviderError `invalid_request`, blame `config`: nothing here that can be used, and what was found.
 */
export async function sttLayout(folder: ModelFolder): Promise<SttLayout> {
  const tokens = folder.files.find((name) => /(^|[-_])tokens\.txt$/.test(name));
  if (!tokens) throw modelError(`falta tokens.txt na pasta do modelo ${listed(folder)}`);
  const at = (name: string | undefined) => (name === undefined ? undefined : join(folder.path, name));
  const encoder = at(pick(folder, 'encoder'));
  const decoder = at(pick(folder, 'decoder'));
  const joiner = at(pick(folder, 'joiner'));
  const single = at(pick(folder, 'model'));
  const tokensPath = join(folder.path, tokens);
  if (encoder && decoder && joiner) return transducer({ encoder, decoder, joiner }, tokensPath);
  if (encoder && decoder) return whisper({ encoder, decoder }, tokensPath, folder);
  if (single) return oneFile(single, tokensPath, folder);
  throw unknownLayout(folder);
}

/** The file that plays a part (`tiny-encoder.int8.onnx`, `encoder-epoch-99.onnx`), the 8-bit one first. */
function pick({ files }: ModelFolder, part: string): string | undefined {
  const named = new RegExp(`(^|[-_.])${part}([-_.].*)?\\.onnx$`);
  const found = files.filter((name) => named.test(name));
  return found.find((name) => name.includes('int8')) ?? found[0];
}

async function transducer(
  files: { encoder: string; decoder: string; joiner: string },
  tokens: string,
): Promise<SttLayout> {
  const metadata = await onnxMetadata(files.encoder);
  await onnxMetadata(files.decoder);
  await onnxMetadata(files.joiner);
  if (metadata.has('decode_chunk_len')) {
    throw modelError('este modelo é de streaming; o plugin sherpa usa modelos offline (sem "streaming" no nome)');
  }
  const isNemo = metadata.get('model_type')?.startsWith('EncDec') ?? false;
  const model = { transducer: files, tokens, ...(isNemo ? { modelType: 'nemo_transducer' } : {}) };
  return { family: 'transducer', model };
}

async function whisper(
  files: { encoder: string; decoder: string },
  tokens: string,
  folder: ModelFolder,
): Promise<SttLayout> {
  const metadata = await onnxMetadata(files.encoder);
  await onnxMetadata(files.decoder);
  if (!metadata.has('n_mels')) throw unknownLayout(folder);
  if (metadata.get('is_multilingual') === '0') {
    throw modelError('este Whisper só entende inglês; use o de vários idiomas (sem ".en" no nome)');
  }
  return { family: 'whisper', model: { whisper: { ...files, task: 'transcribe' }, tokens } };
}

async function oneFile(model: string, tokens: string, folder: ModelFolder): Promise<SttLayout> {
  const metadata = await onnxMetadata(model);
  const type = metadata.get('model_type') ?? '';
  if (type.startsWith('EncDec') || metadata.has('normalize_type')) {
    return { family: 'nemo-ctc', model: { nemoCtc: { model }, tokens } };
  }
  if (metadata.has('lfr_window_size') && !type.startsWith('sense_voice')) {
    return { family: 'paraformer', model: { paraformer: { model }, tokens } };
  }
  throw unknownLayout(folder);
}

function unknownLayout(folder: ModelFolder): Error {
  return modelError(
    `modelo não reconhecido em ${listed(folder)}: o plugin sherpa conhece whisper, transducer, nemo-ctc e paraformer`,
  );
}
