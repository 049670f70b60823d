import t from 'tap';
import { readTo } from '../helpers/deepgram-stream.ts';
import { arrangeLive, sayLive } from '../helpers/openai-live.ts';
import { faultsOf, NO_SPECS, readSpec } from '../helpers/specs.ts';

const SCHEMAS = '#/components/schemas';

/** The schema of each message of a transcription session, by its type. */
const CLIENT: Record<string, string> = {
  'session.update': 'RealtimeClientEventSessionUpdate',
  'input_audio_buffer.commit': 'RealtimeClientEventInputAudioBufferCommit',
  'input_audio_buffer.clear': 'RealtimeClientEventInputAudioBufferClear',
};
const SERVER: Record<string, string> = {
  'session.created': 'RealtimeServerEventSessionCreated',
  'session.updated': 'RealtimeServerEventSessionUpdated',
  'input_audio_buffer.committed': 'RealtimeServerEventInputAudioBufferCommitted',
  'conversation.item.input_audio_transcription.delta':
    'RealtimeServerEventConversationItemInputAudioTranscriptionDelta',
  'conversation.item.input_audio_transcription.completed':
    'RealtimeServerEventConversationItemInputAudioTranscriptionCompleted',
  error: 'RealtimeServerEventError',
};

t.test('a live session, against the official specification', { skip: NO_SPECS }, async (suite) => {
  const spec = readSpec('openai/openapi.json');
  const faults = (names: Record<string, string>, text: string): string[] => {
    const message = JSON.parse(text) as { type: string };
    const name = names[message.type];
    return name ? faultsOf(spec.at(`${SCHEMAS}/${name}`), message) : [`no schema for ${message.type}`];
  };

  suite.test('the validator tells a wrong message from a right one', async (test) => {
    test.same(faults(CLIENT, '{"type":"input_audio_buffer.commit"}'), []);
    test.not(faults(SERVER, '{"type":"error","event_id":"x"}').length, 0);
    const wrong = { type: 'session.update', session: { type: 'transcription', audio: { input: { format: 'pcm' } } } };
    test.not(faults(CLIENT, JSON.stringify(wrong)).length, 0);
  });

  suite.test('what the plugin sends and the emulator answers', async (test) => {
    const { emulator, open } = await arrangeLive(test);
    const stream = await open({ keyterms: ['Dipirona'] });
    sayLive(stream, [1, 0, 2]);
    stream.finalize(1);
    await readTo(stream, 1);
    await emulator.setFault({ kind: 'error_frame', afterAudioMs: 0 });
    const failing = await open();
    sayLive(failing, [1]);
    await readTo(failing, 1).catch(() => undefined);
    await stream.close();
    const sent = emulator.requests.flatMap((request) => request.messages);
    const answered = emulator.requests.flatMap((request) => request.replies);
    test.ok(sent.length >= 3 && answered.length >= 6);
    for (const text of sent) test.same(faults(CLIENT, text), []);
    for (const text of answered) test.same(faults(SERVER, text), []);
  });
});
