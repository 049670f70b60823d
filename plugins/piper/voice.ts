import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { listed, type ModelFolder, modelError } from '../sherpa/folder.ts';
import { onnxMetadata } from '../sherpa/onnx-metadata.ts';
import type { VoiceModel } from '../sherpa/protocol.ts';

/**
 * The files of a Piper voice as sherpa-onnx publishes it: one `.onnx`, `tokens.txt` and `espeak-ng-data`, which the native
 * library wants all three and ends its process without.
 * @throws ProviderError `invalid_request`, blame `config`, saying which is missing.
 */
export async function voiceFiles(folder: ModelFolder): Promise<VoiceModel> {
  const models = folder.files.filter((name) => name.endsWith('.onnx'));
  const [model] = models;
  if (model === undefined || models.length > 1) throw modelError(`esperado um só arquivo .onnx em ${listed(folder)}`);
  if (!folder.files.includes('tokens.txt')) throw foreign('falta tokens.txt', folder);
  const dataDir = join(folder.path, 'espeak-ng-data');
  const hasData = await access(join(dataDir, 'phontab')).then(
    () => true,
    () => false,
  );
  if (!hasData) throw foreign('falta espeak-ng-data', folder);
  const metadata = await onnxMetadata(join(folder.path, model));
  if (!metadata.has('sample_rate')) throw foreign('o .onnx não traz a taxa de amostragem', folder);
  return { model: join(folder.path, model), tokens: join(folder.path, 'tokens.txt'), dataDir };
}

function foreign(what: string, folder: ModelFolder): Error {
  return modelError(`${what} em ${listed(folder)}: use a voz convertida para o sherpa-onnx (vits-piper-…)`);
}
