import Type from 'typebox';
import type { VadStream } from '../../../core/contracts/index.ts';
import type { VadSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { type EnergyVad, vadWith } from './reference.ts';

const named = Type.Integer({ minimum: 0, maximum: 3, default: 2, title: 'Rigor' });

/** What is wrong with the manifest, the settings and the single results. */
export const basicAnimals: readonly Animal<VadSubject>[] = [
  {
    name: 'written for contracts that do not exist yet',
    trips: 'manifest-named',
    subject: vadWith({ vendor: { specVersion: 99 as never } }),
  },
  {
    name: 'looks for updates when it is made',
    trips: 'stays-local',
    subject: vadWith({ create: (ctx) => void ctx.fetch('https://updates.example/').catch(() => undefined) }),
  },
  {
    name: 'takes any value for a setting',
    trips: 'settings-refused-by-name',
    subject: vadWith({ settings: Type.Object({ rigor: Type.Any({ default: 2, title: 'Rigor' }) }) }),
  },
  {
    name: 'has a setting without a default',
    trips: 'settings-have-defaults',
    subject: vadWith({
      settings: Type.Object({ rigor: named, extra: Type.Optional(Type.String({ title: 'Extra' })) }),
    }),
  },
  { name: 'wants 65 ms at a time', trips: 'frame-shape', subject: vadWith({ frameSamples: 1040 }) },
  {
    name: 'ends speech above where it starts',
    trips: 'thresholds-ordered',
    subject: vadWith({ capabilities: { robustToNoise: true, thresholds: { on: 0.35, off: 0.5 } } }),
  },
  {
    name: 'answers every fiftieth frame twice',
    trips: 'frames-answered',
    subject: vadWith({
      open: (vad, onResult) =>
        vad.stream((seq, probability) => {
          onResult(seq, probability);
          if (seq % 50 === 49) onResult(seq, probability);
        }),
    }),
  },
  {
    name: 'never answers the fourth frame of a stream',
    trips: 'frames-answered',
    subject: vadWith({ open: (vad, onResult) => vad.stream((seq, p) => seq !== 3 && onResult(seq, p)) }),
  },
  { name: 'answers frames in pairs, the second first', trips: 'results-in-order', subject: vadWith({ open: paired }) },
  {
    name: 'counts frames itself',
    trips: 'seq-is-the-callers',
    subject: vadWith({
      open(vad, onResult) {
        let count = 0;
        return vad.stream((_seq, probability) => onResult(count++, probability));
      },
    }),
  },
  {
    name: 'is more than certain',
    trips: 'probability-in-range',
    subject: vadWith({ probability: (found) => (found > 0.5 ? 1.2 : found) }),
  },
  {
    name: 'takes digital silence for speech',
    trips: 'silence-is-silence',
    subject: vadWith({ probability: (found, frame) => (frame.every((value) => value === 0) ? 1 : found) }),
  },
  {
    name: 'fails on clipped audio',
    trips: 'full-scale-survived',
    subject: vadWith({ probability: (found, frame) => (frame.some((value) => value >= 1) ? Number.NaN : found) }),
  },
];

function paired(vad: EnergyVad, onResult: (seq: number, probability: number) => void): VadStream {
  let held: (() => void) | undefined;
  return vad.stream((seq, probability) => {
    if (seq % 20 !== 0) {
      onResult(seq, probability);
      held?.();
      held = undefined;
      return;
    }
    held = () => onResult(seq, probability);
    setImmediate(() => {
      try {
        held?.();
      } catch {
        // its listener's own matter
      }
      held = undefined;
    });
  });
}
