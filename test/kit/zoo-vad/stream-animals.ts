import type { VadStream } from '../../../core/contracts/index.ts';
import type { VadSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { type EnergyVad, vadWith } from './reference.ts';

type OnResult = Parameters<EnergyVad['stream']>[0];

/** What is wrong with streams beside each other, one after the other, and at their end. */
export const streamAnimals: readonly Animal<VadSubject>[] = [
  {
    name: 'gives a promise for each frame',
    trips: 'push-is-synchronous',
    subject: vadWith({
      open: (vad, onResult) => changed(vad.stream(onResult), (good) => ({ push: async (f, s) => good.push(f, s) })),
    }),
  },
  {
    name: 'keeps the frame and reads it later',
    trips: 'frame-is-borrowed',
    subject: vadWith({ open: late }),
  },
  {
    name: 'has one state for two streams',
    trips: 'streams-independent',
    subject: vadWith({ probability: (found, _frame, { vad }) => (vad.streams.size === 2 ? mixed(found) : found) }),
  },
  {
    name: 'ignores reset',
    trips: 'reset-forgets',
    subject: vadWith({ open: (vad, onResult) => changed(vad.stream(onResult), () => ({ reset: () => undefined })) }),
  },
  {
    name: 'goes on after close',
    trips: 'closed-says-nothing',
    subject: vadWith({ open: (vad, onResult) => changed(vad.stream(onResult), () => ({ close: () => undefined })) }),
  },
  {
    name: 'fails when closed again',
    trips: 'close-twice',
    subject: vadWith({
      open(vad, onResult) {
        let closed = false;
        return changed(vad.stream(onResult), (good) => ({
          close() {
            if (closed) throw new Error('already closed');
            closed = true;
            good.close();
          },
        }));
      },
    }),
  },
  {
    name: 'lets one listener bring down all',
    trips: 'listener-may-throw',
    subject: vadWith({ open: allOrNothing }),
  },
  {
    name: 'drops what it cannot take at once',
    trips: 'backlog-answered',
    // It answers a turn of the loop later, which on a busy machine is later than 30 ms: late is not what is wrong with it.
    subject: { ...vadWith({ open: bounded }), quietMs: 1000 },
  },
  {
    name: 'cannot be closed',
    trips: 'instance-closes',
    subject: vadWith({ close: () => Promise.reject(new Error('busy')) }),
  },
  { name: 'shares what closing frees', trips: 'instances-independent', subject: sharing() },
  { name: 'logs each frame of a lonely stream', trips: 'log-is-quiet', subject: vadWith({ probability: logged }) },
];

function changed(good: VadStream, change: (good: VadStream) => Partial<VadStream>): VadStream {
  const { push, reset, close } = { push: good.push, reset: good.reset, close: good.close };
  return { push: push.bind(good), reset: reset.bind(good), close: close.bind(good), ...change(good) };
}

function late(vad: EnergyVad, onResult: OnResult): VadStream {
  return changed(vad.stream(onResult), (good) => ({
    push: (frame, seq) => void setImmediate(() => tryPush(good, frame, seq)),
  }));
}

/** What a listener throws later has nowhere to go. */
function tryPush(stream: VadStream, frame: Float32Array, seq: number): void {
  try {
    stream.push(frame, seq);
  } catch {
    // its listener's own matter
  }
}

let beside = 0;
function mixed(found: number): number {
  const told = (found + beside) / 2;
  beside = found;
  return told;
}

const broken = new WeakSet<EnergyVad>();
function allOrNothing(vad: EnergyVad, onResult: OnResult): VadStream {
  return vad.stream((seq, probability) => {
    if (broken.has(vad)) return;
    try {
      onResult(seq, probability);
    } catch {
      broken.add(vad);
    }
  });
}

function bounded(vad: EnergyVad, onResult: OnResult): VadStream {
  const queue: [Float32Array, number][] = [];
  return changed(vad.stream(onResult), (good) => ({
    push(frame, seq) {
      if (queue.length >= 100) return;
      queue.push([frame.slice(), seq]);
      if (queue.length > 1) return;
      setImmediate(() => {
        for (const [kept, number] of queue.splice(0)) tryPush(good, kept, number);
      });
    },
  }));
}

function sharing(): VadSubject {
  let isFreed = false;
  return vadWith({
    create() {
      isFreed = false;
    },
    open: (vad, onResult) => vad.stream((seq, probability) => !isFreed && onResult(seq, probability)),
    async close() {
      isFreed = true;
    },
  });
}

function logged(found: number, _frame: Float32Array, { vad }: { vad: EnergyVad }): number {
  if (vad.streams.size === 1) vad.ctx.log.debug({ probability: found }, 'quadro');
  return found;
}
