import t from 'tap';
import { webrtcProvider } from '../../plugins/webrtc/vad.ts';
import { localContext, speech } from '../helpers/ear.ts';

const FRAME = 480;

t.test('answers at once: 1 in speech, 0 in silence', async (t) => {
  const vad = await webrtcProvider.create({}, {}, localContext());
  const { pcm, utterances } = speech();
  const probabilities: number[] = [];
  const stream = vad.open((seq, probability) => {
    probabilities[seq] = probability;
  });
  for (let at = 0; at + FRAME <= pcm.length; at += FRAME) {
    stream.push(pcm.subarray(at, at + FRAME), at / FRAME);
    t.equal(probabilities.length, at / FRAME + 1);
  }
  for (const { startMs, endMs } of utterances) {
    const inside = probabilities.slice(Math.ceil(startMs / 30), Math.floor(endMs / 30));
    t.ok(inside.reduce((sum, p) => sum + p, 0) / inside.length > 0.8);
    t.equal(probabilities[Math.floor((endMs + 700) / 30)], 0);
  }
  await vad.close?.();
});

t.test('streams keep their own state, and a reset one starts anew in the same mode', async (t) => {
  const vad = await webrtcProvider.create({}, { mode: 2 }, localContext());
  const { pcm } = speech();
  const [first, second, again]: number[][] = [[], [], []];
  const a = vad.open((_seq, p) => first?.push(p));
  const b = vad.open((_seq, p) => second?.push(p));
  for (let at = 0; at + FRAME <= pcm.length; at += FRAME) {
    a.push(pcm.subarray(at, at + FRAME), 0);
    b.push(new Float32Array(FRAME), 0);
  }
  t.ok(second?.every((p) => p === 0));
  const c = vad.open((_seq, p) => again?.push(p));
  for (let at = 0; at < 48_000; at += FRAME) c.push(pcm.subarray(at, at + FRAME), 0);
  c.reset();
  again?.splice(0);
  for (let at = 0; at + FRAME <= pcm.length; at += FRAME) c.push(pcm.subarray(at, at + FRAME), 0);
  t.same(again, first);
  await vad.close?.();
});

t.test('a closed stream says nothing, and closing twice does no harm', async (t) => {
  const vad = await webrtcProvider.create({}, {}, localContext());
  let answers = 0;
  const stream = vad.open(() => answers++);
  stream.close();
  stream.close();
  stream.push(new Float32Array(FRAME), 0);
  t.equal(answers, 0);
  await vad.close?.();
});
