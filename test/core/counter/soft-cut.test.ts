import t from 'tap';
import { tones } from '../../helpers/ear.ts';
import { sttHouse } from '../../helpers/runtime-house.ts';
import { answers, fault, type StreamScript, scriptedStt } from '../../helpers/scripted-provider.ts';
import { talkingCounter } from '../../helpers/talking-counter.ts';

const SECOND = 16_000;

/** Says "f1", "f2", … : a final for every two seconds it was given, half a second after they were over. */
const everyTwoSeconds: StreamScript = {
  push: (stream) => {
    const count = Math.floor((stream.heard.length - SECOND / 2) / (2 * SECOND));
    if (
      count < 1 ||
      Math.floor((stream.heard.length - SECOND / 2 - (stream.chunks.at(-1) ?? 0)) / (2 * SECOND)) >= count
    )
      return;
    stream.say({ type: 'final', text: `frase ${count}`, startMs: (count - 1) * 2000, endMs: count * 2000 });
  },
  finalize: (stream, marker) => {
    stream.say({ type: 'final', text: 'fim' });
    stream.say({ type: 'done', marker });
  },
};

function arrange(stream: StreamScript) {
  const a = scriptedStt('a', { stream });
  const b = scriptedStt('b', { batch: (...call) => ({ ...answers(...call), text: 'frase 4 e o resto' }) });
  const house = sttHouse([a, b]);
  const counter = talkingCounter(t, {
    neverRecommend: true,
    clock: house.clock,
    transcriber: (events) => house.runner({}, () => house.routed('stream'), events),
  });
  return { a, b, counter };
}

t.test('who speaks for long is answered in parts, each a row of its own, while speech goes on', async (t) => {
  const { a, counter } = arrange(everyTwoSeconds);
  await counter.says(tones([1, 0], [20, 0.3]));
  t.match(counter.rows(), [
    { segment: 1, transcript: 'frase 1 frase 2 frase 3 frase 4', cutReason: 'safety_limit', interactionType: 'valid' },
    { segment: 2, transcript: 'frase 5 frase 6 frase 7 frase 8', cutReason: 'safety_limit' },
  ]);
  await counter.says(tones([2, 0]));
  await counter.conversation.end('disconnect');
  t.match(counter.rows()[2], { segment: 3, transcript: 'frase 9 frase 10 fim', cutReason: 'silence_end' });
  t.equal(counter.rows().length, 3);
  t.equal(a.streams.length, 1);
});

t.test('the stream breaks behind a cut: the rest is heard again, and what both heard is said once', async (t) => {
  const { b, counter } = arrange({
    ...everyTwoSeconds,
    push: (stream, pcm) => {
      everyTwoSeconds.push?.(stream, pcm);
      if (stream.heard.length > 10 * SECOND) stream.end(fault('protocol'));
    },
  });
  await counter.says(tones([1, 0], [12, 0.3], [2, 0]));
  await counter.conversation.end('disconnect');
  t.match(counter.rows(), [
    { transcript: 'frase 1 frase 2 frase 3 frase 4' },
    { transcript: 'e o resto', gate: { filtros: [{ rule: 'sobreposicao', removed: 'frase 4' }] } },
  ]);
  const [first] = counter.rows();
  const heardMs = (b.calls[0]?.pcm.length ?? 0) / 16;
  t.ok(Math.abs(heardMs - (600 + 12_000 + 900 - 8000 + 500)) < 100, `${heardMs} ms: from half a second before the cut`);
  t.equal(first?.segmentBytes, 8 * SECOND * 2, 'the row ends where its text does');
});
