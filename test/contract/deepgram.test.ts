import { once } from 'node:events';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import type { Settings } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/deepgram/config.ts';
import { deepgramStt } from '../../plugins/deepgram/stt.ts';
import { deepgramTts } from '../../plugins/deepgram/tts.ts';
import { startDeepgram } from '../emulators/deepgram.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { contextFor, live, spoken } from '../helpers/provider.ts';
import { faultsOf, NO_SPECS, readSpec } from '../helpers/specs.ts';
import { speak } from '../helpers/tts.ts';
import { wordListening } from '../helpers/word-listening.ts';

const SCHEMAS = '#/components/schemas';
/** Parameters the service takes for raw audio and its REST specification does not list. */
const NOT_IN_REST_SPEC = ['sample_rate', 'channels'];

async function traffic(test: Test, given: Settings = {}) {
  const emulator = await startDeepgram({ listening: wordListening });
  test.teardown(() => emulator.close());
  const settings = { baseUrl: emulator.url, ...given };
  const stt = await deepgramStt.create({ apiKey: EMULATOR_KEY }, settings, contextFor(test, vendor, settings));
  return { emulator, stt };
}

/** Every message the emulator sends for some audio and the messages after it. */
async function messagesOf(url: string, after: string[]): Promise<Record<string, unknown>[]> {
  const headers = { authorization: `Token ${EMULATOR_KEY}` };
  const socket = new WebSocket(url.replace('http', 'ws'), { headers });
  const messages: Record<string, unknown>[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  await once(socket, 'open');
  const { pcm } = spoken([2, 0, 3]);
  for (let at = 0; at < pcm.length; at += 1600) socket.send(pcm.subarray(at, at + 1600));
  for (const text of after) socket.send(text);
  await once(socket, 'close');
  return messages;
}

t.test('live, against the official specification', { skip: NO_SPECS }, async (suite) => {
  const spec = readSpec('deepgram/asyncapi.yml');

  suite.test('the parameters and messages the plugin sends', async (test) => {
    const { emulator, stt } = await traffic(test);
    const options = { language: 'pt-BR', sampleRateHz: 16_000, keyterms: ['Dipirona'], diarize: true };
    const stream = await stt.open?.(options, live());
    stream?.push(spoken([1]).pcm.subarray(0, 1600));
    stream?.finalize(1);
    await stream?.close();
    const [request] = emulator.requests;
    const { properties } = (spec.document as ListenQuery).channels['/v1/listen'].bindings.ws.query;
    for (const [name, value] of request?.query ?? []) {
      const { $ref } = properties[name] ?? {};
      if (!$ref) test.fail(`unknown parameter ${name}`);
      else test.same(faultsOf(spec.at($ref), value), [], name);
    }
    test.equal(request?.messages.length, 2);
    for (const message of (request?.messages ?? []).map((text) => JSON.parse(text))) {
      test.same(faultsOf(spec.at(`${SCHEMAS}/ListenV1_ListenV1${message.type}`), message), [], message.type);
    }
    test.same(faultsOf(spec.at(`${SCHEMAS}/ListenV1_ListenV1KeepAlive`), { type: 'KeepAlive' }), []);
  });

  suite.test('the messages the emulator answers', async (test) => {
    const { emulator } = await traffic(test);
    const query = 'encoding=linear16&sample_rate=16000&interim_results=true&endpointing=200&language=pt-BR';
    const after = ['{"type":"Finalize"}', '{"type":"CloseStream"}'];
    const messages = await messagesOf(`${emulator.url}/v1/listen?${query}`, after);
    const kinds = messages.map((message) => `${message['type']}${message['is_final'] === true ? ' final' : ''}`);
    test.same([...new Set(kinds)].sort(), ['Metadata', 'Results', 'Results final']);
    for (const message of messages) {
      const validate = spec.at(`${SCHEMAS}/ListenV1_ListenV1${message['type']}`);
      test.same(faultsOf(validate, message), []);
    }
    const broken = { ...messages[0], start: 'zero' };
    test.not(faultsOf(spec.at(`${SCHEMAS}/ListenV1_ListenV1Results`), broken).length, 0, 'the validator does refuse');
  });
});

t.test('Flux, against the official specification', { skip: NO_SPECS }, async (suite) => {
  const spec = readSpec('deepgram/asyncapi.yml');

  suite.test('the parameters and messages the plugin sends', async (test) => {
    const { emulator, stt } = await traffic(test, { model: 'flux-general-multi' });
    const stream = await stt.open?.({ language: 'pt-BR', keyterms: ['Dipirona'] }, live());
    stream?.push(spoken([1]).pcm.subarray(0, 1600));
    await stream?.close();
    const [request] = emulator.requests;
    const { properties } = (spec.document as ListenQuery).channels['/v2/listen'].bindings.ws.query;
    for (const [name, value] of request?.query ?? []) {
      const { $ref } = properties[name] ?? {};
      if (!$ref) test.fail(`unknown parameter ${name}`);
      else test.same(faultsOf(spec.at($ref), value), [], name);
    }
    test.equal(request?.messages.length, 1);
    for (const message of (request?.messages ?? []).map((text) => JSON.parse(text))) {
      test.same(faultsOf(spec.at(`${SCHEMAS}/ListenV2_ListenV2${message.type}`), message), [], message.type);
    }
  });

  suite.test('the messages the emulator answers', async (test) => {
    const { emulator } = await traffic(test);
    const query = 'model=flux-general-multi&encoding=linear16&sample_rate=16000&language_hint=pt';
    const messages = await messagesOf(`${emulator.url}/v2/listen?${query}`, ['{"type":"CloseStream"}']);
    await emulator.setFault({ kind: 'error_frame' });
    messages.push(...(await messagesOf(`${emulator.url}/v2/listen?${query}`, [])));
    const kinds = messages.map((message) => `${message['type']} ${message['event'] ?? ''}`.trim());
    test.same([...new Set(kinds)].sort(), [
      'Connected',
      'Error',
      'TurnInfo EndOfTurn',
      'TurnInfo StartOfTurn',
      'TurnInfo Update',
    ]);
    for (const message of messages) {
      const name = message['type'] === 'Error' ? 'FatalError' : message['type'];
      test.same(faultsOf(spec.at(`${SCHEMAS}/ListenV2_ListenV2${name}`), message), [], `${name}`);
    }
    const broken = { ...messages[1], turn_index: 'zero' };
    test.not(faultsOf(spec.at(`${SCHEMAS}/ListenV2_ListenV2TurnInfo`), broken).length, 0, 'the validator does refuse');
  });
});

t.test('pre-recorded, against the official specification', { skip: NO_SPECS }, async (test) => {
  const spec = readSpec('deepgram/openapi.yml');
  const { emulator, stt } = await traffic(test);
  await stt.transcribe(spoken([1, 2]), { language: 'pt-BR', keyterms: ['Dipirona'], diarize: true }, live());
  const { parameters } = (spec.document as ListenPath).paths['/v1/listen'].post;
  const known = [...parameters.map((parameter) => parameter.name), ...NOT_IN_REST_SPEC];
  const [request] = emulator.requests;
  for (const name of request?.query.keys() ?? []) test.ok(known.includes(name), name);

  const answer = await fetch(`${emulator.url}/v1/listen?${request?.query}`, {
    method: 'POST',
    headers: { authorization: `Token ${EMULATOR_KEY}` },
    body: spoken([1, 2]).pcm,
  });
  const validate = spec.at(`${SCHEMAS}/ListenV1Response`);
  test.same(faultsOf(validate, await answer.json()), []);
  test.not(faultsOf(validate, { metadata: {} }).length, 0, 'the validator does refuse');
});

t.test('speech, against the official specification', { skip: NO_SPECS }, async (test) => {
  const spec = readSpec('deepgram/openapi.yml');
  const { parameters } = (spec.document as SpeakPath).paths['/v1/speak'].post;
  const schemas = new Map(parameters.map(({ name, schema }) => [name, schema.$ref]));
  const emulator = await startDeepgram({ listening: wordListening });
  test.teardown(() => emulator.close());
  const settings = { baseUrl: emulator.url };
  const tts = await deepgramTts.create({ apiKey: EMULATOR_KEY }, settings, contextFor(test, vendor, settings));
  const formats = [
    ['pcm_s16le', 16_000],
    ['mulaw', 8000],
    ['alaw', 8000],
    ['mp3', 22_050],
    ['opus', 48_000],
  ] as const;
  for (const language of ['en', 'es', 'de', 'fr', 'it', 'nl', 'ja']) {
    for (const [encoding, sampleRateHz] of formats) {
      await speak(tts, { text: 'Olá', voice: '', language, encoding, sampleRateHz });
    }
  }
  for (const { query, body } of emulator.requests) {
    for (const [name, value] of query) {
      const $ref = schemas.get(name);
      test.ok(schemas.has(name), name);
      if ($ref) test.same(faultsOf(spec.at($ref), value), [], `${name} ${value}`);
    }
    test.same(faultsOf(spec.at(`${SCHEMAS}/SpeakV1Request`), JSON.parse(String(body))), []);
  }
  test.not(faultsOf(spec.at(schemas.get('model') ?? ''), 'aura-2-maria-pt').length, 0, 'the validator does refuse');
});

interface SpeakPath extends Record<string, unknown> {
  paths: { '/v1/speak': { post: { parameters: { name: string; schema: { $ref?: string } }[] } } };
}

interface ListenQuery extends Record<string, unknown> {
  channels: Record<
    '/v1/listen' | '/v2/listen',
    { bindings: { ws: { query: { properties: Record<string, { $ref?: string }> } } } }
  >;
}

interface ListenPath extends Record<string, unknown> {
  paths: { '/v1/listen': { post: { parameters: { name: string }[] } } };
}
