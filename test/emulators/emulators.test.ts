import t from 'tap';
import type { Settings, SttEvent } from '../../core/contracts/index.ts';
import { vendor as deepgram } from '../../plugins/deepgram/config.ts';
import { deepgramStt } from '../../plugins/deepgram/stt.ts';
import { vendor as elevenLabs } from '../../plugins/elevenlabs/config.ts';
import { elevenLabsStt } from '../../plugins/elevenlabs/stt.ts';
import { conversation } from '../helpers/conversation.ts';
import { finals, readTo } from '../helpers/live-stt.ts';
import { contextFor, live } from '../helpers/provider.ts';
import { EMULATOR_KEY, startDeepgram, startElevenLabs } from './index.ts';
import { Coverage, CoverageReference } from './listening/coverage.ts';

const { pcm, script } = conversation();
const reference = new CoverageReference(pcm, script);
const SAID = script.utterances.flatMap((line) => line.words.map((word) => word.text));

for (const [endpointingMs, segments] of [
  [0, 5],
  [300, 12],
] as const) {
  t.test(`Deepgram hears the whole conversation once, end-pointing ${endpointingMs} ms`, async (test) => {
    const listening = new Coverage(reference);
    const emulator = await startDeepgram({ listening });
    test.teardown(() => emulator.close());
    const settings: Settings = { baseUrl: emulator.url, endpointingMs };
    const stt = await deepgramStt.create({ apiKey: EMULATOR_KEY }, settings, contextFor(test, deepgram, settings));
    const stream = await stt.open?.({ language: 'pt-BR' }, live());
    if (!stream) return test.fail('no stream');
    for (let at = 0; at < pcm.length; at += 1600) stream.push(pcm.subarray(at, at + 1600));
    stream.finalize(1);
    const words: string[] = [];
    let finals = 0;
    for await (const event of stream as AsyncIterable<SttEvent>) {
      if (event.type === 'final' && event.text !== '') {
        finals++;
        words.push(...event.text.split(' '));
      }
      if (event.type === 'done') break;
    }
    await stream.close();
    test.same(words, SAID);
    test.ok(finals >= segments, `the vendor closes segments of its own: ${finals}`);
    test.same(listening.report().missing, []);
    test.same(listening.report().heardTwice, []);
  });
}

t.test('Scribe live hears each utterance of one connection', async (test) => {
  const listening = new Coverage(reference);
  const emulator = await startElevenLabs({ listening });
  test.teardown(() => emulator.close());
  const settings: Settings = { baseUrl: emulator.url, model: 'scribe_v2_realtime' };
  const stt = await elevenLabsStt.create({ apiKey: EMULATOR_KEY }, settings, contextFor(test, elevenLabs, settings));
  const stream = await stt.open?.({ language: 'pt-BR' }, live());
  if (!stream) return test.fail('no stream');
  for (const [marker, { startMs, endMs, text }] of script.utterances.entries()) {
    const cut = pcm.subarray(Math.max(0, startMs - 300) * 16, (endMs + 100) * 16);
    for (let at = 0; at < cut.length; at += 1600) stream.push(cut.subarray(at, at + 1600));
    stream.finalize(marker);
    test.same(finals(await readTo(stream, marker)), [text]);
  }
  await stream.close();
  test.same(listening.report().missing, []);
});

t.test('Flux hears the whole conversation once, in turns of its own', async (test) => {
  const listening = new Coverage(reference);
  const emulator = await startDeepgram({ listening });
  test.teardown(() => emulator.close());
  const settings: Settings = { baseUrl: emulator.url, model: 'flux-general-multi' };
  const stt = await deepgramStt.create({ apiKey: EMULATOR_KEY }, settings, contextFor(test, deepgram, settings));
  const stream = await stt.open?.({ language: 'pt-BR' }, live());
  if (!stream) return test.fail('no stream');
  for (let at = 0; at < pcm.length; at += 1600) stream.push(pcm.subarray(at, at + 1600));
  await stream.close();
  const turns = finals(await readTo(stream));
  test.same(turns.join(' ').split(' '), SAID);
  test.ok(turns.length >= 10, `turns: ${turns.length}`);
  test.same(listening.report().missing, []);
});

t.test('Scribe hears each utterance', async (test) => {
  const listening = new Coverage(reference);
  const emulator = await startElevenLabs({ listening });
  test.teardown(() => emulator.close());
  const settings: Settings = { baseUrl: emulator.url };
  const stt = await elevenLabsStt.create({ apiKey: EMULATOR_KEY }, settings, contextFor(test, elevenLabs, settings));
  for (const { startMs, endMs, text } of script.utterances) {
    const cut = pcm.subarray(Math.max(0, startMs - 300) * 16, (endMs + 100) * 16);
    const transcript = await stt.transcribe({ pcm: cut, sampleRateHz: 16_000 }, { language: 'pt-BR' }, live());
    test.equal(transcript.text, text);
  }
});
