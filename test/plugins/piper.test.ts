import { existsSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { TtsEvent, TtsRequest } from '../../core/contracts/index.ts';
import { proveTts } from '../../core/kit/index.ts';
import { vendor } from '../../plugins/piper/config.ts';
import { piperTts } from '../../plugins/piper/tts.ts';
import { failureOf, live } from '../helpers/provider.ts';
import { heldToLabel } from '../helpers/quality.ts';
import { localContext, withoutSherpa } from '../helpers/sherpa.ts';
import { modelFolder, onnxBytes, VOICE_TOKENS, voiceModel } from '../helpers/tiny-onnx.ts';

/** Where distributions put the phoneme data that a voice's archive brings along. */
const DATA = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/share', '/usr/lib']
  .map((folder) => join(folder, 'espeak-ng-data'))
  .find((folder) => existsSync(join(folder, 'phontab')));

const skip =
  (await withoutSherpa()) || (DATA === undefined && 'espeak-ng-data is not here: apt-get install espeak-ng-data');

const request: TtsRequest = {
  text: 'Bom dia. Tudo bem com a senhora?',
  voice: '',
  language: 'pt-BR',
  encoding: 'pcm_s16le',
  sampleRateHz: 16_000,
};

/** A folder as a real voice's archive leaves it, with a voice of our own making. */
async function voiceFolder(test: Test): Promise<string> {
  const files = { 'pt_BR-teste.onnx': voiceModel(), 'tokens.txt': VOICE_TOKENS };
  const folder = await modelFolder(test.testdir(), 'vits-piper-pt_BR-teste', files);
  if (DATA) await symlink(DATA, join(folder, 'espeak-ng-data'));
  return folder;
}

async function voice(test: Test, settings: object = {}) {
  const tts = await piperTts.create({}, { voiceDir: await voiceFolder(test), ...settings }, localContext(test));
  test.teardown(() => tts.close?.());
  return async (given: Partial<TtsRequest> = {}, signal = live()): Promise<TtsEvent[]> => {
    const events: TtsEvent[] = [];
    for await (const event of tts.synthesize({ ...request, ...given }, signal)) events.push(event);
    return events;
  };
}

const samplesOf = (events: TtsEvent[]): number =>
  events.reduce((sum, event) => sum + (event.type === 'audio' ? event.bytes.length / 2 : 0), 0);

t.test('a voice folder speaks, sentence by sentence, at the rate asked', { skip }, async (test) => {
  const speak = await voice(test);
  const events = await speak();
  test.same(
    events.map(({ type }) => type),
    ['mark', 'audio', 'mark', 'audio', 'usage'],
  );
  const [first, sound, second] = events;
  test.same(first, { type: 'mark', text: 'Bom dia.', startMs: 0 });
  const firstMs = sound?.type === 'audio' ? Math.round(sound.bytes.length / 32) : -1;
  test.ok(firstMs > 0);
  test.match(second, { type: 'mark', text: 'Tudo bem com a senhora?', startMs: firstMs });
  test.match(events.at(-1), { usage: [{ unit: 'character', quantity: request.text.length, of: 'text_in' }] });
  const at8k = samplesOf(await speak({ sampleRateHz: 8000 }));
  test.ok(Math.abs(at8k / samplesOf(events) - 0.5) < 0.02, 'resampled to half as many');
  test.same(await speak({ voice: '0' }), events, 'speaker 0 is the first');
  test.ok(await speak({ text: '… !!! ---' }), 'nothing pronounceable is no crash');
  test.match(await failureOf(test, speak({}, AbortSignal.abort())), { code: 'aborted' });
});

t.test('what the voice cannot say is refused', { skip }, async (test) => {
  const speak = await voice(test);
  const refused = (given: Partial<TtsRequest>) => failureOf(test, speak(given));
  test.match(await refused({ voice: '1' }), { code: 'unsupported', message: /PIPER_VOICE/ });
  test.match(await refused({ voice: 'faber' }), { code: 'unsupported' });
  test.match(await refused({ language: 'en-US' }), { code: 'unsupported', message: /pt-BR/ });
  test.match(await refused({ encoding: 'mp3' }), { code: 'unsupported', blame: 'core' });
  test.match(await refused({ sampleRateHz: 11_025 }), { code: 'unsupported', blame: 'core' });
  test.match(await refused({ text: 'a'.repeat(4001) }), { code: 'invalid_request', blame: 'caller' });
  test.match(await refused({ text: ' ' }), { code: 'empty' });
});

t.test('an abort in the middle keeps the rest from being made', { skip }, async (test) => {
  const abort = new AbortController();
  const tts = await piperTts.create({}, { voiceDir: await voiceFolder(test) }, localContext(test));
  test.teardown(() => tts.close?.());
  const types: string[] = [];
  const speaking = async () => {
    for await (const event of tts.synthesize(request, abort.signal)) {
      types.push(event.type);
      if (event.type === 'audio') abort.abort();
    }
  };
  test.match(await failureOf(test, speaking()), { code: 'aborted' });
  test.same(types, ['mark', 'audio', 'mark']);
});

t.test('a folder that is no voice: refused with the reason', async (test) => {
  const root = test.testdir();
  const ctx = localContext(test);
  const tokens = { 'tokens.txt': VOICE_TOKENS };
  const raw = onnxBytes({ nodes: [], inputs: [], outputs: [], constants: [], metadata: {} });
  const cases: [string, Record<string, Buffer | string>, RegExp][] = [
    ['vazia', {}, /um só arquivo \.onnx/],
    ['duas', { 'a.onnx': voiceModel(), 'b.onnx': voiceModel(), ...tokens }, /um só arquivo \.onnx/],
    ['crua', { 'a.onnx': raw, 'a.onnx.json': '{}' }, /falta tokens\.txt.*convertida para o sherpa-onnx/],
    ['sem-dados', { 'a.onnx': voiceModel(), ...tokens }, /falta espeak-ng-data/],
  ];
  for (const [name, files, message] of cases) {
    const voiceDir = await modelFolder(root, name, files);
    const made = (async () => piperTts.create({}, { voiceDir }, ctx))();
    test.match(await failureOf(test, made), { code: 'invalid_request', blame: 'config', message }, name);
  }
  const withData = await modelFolder(root, 'sem-taxa', { 'a.onnx': raw, ...tokens });
  await modelFolder(withData, 'espeak-ng-data', { phontab: '' });
  const probe = (settings: object) => (async () => piperTts.probe?.({}, { ...settings }, ctx))();
  test.match(await failureOf(test, probe({ voiceDir: withData })), { message: /taxa de amostragem/ });
  test.match(await failureOf(test, probe({ modelsDir: root, model: 'ausente' })), { message: /PIPER_VOICE/ });
});

t.test('a broken voice ends its process, not ours', { skip }, async (test) => {
  const broken = onnxBytes({ nodes: [], inputs: [], outputs: [], constants: [], metadata: { sample_rate: '16000' } });
  const folder = await modelFolder(test.testdir(), 'v', { 'a.onnx': broken, 'tokens.txt': VOICE_TOKENS });
  if (DATA) await symlink(DATA, join(folder, 'espeak-ng-data'));
  const probe = (async () => piperTts.probe?.({}, { voiceDir: folder }, localContext(test)))();
  test.match(await failureOf(test, probe), { code: 'invalid_request', vendorCode: /^exit|^SIG/ });
});

t.test('the kit proves it', { skip }, async (test) => {
  const settings = { voiceDir: await voiceFolder(test) };
  const report = await proveTts({ vendor, provider: piperTts, settings });
  const unproven = 'uma voz de verdade: o kit viu uma minúscula, feita pelo teste';
  await heldToLabel(test, 'piper', report, { models: [], unproven });
  test.equal(report.tier, 'platinum');
});
