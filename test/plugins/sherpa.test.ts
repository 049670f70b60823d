import { join } from 'node:path';
import Fastify from 'fastify';
import t from 'tap';
import { proveStt } from '../../core/kit/index.ts';
import registryPlugin from '../../core/registry/plugin.ts';
import espeak from '../../plugins/espeak/index.ts';
import { espeakTts } from '../../plugins/espeak/tts.ts';
import piper from '../../plugins/piper/index.ts';
import { vendor } from '../../plugins/sherpa/config.ts';
import sherpa from '../../plugins/sherpa/index.ts';
import { sherpaSpeaker } from '../../plugins/sherpa/speaker.ts';
import { sherpaStt } from '../../plugins/sherpa/stt.ts';
import { wordsOf } from '../../plugins/sherpa/words.ts';
import { failureOf, live } from '../helpers/provider.ts';
import { heldToLabel } from '../helpers/quality.ts';
import { bursts, localContext, withoutSherpa } from '../helpers/sherpa.ts';
import { CTC_TOKENS, ctcModel, modelFolder, onnxBytes, speakerModel } from '../helpers/tiny-onnx.ts';

const skip = await withoutSherpa();
const options = { language: 'pt-BR' };

/** Valid ONNX that the native library refuses by ending its process. */
const wrongModel = (metadata: Record<string, string>) =>
  onnxBytes({
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
    inputs: [{ name: 'x', type: 1, dims: [1] }],
    outputs: [{ name: 'y', type: 1, dims: [1] }],
    constants: [],
    metadata,
  });

t.test('a model folder transcribes: text, words with times, model, seconds', { skip }, async (test) => {
  const root = test.testdir();
  await modelFolder(root, 'models/meu-modelo', { 'model.int8.onnx': ctcModel(), 'tokens.txt': CTC_TOKENS });
  const stt = await sherpaStt.create({}, { dataDir: root, model: 'meu-modelo' }, localContext(test));
  const heard = await stt.transcribe(bursts(3, [0.5, 1.75]), options, live());
  test.match(heard, { text: 'oi oi', model: 'meu-modelo' });
  test.same(
    heard.words?.map(({ text }) => text),
    ['oi', 'oi'],
  );
  const starts = heard.words?.map(({ startMs }) => startMs) ?? [];
  test.ok(Math.abs((starts[0] ?? 0) - 500) < 60 && Math.abs((starts[1] ?? 0) - 1750) < 60, `starts at ${starts}`);
  test.same(heard.usage, [{ unit: 'second', quantity: 3, of: 'audio_in', model: 'meu-modelo' }]);
  test.match(await stt.transcribe(bursts(1, []), options, live()), { text: '' }, 'silence is an answer');
  test.match(await stt.transcribe(bursts(0, []), options, live()), { text: '' }, 'so is nothing at all');
  test.match(await stt.transcribe(bursts(0.1, []), options, live()), { text: '' });
  await stt.close?.();
  test.match(await failureOf(test, stt.transcribe(bursts(1, []), options, live())), { code: 'aborted' });
});

t.test('what it cannot hear is refused before any work', { skip }, async (test) => {
  const root = test.testdir();
  const modelDir = await modelFolder(root, 'm', { 'model.onnx': ctcModel(), 'tokens.txt': CTC_TOKENS });
  const stt = await sherpaStt.create({}, { modelDir }, localContext(test));
  test.teardown(() => stt.close?.());
  const at8k = { pcm: new Int16Array(800), sampleRateHz: 8000 };
  test.match(await failureOf(test, stt.transcribe(at8k, options, live())), { code: 'unsupported', blame: 'core' });
  test.match(await failureOf(test, stt.transcribe(bursts(29, []), options, live())), { code: 'unsupported' });
  const klingon = { language: 'tlh' };
  test.match(await failureOf(test, stt.transcribe(bursts(1, []), klingon, live())), { code: 'unsupported' });
  test.match(await failureOf(test, stt.transcribe(bursts(1, []), options, AbortSignal.abort())), { code: 'aborted' });
});

t.test('a folder that is not there names the variable', async (test) => {
  const ctx = localContext(test);
  const create = async (settings: object) => sherpaStt.create({}, { ...settings }, ctx);
  const missing = { code: 'invalid_request', blame: 'config', retryable: false };
  const modelsDir = test.testdir();
  test.match(await failureOf(test, create({ modelsDir, model: 'ausente' })), {
    ...missing,
    message: /SHERPA_MODEL e BALTO_MODELS_DIR.*balto models pull/,
  });
  test.match(await failureOf(test, create({ modelDir: join(modelsDir, 'ausente') })), {
    ...missing,
    message: /SHERPA_MODEL_DIR/,
  });
  const speaker = (async () => sherpaSpeaker.create({}, { modelFile: join(modelsDir, 'a.onnx') }, ctx))();
  test.match(await failureOf(test, speaker), { ...missing, message: /SHERPA_SPEAKER_FILE/ });
  test.match(await failureOf(test, create({ modelsDir, model: '../fora' })), { message: /model/ });
});

t.test('a model the native library ends its process for is a typed error here', { skip }, async (test) => {
  const root = test.testdir();
  const ctx = localContext(test);
  // Names and metadata promise Whisper; the rest of what the library wants is not there.
  const model = wrongModel({ n_mels: '80' });
  const files = { 'a-encoder.onnx': model, 'a-decoder.onnx': model, 'a-tokens.txt': CTC_TOKENS };
  const modelDir = await modelFolder(root, 'falso', files);
  const probe = async (settings: object) => sherpaStt.probe?.({}, { ...settings }, ctx);
  test.match(await failureOf(test, probe({ modelDir })), {
    code: 'invalid_request',
    blame: 'config',
    retryable: false,
    message: /falso não carrega/,
    vendorCode: /^exit|^SIG/,
    vendorMessage: /does not exist in the metadata/,
  });
  const voice = await modelFolder(root, 'voz', { 'voz.onnx': wrongModel({ framework: 'ninguém' }) });
  const made = (async () => sherpaSpeaker.create({}, { modelFile: join(voice, 'voz.onnx') }, ctx))();
  test.match(await failureOf(test, made), { code: 'invalid_request', vendorCode: /^exit|^SIG/ });
});

t.test('tokens become words; the end of the audio bounds them', async (test) => {
  const recognized = {
    text: '',
    language: '',
    durations: [0.1, 0.2, 5],
    logProbabilities: [0, Math.log(0.5), Math.log(0.8)],
  };
  const words = wordsOf({ ...recognized, tokens: [' bo', 'm', '▁dia'], timestamps: [0.1, 0.3, 0.6] }, 1000);
  test.same(words, [
    { text: 'bom', startMs: 100, endMs: 500, confidence: 0.75 },
    { text: 'dia', startMs: 600, endMs: 1000, confidence: 0.8 },
  ]);
  test.equal(wordsOf({ ...recognized, tokens: ['bom'], timestamps: [] }, 1000), undefined, 'Whisper gives no times');
});

t.test('a speaker model: the same voice, the same vector', { skip }, async (test) => {
  const root = test.testdir();
  await modelFolder(root, 'voz', { 'speaker.onnx': speakerModel() });
  const speaker = await sherpaSpeaker.create({}, { modelsDir: root, model: 'voz' }, localContext(test));
  test.teardown(() => speaker.close?.());
  test.equal(speaker.dimensions, 80);
  const audio = bursts(2, [0, 0.5, 1]);
  const vector = await speaker.embed(audio, live());
  test.equal(vector.length, 80);
  test.same(await speaker.embed(audio, live()), vector);
  test.notSame(await speaker.embed(bursts(2, [1]), live()), vector, 'other audio, another vector');
  test.match(await failureOf(test, speaker.embed(bursts(0.5, []), live())), { code: 'empty' });
});

t.test('the local plugins register, need no key, and read the environment', async (test) => {
  const app = Fastify();
  test.teardown(() => app.close());
  await app.register(registryPlugin);
  for (const plugin of [sherpa, piper, espeak]) await app.register(plugin);
  await app.ready();
  const { registry } = app.balto;
  const addresses = registry.list().map(({ kind, id }) => `${kind}/${id}`);
  test.same(addresses, ['stt/sherpa', 'speaker/sherpa', 'tts/piper', 'tts/espeak']);
  for (const vendor of registry.vendors()) test.same(registry.credentialsFromEnv(vendor, {}), [{}], vendor.id);
  for (const address of addresses) test.ok(registry.capabilities(address, {}), address);
  const env = { SHERPA_MODEL: 'meu', BALTO_MODELS_DIR: '/modelos', SHERPA_THREADS: '3' };
  const settings = registry.settingsFromEnv(registry.resolve('stt/sherpa').provider, env);
  test.match(settings, { model: 'meu', modelsDir: '/modelos', threads: 3, modelDir: '' });
  for (const model of ['../fora', 'a/b', '/etc', '.', '']) {
    const set = () => registry.validateSettings(registry.resolve('stt/sherpa').provider, { model });
    test.throws(set, { code: 'BALTO_CONFIG_INVALID' }, `"${model}" leads nowhere else`);
  }
});

const realDir = process.env['SHERPA_MODEL_DIR'];
const noWeights =
  !realDir && 'no Portuguese weights can be had here: set SHERPA_MODEL_DIR to a real model folder to run this';

t.test('a real model hears Portuguese, spoken by espeak-ng', { skip: noWeights }, async (test) => {
  const tts = await espeakTts.create({}, {}, localContext(test));
  const chunks: Uint8Array[] = [];
  const request = { text: 'Bom dia, eu quero comprar um remédio.', voice: '', language: 'pt-BR' };
  const format = { encoding: 'pcm_s16le', sampleRateHz: 22_050 } as const;
  for await (const event of tts.synthesize({ ...request, ...format }, live())) {
    if (event.type === 'audio') chunks.push(event.bytes);
  }
  const bytes = Buffer.concat(chunks);
  const ratio = 22_050 / 16_000;
  const pcm = Int16Array.from({ length: Math.floor(bytes.length / 2 / ratio) }, (_, i) =>
    bytes.readInt16LE(Math.floor(i * ratio) * 2),
  );
  const stt = await sherpaStt.create({}, { modelDir: realDir }, localContext(test));
  test.teardown(() => stt.close?.());
  test.match(await stt.transcribe({ pcm, sampleRateHz: 16_000 }, options, live()), { text: /bom dia/i });
});

t.test('the kit proves it', { skip }, async (test) => {
  const modelDir = await modelFolder(test.testdir(), 'm', { 'model.onnx': ctcModel(), 'tokens.txt': CTC_TOKENS });
  const report = await proveStt({
    vendor,
    provider: sherpaStt,
    settings: { modelDir },
    speech: { audio: bursts(3, [0.5, 1.75]), words: ['oi', 'oi'] },
    exempt: { 'transcribe-request-id': 'nothing leaves this machine: there is no request to name' },
  });
  const unproven = 'um modelo de verdade: o kit viu um minúsculo, feito pelo teste';
  await heldToLabel(test, 'sherpa', report, { models: [], unproven });
  test.equal(report.tier, 'platinum');
});
