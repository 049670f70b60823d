import Type from 'typebox';
import type { CleanerSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { cleanerWith, type Defects, type FullStream } from './reference.ts';

const animal = (trips: string, name: string, defects: Defects): Animal<CleanerSubject> => ({
  name,
  trips,
  subject: cleanerWith(defects),
});

const floor = Type.Number({ minimum: 0.01, maximum: 1, default: 0.08, title: 'Ganho mínimo' });

/** What is wrong with cleaners. */
export const cleanerAnimals: readonly Animal<CleanerSubject>[] = [
  animal('manifest-named', 'is written for contracts that do not exist yet', { vendor: { specVersion: 9 as never } }),
  animal('stays-local', 'looks for updates when it is made', {
    create: (ctx) => void ctx.fetch('https://updates.example/').catch(() => undefined),
  }),
  animal('settings-refused-by-name', 'takes any value for a setting', {
    manifest: { settings: Type.Object({ floor: Type.Any({ default: 1, title: 'Ganho mínimo' }) }) },
  }),
  animal('settings-have-defaults', 'has a setting without a default', {
    manifest: { settings: Type.Object({ floor, extra: Type.Optional(Type.String({ title: 'Extra' })) }) },
  }),
  animal('frame-shape', 'is half a second late', { cleaner: () => ({ delaySamples: 8000 }) }),
  animal('output-is-written', 'forgets the last sample', { stream: processing((right) => allButLast(right)) }),
  animal('output-is-finite', 'fails on clipped audio', {
    stream: after((output, input) => input.some((value) => value >= 1) && output.fill(Number.NaN)),
  }),
  animal('silence-stays-silence', 'hums', { stream: after((output) => shift(output, 0.001)) }),
  animal('process-is-synchronous', 'gives a promise for each frame', {
    stream: processing((right) => (async (input, output) => right.process(input, output)) as FullStream['process']),
  }),
  animal('input-is-kept', 'works in its input', { stream: after((_output, input) => input.fill(0)) }),
  animal('output-may-be-input', 'empties its output first', {
    stream: processing((right) => (input, output) => {
      output.fill(0);
      right.process(input, output);
    }),
  }),
  animal('frame-is-borrowed', 'reads a frame when the next one comes', { stream: processing(oneLate) }),
  animal('streams-independent', 'has one state for all streams', { cleaner: shared }),
  animal('reset-forgets', 'ignores reset', { stream: () => ({ reset: () => undefined }) }),
  animal('close-twice', 'fails when closed again', { stream: closedOnce }),
  animal('instances-independent', 'shares what closing frees', sharing()),
  animal('delay-true', 'says it is earlier than it is', { cleaner: () => ({ delaySamples: 200 }) }),
  animal('speech-unharmed', 'turns the signal over', { stream: after((output) => scale(output, -1)) }),
  animal('level-kept', 'halves everything', { stream: after((output) => scale(output, 0.5)) }),
  animal('noise-reduced', 'cleans nothing', { stream: processing((_right) => (input, output) => output.set(input)) }),
  animal('snr-gain', 'cleans nothing while somebody speaks', {
    cleaner: () => ({ delaySamples: 0 }),
    stream: after((output, input) => loud(input) && output.set(input)),
  }),
  animal('light-noise-not-worse', 'cuts off what is low', {
    stream: after((output) => output.set(output.map((value) => (Math.abs(value) < 0.05 ? 0 : value)))),
  }),
  animal('no-clicks', 'begins each frame with a click', { stream: after((output) => output.fill(0.05, 0, 1)) }),
  animal('observe-readies', 'is dazed by what it observed', { stream: dazed }),
  animal('no-allocation', 'makes a new frame each time', {
    stream: after((output) => output.set(Float32Array.from(output))),
  }),
  animal('streams-leave-nothing', 'remembers every stream', hoarding()),
  animal('cheap-enough', 'thinks long', { stream: after(() => burn(3400)) }),
];

type Processing = FullStream['process'];

function processing(change: (right: FullStream) => Processing): NonNullable<Defects['stream']> {
  return (right) => ({ process: change(right) });
}

/** Does something more to each frame once it is clean. */
function after(more: (output: Float32Array, input: Float32Array) => unknown): NonNullable<Defects['stream']> {
  return processing((right) => (input, output) => {
    right.process(input, output);
    more(output, input);
  });
}

function allButLast(right: FullStream): Processing {
  return (input, output) => {
    const kept = output[output.length - 1] as number;
    right.process(input, output);
    output[output.length - 1] = kept;
  };
}

function oneLate(right: FullStream): Processing {
  let held: Float32Array | undefined;
  return (input, output) => {
    right.process(held ?? input.slice(), output);
    held = input;
  };
}

function shared(right: { open(): unknown }): object {
  const stream = right.open();
  return { open: () => stream };
}

function closedOnce(right: FullStream): Partial<FullStream> {
  let isClosed = false;
  return {
    close() {
      if (isClosed) throw new Error('already closed');
      isClosed = true;
      right.close();
    },
  };
}

function sharing(): Defects {
  let isFreed = false;
  return {
    create() {
      isFreed = false;
    },
    cleaner: () => ({
      async close() {
        isFreed = true;
      },
    }),
    stream: after((output) => isFreed && output.fill(0)),
  };
}

/** Passes everything for a second after it observed. */
function dazed(right: FullStream): Partial<FullStream> {
  let frames = 0;
  return {
    observe(input) {
      frames = 32;
      right.observe(input);
    },
    process(input, output) {
      right.process(input, output);
      if (frames-- > 0) output.set(input);
    },
  };
}

function hoarding(): Defects {
  const kept: unknown[] = [];
  return {
    stream(right) {
      kept.push(right, new Float32Array(4000));
      return {};
    },
  };
}

function scale(output: Float32Array, gain: number): void {
  for (let i = 0; i < output.length; i++) output[i] = (output[i] as number) * gain;
}

function shift(output: Float32Array, by: number): void {
  for (let i = 0; i < output.length; i++) output[i] = (output[i] as number) + by;
}

function loud(input: Float32Array): boolean {
  return input.some((value) => Math.abs(value) > 0.03);
}

function burn(us: number): void {
  const until = process.cpuUsage().user + us;
  while (process.cpuUsage().user < until);
}
