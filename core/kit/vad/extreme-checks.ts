import type { Vad, VadStream } from '../../contracts/index.ts';
import { type Check, must } from '../check.ts';
import { keptBy } from '../local/memory.ts';
import { recordingOf } from '../local/recording.ts';
import { hear, same } from './hear.ts';
import { openVad, sample, type VadSubject } from './subject.ts';

const MANY_STREAMS = 50;
const STREAMS = 32;
/** Frames pushed to a stream before its results are waited for. */
const DEPTH = 48;
const FRAMES = 100_000;
const OPENED = 2000;
const KEPT_BYTES = 4 * 1024 * 1024;
/** Share of one core per counter that speaks. */
const CORE_SHARE = 0.05;

/** A busy shop, for a long day. */
export const extremeChecks: readonly Check<VadSubject>[] = [
  {
    id: 'many-streams',
    title: `${MANY_STREAMS} streams at once hear what each hears alone.`,
    tier: 'platinum',
    async run(subject, life) {
      const vad = await openVad(subject, life);
      const { pcm, recording } = sample(subject);
      const [from, to] = recording.spans[0] as readonly [number, number];
      const middle = (from + to) / 2;
      const word = pcm.subarray(Math.max(0, middle - 8000), middle + 8000);
      const alone = await hear(vad, word, subject);
      const all = await Promise.all(Array.from({ length: MANY_STREAMS }, () => hear(vad, word, subject)));
      must(
        all.every((heard) => same(alone, heard)),
        'the same results in each',
      );
    },
  },
  {
    id: 'memory-flat',
    title: `${FRAMES} frames leave no memory behind.`,
    tier: 'platinum',
    async run(subject, life) {
      const vad = await openVad(subject, life);
      const crowd = new Crowd(vad, subject.quietMs);
      life.defer(() => crowd.close());
      const kept = await keptBy(FRAMES, (frames) => crowd.hear(frames, life.signal));
      must(kept < KEPT_BYTES, `less than ${KEPT_BYTES} bytes more`);
    },
  },
  {
    id: 'streams-leave-nothing',
    title: `${OPENED} streams opened and closed leave no memory behind.`,
    tier: 'platinum',
    async run(subject, life) {
      const vad = await openVad(subject, life);
      const frame = new Float32Array(vad.frameSamples);
      const kept = await keptBy(OPENED, (count) => {
        for (let i = 0; i < count; i++) {
          const stream = vad.open(() => undefined);
          stream.push(frame, 0);
          stream.close();
        }
      });
      must(kept < KEPT_BYTES, `less than ${KEPT_BYTES} bytes more`);
    },
  },
  {
    id: 'cheap-enough',
    title: `One counter takes at most ${CORE_SHARE * 100} % of a core.`,
    tier: 'platinum',
    async run(subject, life) {
      const { pcm } = recordingOf(subject.recording);
      const vad = await openVad(subject, life);
      await hear(vad, pcm.subarray(0, 16_000), subject);
      const before = process.cpuUsage();
      await hear(vad, pcm, subject);
      const { user, system } = process.cpuUsage(before);
      const audioUs = (pcm.length / vad.sampleRateHz) * 1_000_000;
      must(user + system < audioUs * CORE_SHARE, `at most ${CORE_SHARE * 100} % of a core`);
    },
  },
];

/** Streams that are pushed the same frame as fast as they answer. It keeps no results. */
class Crowd {
  readonly #streams: VadStream[];
  readonly #frame: Float32Array;
  readonly #quietMs: number;
  #answered = 0;
  #pushed = 0;
  #wake: (() => void) | undefined;

  constructor(vad: Vad, quietMs = 1000) {
    this.#frame = new Float32Array(vad.frameSamples);
    this.#quietMs = quietMs;
    const heard = () => {
      this.#answered++;
      if (this.#answered >= this.#pushed) this.#wake?.();
    };
    this.#streams = Array.from({ length: STREAMS }, () => vad.open(heard));
  }

  /** At least `frames`, all streams together. */
  async hear(frames: number, signal: AbortSignal): Promise<void> {
    for (let done = 0; done < frames && !signal.aborted; done += STREAMS * DEPTH) {
      for (const stream of this.#streams) this.#push(stream);
      if (this.#answered < this.#pushed) await this.#all();
    }
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }

  #push(stream: VadStream): void {
    for (let i = 0; i < DEPTH; i++) stream.push(this.#frame, this.#pushed++);
  }

  /** Until all have been answered; a result that never comes is another check's matter. */
  #all(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), this.#quietMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        this.#pushed = this.#answered;
        resolve();
      };
    });
  }
}
