import t from 'tap';
import type { TtsEvent } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/openai/config.ts';
import { openAiEmbeddings } from '../../plugins/openai/embeddings.ts';
import { openAiStt } from '../../plugins/openai/stt.ts';
import { openAiTts } from '../../plugins/openai/tts.ts';
import { readForm } from '../emulators/form.ts';
import { startOpenAi } from '../emulators/openai.ts';
import { EMULATOR_KEY, type SeenRequest } from '../emulators/server.ts';
import { contextFor, live, spoken } from '../helpers/provider.ts';
import { faultsOf, NO_SPECS, readSpec } from '../helpers/specs.ts';
import { wordListening } from '../helpers/word-listening.ts';

const SCHEMAS = '#/components/schemas';
const LISTS = ['keywords[]', 'languages[]', 'include[]', 'timestamp_granularities[]'];

/** A form as the object the specification describes: lists without brackets, the file as its name. */
async function formObject(request: SeenRequest | undefined): Promise<Record<string, unknown>> {
  const form = request && (await readForm(request));
  const fields: Record<string, unknown> = {};
  for (const name of new Set(form?.keys() ?? [])) {
    const values = form?.getAll(name).map((value) => (typeof value === 'string' ? value : value.name)) ?? [];
    fields[name.replace('[]', '')] = LISTS.includes(name) ? values : values[0];
  }
  return fields;
}

t.test('speech, vectors and transcription, against the official specification', { skip: NO_SPECS }, async (suite) => {
  const spec = readSpec('openai/openapi.json');
  const at = (name: string) => spec.at(`${SCHEMAS}/${name}`);

  suite.test('transcription: what the plugin sends and the emulator answers', async (test) => {
    const request = at('CreateTranscriptionRequest');
    test.not(
      faultsOf(request, { model: 'whisper-1', file: 'a.wav', palavra: 'x' }).length,
      0,
      'an unknown field is seen',
    );
    for (const [model, answer] of [
      ['gpt-transcribe', 'CreateTranscriptionResponseJson'],
      ['gpt-4o-transcribe', 'CreateTranscriptionResponseJson'],
      ['whisper-1', 'CreateTranscriptionResponseVerboseJson'],
      ['gpt-4o-transcribe-diarize', 'CreateTranscriptionResponseDiarizedJson'],
    ] as const) {
      const emulator = await startOpenAi({ listening: wordListening });
      test.teardown(() => emulator.close());
      const settings = { baseUrl: `${emulator.url}/v1`, model };
      const stt = await openAiStt.create({ apiKey: EMULATOR_KEY }, settings, contextFor(test, vendor, settings));
      const options = { language: 'pt-BR', keyterms: ['Dipirona', 'Dorflex'], previousText: 'bom dia' };
      await stt.transcribe(spoken([1, 0, 2]), options, live());
      test.same(faultsOf(request, await formObject(emulator.requests[0])), [], model);
      test.same(faultsOf(at(answer), JSON.parse(emulator.requests[0]?.replies[0] ?? '')), [], model);
    }
  });

  suite.test('vectors and speech: the same', async (test) => {
    const emulator = await startOpenAi();
    test.teardown(() => emulator.close());
    const settings = { baseUrl: `${emulator.url}/v1` };
    const ctx = contextFor(test, vendor, settings);
    const credential = { apiKey: EMULATOR_KEY };
    await (await openAiEmbeddings.create(credential, settings, ctx)).embed(['dor', 'febre'], 'query', live());
    const tts = await openAiTts.create(credential, settings, ctx);
    const spec24 = { encoding: 'pcm_s16le', sampleRateHz: 24_000 } as const;
    const events: TtsEvent[] = [];
    const request = { text: 'Bom dia.', voice: '', language: 'pt-BR', ...spec24 };
    for await (const event of tts.synthesize(request, live())) events.push(event);
    const [vectors, speech] = emulator.requests;
    test.same(faultsOf(at('CreateEmbeddingRequest'), JSON.parse(String(vectors?.body))), []);
    test.same(faultsOf(at('CreateEmbeddingResponse'), JSON.parse(vectors?.replies[0] ?? '')), []);
    test.same(faultsOf(at('CreateSpeechRequest'), JSON.parse(String(speech?.body))), []);
    test.ok(events.length > 1);
  });

  suite.test('refusals have the documented shape', async (test) => {
    const emulator = await startOpenAi();
    test.teardown(() => emulator.close());
    for (const path of ['audio/transcriptions', 'audio/speech', 'embeddings']) {
      const headers = { authorization: `Bearer ${EMULATOR_KEY}`, 'content-type': 'application/json' };
      const response = await fetch(`${emulator.url}/v1/${path}`, { method: 'POST', headers, body: '{}' });
      test.equal(response.ok, false);
      test.same(faultsOf(at('ErrorResponse'), await response.json()), [], path);
    }
  });
});
