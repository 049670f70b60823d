import t from 'tap';
import Type from 'typebox';
import type { Llm, LlmResult, SttEvent, Transcript } from '../../../core/contracts/index.ts';
import { closeLocal } from '../../../core/counter/elect.ts';
import { LlmRunner } from '../../../core/runtime/llm-runner.ts';
import { EMULATOR_KEY, startElevenLabs } from '../../emulators/index.ts';
import { byList } from '../../helpers/routing.ts';
import { FACTS, RuntimeHouse, said, sttHouse } from '../../helpers/runtime-house.ts';
import {
  answers,
  type BatchScript,
  echo,
  type StreamScript,
  scriptedLlm,
  scriptedStt,
  streams,
} from '../../helpers/scripted-provider.ts';
import { wordListening } from '../../helpers/word-listening.ts';

const HUGE = 'a'.repeat(50 * 1024 * 1024);
const as = (value: unknown): Transcript => value as Transcript;

/** One utterance to a plugin that is broken and, behind it, one that is not. */
async function heardBy(script: { batch?: BatchScript; stream?: StreamScript; create?: () => void }) {
  const a = scriptedStt('a', script);
  const house = sttHouse([a, scriptedStt('b', script.stream ? { stream: streams } : { batch: answers })]);
  const runner = house.runner();
  const feed = runner.begin(1).feed;
  await house.speak(feed, 40);
  const outcome = await house.clock.until(feed.end(FACTS));
  await house.clock.until(runner.close());
  await house.clock.until(house.instances.close());
  return { outcome, log: house.log.lines };
}

const UNUSABLE: Record<string, BatchScript> = {
  'throws what is no ProviderError': () => {
    throw new TypeError('x is not a function');
  },
  'throws nothing at all': () => Promise.reject(undefined),
  'answers nothing': () => as(undefined),
  'answers text that is a number': () => as({ text: 7, model: 'modelo' }),
  'answers 50 MB of text': () => ({ text: HUGE, model: 'modelo' }),
  'answers with a trap in place of text': () =>
    as({
      get text() {
        throw new RangeError('no');
      },
    }),
};

for (const [what, batch] of Object.entries(UNUSABLE)) {
  t.test(`a plugin that ${what}: the next one answers, the log names the first`, async (t) => {
    const { outcome, log } = await heardBy({ batch });
    t.match(outcome, { status: 'answered', address: 'stt/b', lostMs: 0, transcript: { text: echo(said(40)) } });
    t.match(outcome.attempts[0], { outcome: 'failed', error: { code: 'protocol', blame: 'core' } });
    t.match(log.join('\n'), /stt\/a.*did not keep to its contract/s);
  });
}

t.test('a plugin that throws while it is made is named too', async (t) => {
  const create = () => {
    throw new Error('sk-secret');
  };
  const { outcome, log } = await heardBy({ batch: answers, create });
  t.match(outcome, { status: 'answered', address: 'stt/b' });
  t.match(log.join('\n'), /stt\/a.*could not be made/s);
  t.notMatch(log.join('\n'), /sk-secret/);
});

t.test('words are worth more than their times: a detail that is none is left out', async (t) => {
  const garbage = {
    text: 'bom dia',
    words: 'bom dia',
    confidence: 'high',
    language: { code: 'pt' },
    model: 42,
    requestId: ['x'],
    speakerScope: 'always',
    usage: [{ unit: 'second', quantity: Number.NaN, of: 'audio_in', model: 'm' }],
  };
  const { outcome } = await heardBy({ batch: () => as(garbage) });
  t.same(outcome.transcript, { text: 'bom dia', model: 'modelo' });
  t.match(outcome.attempts, [{ model: 'modelo', usage: [{ unit: 'second', quantity: 1.2 }] }], 'billed as audio');
  const holed = [{ text: 'bom', startMs: 0, endMs: 200 }, { text: 'dia' }];
  const other = await heardBy({ batch: () => as({ text: 'bom dia', model: 'm', words: holed }) });
  t.same(other.outcome.transcript, { text: 'bom dia', model: 'm' });
});

/** Says `event` at the marker, then `done`. */
const final = (event: unknown): StreamScript => ({
  finalize(stream, marker) {
    stream.say(event as SttEvent);
    stream.say({ type: 'done', marker });
  },
});

for (const [what, script] of Object.entries<StreamScript>({
  'a final whose text is a number': final({ type: 'final', text: 7 }),
  'a final of 50 MB': final({ type: 'final', text: HUGE }),
  'a partial without text': final({ type: 'partial' }),
})) {
  t.test(`a stream that says ${what}: the next one answers, the log names the first`, async (t) => {
    const { outcome, log } = await heardBy({ stream: script });
    t.match(outcome, { status: 'answered', address: 'stt/b', lostMs: 0 });
    t.match(log.join('\n'), /stt\/a.*did not keep to its contract/s);
  });
}

t.test('a stream whose final has words that are no list is answered all the same', async (t) => {
  const { outcome } = await heardBy({ stream: final({ type: 'final', text: 'bom dia', words: 'bom dia' }) });
  t.match(outcome, { status: 'answered', address: 'stt/a', transcript: { text: 'bom dia' } });
  t.notOk(outcome.transcript?.words);
});

t.test('usage that is none bills what was given', async (t) => {
  const script: StreamScript = {
    finalize(stream, marker) {
      stream.say({ type: 'final', text: 'oi' });
      stream.say({ type: 'usage', usage: 'much' } as unknown as SttEvent);
      stream.say({ type: 'done', marker });
    },
  };
  const { outcome } = await heardBy({ stream: script });
  t.match(outcome, { status: 'answered', address: 'stt/a', attempts: [{ usage: [{ quantity: 1.2 }] }] });
});

t.test('a stream and an instance that never close keep nobody: bounded, and named', async (t) => {
  const forever = () => new Promise<void>(() => undefined);
  const a = scriptedStt('a', { stream: { ...streams, close: forever }, close: forever });
  const house = sttHouse([a]);
  const runner = house.runner();
  const feed = runner.begin(1).feed;
  await house.speak(feed, 10);
  t.match(await house.clock.until(feed.end(FACTS)), { status: 'answered' });
  await house.clock.until(runner.close());
  await house.clock.until(house.instances.close());
  t.match(house.log.lines.join('\n'), /stt\/a.*did not close; it is left behind/s);
});

t.test('a model whose answer and bill are garbage: the next one is asked, the bill is none', async (t) => {
  const bad: Llm = { complete: async () => ({ text: 7, model: 9, usage: [null] }) as unknown as LlmResult };
  const good: Llm = { complete: async () => ({ text: '"ok"', finish: 'stop', model: 'm', usage: [] }) };
  const bug: Llm = { complete: () => Promise.reject(new TypeError('x')) };
  const runtime = new RuntimeHouse([scriptedLlm('a', bad), scriptedLlm('b', bug), scriptedLlm('c', good)]);
  const { registry, configured, instances, health, clock, prices } = runtime;
  const candidates = byList({ registry, configured }, 'llm');
  const runner = new LlmRunner({ candidates, instances, health, clock, prices });
  const call = { validate: (value: unknown) => value, signal: new AbortController().signal };
  const outcome = await clock.until(runner.complete({ messages: [] }, call));
  t.match(outcome, { status: 'answered', address: 'llm/c', value: '"ok"' });
  t.match(outcome.attempts[0], { address: 'llm/a', model: 'modelo', usage: [], outcome: 'failed' });
  t.match(runtime.log.lines.join('\n'), /llm\/b.*did not keep to its contract/s);
});

t.test('a socket that an instance leaves open is cut when it closes, and said', async (t) => {
  const emulator = await startElevenLabs({ listening: wordListening });
  t.teardown(() => emulator.close());
  const ended = Promise.withResolvers<number>();
  const a = scriptedStt('a', { batch: answers });
  a.manifest.settings = Type.Object({ baseUrl: Type.String({ default: emulator.url }) });
  a.manifest.create = async (_credential, _settings, ctx) => {
    const url = `${emulator.url.replace('http', 'ws')}/v1/speech-to-text/realtime?model_id=scribe_v2_realtime`;
    const headers = { 'xi-api-key': EMULATOR_KEY };
    const signal = new AbortController().signal;
    await ctx.connect(url, { headers, signal, onMessage: () => undefined, onClose: (code) => ended.resolve(code) });
    return { transcribe: async () => ({ text: '', model: 'm' }) };
  };
  const house = sttHouse([a]);
  await house.instances.warm([house.candidate('stt/a')]);
  await house.clock.until(house.instances.close());
  t.equal(await ended.promise, 1006);
  t.match(house.log.lines.join('\n'), /stt\/a.*left: 1.*left connections open; they are cut/s);
});

t.test('a local provider that hangs or throws while it closes is left behind, and named', async (t) => {
  const { clock, log } = sttHouse([]);
  const hangs = closeLocal(
    { address: 'vad/a', instance: { close: () => new Promise(() => undefined) } },
    { clock, log },
  );
  await clock.until(hangs);
  const throws = () => {
    throw new RangeError('x');
  };
  await clock.until(closeLocal({ address: 'cleaner/b', instance: { close: throws } }, { clock, log }));
  await clock.until(closeLocal({ address: 'vad/c', instance: {} }, { clock, log }));
  t.match(log.lines, [/vad\/a.*did not close/s, /cleaner\/b.*did not close/s]);
  t.equal(log.lines.length, 2);
});
