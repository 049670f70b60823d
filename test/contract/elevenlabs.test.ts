import { once } from 'node:events';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { vendor } from '../../plugins/elevenlabs/config.ts';
import { inBandError } from '../../plugins/elevenlabs/errors.ts';
import { elevenLabsStt } from '../../plugins/elevenlabs/stt.ts';
import { startElevenLabs } from '../emulators/elevenlabs.ts';
import type { Fault } from '../emulators/faults.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { readTo, say } from '../helpers/live-stt.ts';
import { contextFor, live, spoken } from '../helpers/provider.ts';
import { faultsOf, NO_SPECS, readSpec } from '../helpers/specs.ts';
import { wordListening } from '../helpers/word-listening.ts';

const SCHEMAS = '#/components/schemas';
const QUERY = 'model_id=scribe_v2_realtime&audio_format=pcm_16000&include_timestamps=true&language_code=pt';

/** `quota_exceeded` → the schema of its payload. Errors share a prefix. */
function schemaOf(type: string): string {
  const name = type.replace(/(^|_)([a-z])/g, (_match, _gap, letter: string) => letter.toUpperCase());
  const isError = !/^(session_started|input_audio_chunk|.*transcript(_.*)?)$/.test(type);
  return `${SCHEMAS}/${isError ? `Scribe${name.replace(/Error$/, '')}Error` : name}Payload`;
}

/** Every message the emulator sends for two committed utterances. */
async function serverMessages(
  test: Test,
  fault: Fault | null = null,
  query = QUERY,
): Promise<Record<string, unknown>[]> {
  const emulator = await startElevenLabs({ listening: wordListening, fault });
  test.teardown(() => emulator.close());
  const socket = new WebSocket(`${emulator.url.replace('http', 'ws')}/v1/speech-to-text/realtime?${query}`, {
    headers: { 'xi-api-key': EMULATOR_KEY },
  });
  const messages: Record<string, unknown>[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  await once(socket, 'open');
  const audio = Buffer.from(spoken([1, 2]).pcm.buffer).toString('base64');
  const chunk = { message_type: 'input_audio_chunk', audio_base_64: audio, commit: false, sample_rate: 16_000 };
  socket.send(JSON.stringify(chunk));
  socket.send(JSON.stringify({ ...chunk, commit: true }));
  // Too early: an error, and the end.
  socket.send(JSON.stringify({ ...chunk, audio_base_64: '', commit: true }));
  await once(socket, 'close');
  return messages;
}

t.test('Scribe live, against the official specification', { skip: NO_SPECS }, async (suite) => {
  const spec = readSpec('elevenlabs/scribe.asyncapi.yaml');

  suite.test('the messages the plugin sends', async (test) => {
    const emulator = await startElevenLabs({ listening: wordListening });
    test.teardown(() => emulator.close());
    const settings = { baseUrl: emulator.url, model: 'scribe_v2_realtime' };
    const stt = await elevenLabsStt.create({ apiKey: EMULATOR_KEY }, settings, contextFor(test, vendor, settings));
    const stream = await stt.open?.({ language: 'pt-BR', keyterms: ['Dipirona'], previousText: 'Bom dia.' }, live());
    if (!stream) return test.fail('no stream');
    say(stream, [1, 2]);
    stream.finalize(1);
    await readTo(stream, 1);
    await stream.close();
    const [request] = emulator.requests;
    test.equal(request?.messages.length, 2, 'the first chunk and the commit');
    const validate = spec.at(`${SCHEMAS}/InputAudioChunkPayload`);
    for (const text of request?.messages ?? []) test.same(faultsOf(validate, JSON.parse(text)), []);
    test.not(faultsOf(validate, { message_type: 'input_audio_chunk' }).length, 0, 'the validator does refuse');
    for (const [name, schema] of [
      ['audio_format', 'AudioFormat'],
      ['commit_strategy', 'CommitStrategy'],
    ] as const) {
      test.same(faultsOf(spec.at(`${SCHEMAS}/${schema}`), request?.query.get(name)), [], name);
    }
  });

  suite.test('the messages the emulator answers', async (test) => {
    const messages = [
      ...(await serverMessages(test)),
      ...(await serverMessages(test, { kind: 'auth' })),
      ...(await serverMessages(test, { kind: 'quota' })),
      ...(await serverMessages(test, { kind: 'rate_limited' })),
      ...(await serverMessages(test, { kind: 'server_error' })),
      ...(await serverMessages(test, { kind: 'error_frame' })),
      ...(await serverMessages(test, null, 'model_id=outro')),
    ];
    const types = new Set(messages.map((message) => String(message['message_type'])));
    test.same([...types].sort(), [
      'auth_error',
      'commit_throttled',
      'committed_transcript',
      'committed_transcript_with_timestamps',
      'invalid_request',
      'partial_transcript',
      'quota_exceeded',
      'rate_limited',
      'resource_exhausted',
      'session_started',
      'transcriber_error',
    ]);
    for (const message of messages) {
      const type = String(message['message_type']);
      test.same(faultsOf(spec.at(schemaOf(type)), message), [], type);
    }
    const broken = { message_type: 'partial_transcript', text: 7 };
    test.not(faultsOf(spec.at(schemaOf('partial_transcript')), broken).length, 0, 'the validator does refuse');
  });

  suite.test('every error the specification names is known to the plugin', async (test) => {
    const { properties } = (spec.document as ErrorPayload).components.schemas.ScribeErrorPayload;
    test.ok(properties.message_type.enum.length >= 14);
    for (const type of properties.message_type.enum) {
      // Without its `error` only a type that is known by name counts as one.
      test.match(inBandError({ message_type: type }, undefined), { vendorCode: type }, type);
    }
  });
});

interface ErrorPayload extends Record<string, unknown> {
  components: { schemas: { ScribeErrorPayload: { properties: { message_type: { enum: string[] } } } } };
}
