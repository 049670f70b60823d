import type { Vad } from '../../contracts/index.ts';
import { type Check, must } from '../check.ts';
import { pinkNoise, scaled, seededRandom } from '../local/signals.ts';
import { localWorld } from '../local/world.ts';
import { hear, Listener, same } from './hear.ts';
import { openVad, sample, type VadSubject } from './subject.ts';

const BACKLOG_FRAMES = 300;
const LOG_LINES = 3;
/** Within which nothing more may come after a close. */
const AFTERWARDS_MS = 50;

/** What the core counts on while counters come and go. */
export const streamChecks: readonly Check<VadSubject>[] = [
  {
    id: 'push-is-synchronous',
    title: 'push returns nothing: no promise per frame.',
    tier: 'silver',
    async run(subject, life) {
      const returned: unknown[] = [];
      const push = (stream: { push(frame: Float32Array, seq: number): unknown }, frame: Float32Array, seq: number) =>
        void returned.push(stream.push(frame, seq));
      await hear(await openVad(subject, life), sample(subject).pcm, { quietMs: subject.quietMs, push });
      must(returned.length > 0 && returned.every((value) => value === undefined), 'nothing returned');
    },
  },
  {
    id: 'frame-is-borrowed',
    title: 'A frame is read before push returns: what the caller writes into it later is not heard.',
    tier: 'silver',
    async run(subject, life) {
      const vad = await openVad(subject, life);
      const { pcm } = sample(subject);
      const expected = await hear(vad, pcm, subject);
      const overwritten = await hear(vad, pcm, {
        quietMs: subject.quietMs,
        push(stream, frame, seq) {
          stream.push(frame, seq);
          frame.fill(0);
        },
      });
      must(same(expected, overwritten), 'the same results as with frames nobody touches');
    },
  },
  {
    id: 'streams-independent',
    title: 'What one stream hears changes nothing for another.',
    tier: 'silver',
    async run(subject, life) {
      const vad = await openVad(subject, life);
      const { pcm } = sample(subject);
      const alone = await hear(vad, pcm, subject);
      const noise = scaled(pinkNoise(pcm.length, seededRandom(6)), 0.5);
      const [beside] = await Promise.all([hear(vad, pcm, subject), hear(vad, noise, subject)]);
      must(same(alone, beside), 'the same results beside a noisy stream');
    },
  },
  {
    id: 'reset-forgets',
    title: 'After reset a stream hears as a new one does.',
    tier: 'silver',
    async run(subject, life) {
      const vad = await openVad(subject, life);
      const { pcm, recording } = sample(subject);
      // From the middle of a word: there a detector's memory matters most.
      const [from, to] = recording.spans[0] as readonly [number, number];
      const rest = pcm.subarray(Math.floor((from + to) / 2));
      const fresh = await hear(vad, rest, subject);
      const listener = new Listener(vad, subject);
      life.defer(() => listener.stream.close());
      await listener.hear(scaled(pinkNoise(48_000, seededRandom(7)), 0.5));
      await listener.hear(scaled(pinkNoise(16_000, seededRandom(7)), 0.0001));
      listener.stream.reset();
      must(same(fresh, await listener.hear(rest)), 'the results of a new stream');
    },
  },
  {
    id: 'closed-says-nothing',
    title: 'A closed stream gives no result, neither for what was pushed before nor after.',
    tier: 'silver',
    async run(subject, life) {
      const vad = await openVad(subject, life);
      const listener = new Listener(vad, subject);
      pushFrames(listener.stream, vad, 20);
      listener.stream.close();
      const before = listener.results.length;
      pushFrames(listener.stream, vad, 20);
      await pause(AFTERWARDS_MS);
      must(listener.results.length === before, 'silence after close');
    },
  },
  {
    id: 'close-twice',
    title: 'Closing a stream twice does no harm.',
    tier: 'silver',
    async run(subject, life) {
      const vad = await openVad(subject, life);
      const stream = vad.open(() => undefined);
      stream.close();
      stream.close();
    },
  },
  {
    id: 'listener-may-throw',
    title: 'A listener that throws spoils its own stream only.',
    tier: 'silver',
    async run(subject, life) {
      const vad = await openVad(subject, life);
      const broken = vad.open(() => {
        throw new Error('a listener that fails');
      });
      life.defer(() => broken.close());
      try {
        pushFrames(broken, vad, 5);
      } catch {
        // where it reaches the caller who pushed, that is the caller whose listener it is
      }
      const { results, probabilities } = await hear(vad, sample(subject).pcm, subject);
      must(results.length >= probabilities.length / 2, 'the others go on');
    },
  },
  {
    id: 'backlog-answered',
    title: `${BACKLOG_FRAMES} frames at once are all answered.`,
    tier: 'silver',
    async run(subject, life) {
      const vad = await openVad(subject, life);
      const pcm = new Float32Array(BACKLOG_FRAMES * vad.frameSamples);
      const { results } = await hear(vad, pcm, { quietMs: subject.quietMs, firstSeq: 1000, ahead: BACKLOG_FRAMES + 1 });
      must(results.length >= BACKLOG_FRAMES, 'all of them');
      must(!results.some(({ probability }) => Number.isNaN(probability)), 'and none of them given up');
    },
  },
  {
    id: 'instance-closes',
    title: 'close ends the instance with its streams, and says so without an error.',
    tier: 'silver',
    async run(subject, life) {
      const vad = await subject.provider.create({}, subject.settings ?? {}, localWorld(life).ctx);
      const listener = new Listener(vad, subject);
      pushFrames(listener.stream, vad, 20);
      let closed = false;
      await Promise.race([vad.close?.().then(() => (closed = true)), pause(1000)]);
      must(vad.close === undefined || closed, 'closed within 1 s');
      const before = listener.results.length;
      await pause(AFTERWARDS_MS);
      must(listener.results.length === before, 'no result after close');
    },
  },
  {
    id: 'instances-independent',
    title: 'Two instances live side by side; closing one leaves the other as it is.',
    tier: 'silver',
    async run(subject, life) {
      const first = await openVad(subject, life);
      const second = await subject.provider.create({}, subject.settings ?? {}, localWorld(life).ctx);
      const { pcm } = sample(subject);
      const alone = await hear(first, pcm, subject);
      await second.close?.().catch(() => undefined); // see `instance-closes`
      must(same(alone, await hear(first, pcm, subject)), 'the same results after the other closed');
    },
  },
  {
    id: 'log-is-quiet',
    title: 'Hearing writes no log: a line per frame would be 33 a second and counter.',
    tier: 'silver',
    async run(subject, life) {
      const { ctx, lines } = localWorld(life);
      const vad = await subject.provider.create({}, subject.settings ?? {}, ctx);
      life.defer(() => vad.close?.());
      await hear(vad, sample(subject).pcm, subject);
      must(lines.length <= LOG_LINES, `at most ${LOG_LINES} lines`);
    },
  },
];

/** A promise that push should not have returned fails in nobody's arms: see `push-is-synchronous`. */
function pushFrames(stream: { push(frame: Float32Array, seq: number): unknown }, vad: Vad, count: number): void {
  for (let seq = 0; seq < count; seq++) {
    const returned = stream.push(new Float32Array(vad.frameSamples), seq);
    if (returned instanceof Promise) returned.catch(() => undefined);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
