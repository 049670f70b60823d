import { randomBytes } from 'node:crypto';
import t from 'tap';
import { openModelFolder } from '../../plugins/sherpa/folder.ts';
import { sttLayout } from '../../plugins/sherpa/layout.ts';
import { onnxMetadata } from '../../plugins/sherpa/onnx-metadata.ts';
import { failureOf } from '../helpers/provider.ts';
import { ctcModel, modelFolder, onnxBytes } from '../helpers/tiny-onnx.ts';

const onnx = (metadata: Record<string, string> = {}) =>
  onnxBytes({ nodes: [], inputs: [], outputs: [], constants: [], metadata });

const place = (path: string) =>
  openModelFolder({ path, name: '', modelsDir: '', dataDir: '.', nameVariable: 'A', pathVariable: 'B' });

const layoutOf = async (path: string) => sttLayout(await place(path));

t.test('layouts are recognised by files, and by what the files say of themselves', async (test) => {
  const root = test.testdir();
  const tokens = { 'tokens.txt': 'a 0\n' };
  const folder = (name: string, files: Record<string, Buffer | string>) => modelFolder(root, name, files);
  const whisper = await folder('whisper', {
    'small-encoder.onnx': onnx({ n_mels: '80' }),
    'small-encoder.int8.onnx': onnx({ n_mels: '80', is_multilingual: '1' }),
    'small-decoder.onnx': onnx(),
    'small-decoder.int8.onnx': onnx(),
    'small-tokens.txt': 'a 0\n',
  });
  test.match(await layoutOf(whisper), {
    family: 'whisper',
    model: {
      tokens: /small-tokens\.txt$/,
      whisper: { encoder: /small-encoder\.int8\.onnx$/, decoder: /small-decoder\.int8\.onnx$/, task: 'transcribe' },
    },
  });
  const three = (metadata: Record<string, string>) => ({
    'encoder-epoch-99-avg-1.int8.onnx': onnx(metadata),
    'decoder-epoch-99-avg-1.onnx': onnx(),
    'joiner-epoch-99-avg-1.int8.onnx': onnx(),
    ...tokens,
  });
  const zipformer = await layoutOf(await folder('zipformer', three({ model_type: 'zipformer2' })));
  test.match(zipformer, { family: 'transducer', model: { transducer: { joiner: /joiner/ } } });
  test.equal(zipformer.model.modelType, undefined);
  const nemo = await layoutOf(await folder('parakeet', three({ model_type: 'EncDecRNNTBPEModel' })));
  test.match(nemo, { family: 'transducer', model: { modelType: 'nemo_transducer' } });
  const ctc = await layoutOf(
    await folder('ctc', { 'model.onnx': ctcModel(), 'model.int8.onnx': ctcModel(), ...tokens }),
  );
  test.match(ctc, { family: 'nemo-ctc', model: { nemoCtc: { model: /model\.int8\.onnx$/ } } });
  const paraformer = { 'model.onnx': onnx({ lfr_window_size: '7', vocab_size: '2' }), ...tokens };
  test.match(await layoutOf(await folder('paraformer', paraformer)), { family: 'paraformer' });
});

t.test('what cannot be used is refused with the reason, before the native library sees it', async (test) => {
  const root = test.testdir();
  const garbage = randomBytes(20_000);
  const tokens = { 'tokens.txt': 'a 0\n' };
  const whole = ctcModel();
  const cases: [string, Record<string, Buffer | string>, RegExp][] = [
    ['vazia', {}, /falta tokens\.txt.*vazia/],
    ['sem-tokens', { 'model.onnx': whole }, /falta tokens\.txt.*model\.onnx/],
    ['so-tokens', tokens, /não reconhecido/],
    ['lixo', { 'model.onnx': garbage, ...tokens }, /model\.onnx não é um modelo ONNX inteiro/],
    ['zero', { 'model.onnx': '', ...tokens }, /não é um modelo ONNX inteiro/],
    ['html', { 'model.onnx': '<html>404</html>', ...tokens }, /não é um modelo ONNX inteiro/],
    ['cortado', { 'model.onnx': whole.subarray(0, whole.length / 2), ...tokens }, /não é um modelo ONNX inteiro/],
    [
      'outro',
      { 'model.onnx': onnx({ model_type: 'sense_voice_ctc', lfr_window_size: '7' }), ...tokens },
      /não reconhecido/,
    ],
    [
      'canary',
      { 'encoder.onnx': onnx({ model_type: 'EncDecMultiTaskModel' }), 'decoder.onnx': onnx(), ...tokens },
      /não reconhecido/,
    ],
    [
      'en',
      { 'encoder.onnx': onnx({ n_mels: '80', is_multilingual: '0' }), 'decoder.onnx': onnx(), ...tokens },
      /só entende inglês/,
    ],
    [
      'streaming',
      { 'encoder.onnx': onnx({ decode_chunk_len: '32' }), 'decoder.onnx': onnx(), 'joiner.onnx': onnx(), ...tokens },
      /de streaming/,
    ],
  ];
  for (const [name, files, message] of cases) {
    const error = await failureOf(test, layoutOf(await modelFolder(root, name, files)));
    test.match(error, { code: 'invalid_request', blame: 'config', retryable: false, message }, name);
  }
  test.match(await failureOf(test, place(`${root}/ausente`)), { message: /ENOENT.*B/ });
});

t.test('metadata is read without the weights, at every cut of the file', async (test) => {
  const root = test.testdir();
  const bytes = onnx({ um: '1', vazio: '', acento: 'ção' });
  const read = async (content: Buffer) => {
    const folder = await modelFolder(root, 'm', { 'm.onnx': content });
    return onnxMetadata(`${folder}/m.onnx`);
  };
  test.same(Object.fromEntries(await read(bytes)), { um: '1', vazio: '', acento: 'ção' });
  for (let length = 0; length < bytes.length; length += 3) {
    const outcome = await read(bytes.subarray(0, length)).then(
      (found) => found.size <= 3,
      (error: Error) => /não é um modelo ONNX inteiro/.test(error.message),
    );
    test.ok(outcome, `cut at ${length}`);
  }
});
