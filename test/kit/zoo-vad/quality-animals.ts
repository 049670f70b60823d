import type { VadSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { type EnergyStream, type EnergyVad, vadWith } from './reference.ts';

/** By the steady part of the sound: the quiet recording, the recording as it is, with noise at 5 dB, noise alone. */
const isQuiet = ({ floor }: EnergyStream) => floor > 1e-8 && floor < 4e-7;
const isClean = ({ floor }: EnergyStream) => floor > 4e-7 && floor < 1e-4;
const isNoisy = ({ floor }: EnergyStream) => floor > 1e-4 && floor < 1.8e-3;
const isNoise = ({ floor }: EnergyStream) => floor > 1.8e-3;

const LOUD = 0.95;
const LOW = 0.05;

/** What hears badly, and what costs too much. */
export const qualityAnimals: readonly Animal<VadSubject>[] = [
  { name: 'misses every fourth frame', trips: 'recall-clean', subject: hearing(isClean, missing) },
  { name: 'hears voices in pauses', trips: 'precision-clean', subject: hearing(isClean, imagining) },
  { name: 'misses every fourth frame in noise', trips: 'recall-noisy', subject: hearing(isNoisy, missing) },
  { name: 'hears voices in noisy pauses', trips: 'precision-noisy', subject: hearing(isNoisy, imagining) },
  {
    name: 'hears a voice in the noise now and then',
    trips: 'noise-is-no-speech',
    subject: hearing(isNoise, (found, { frames }) => (frames % 10 === 0 ? LOUD : found)),
  },
  {
    name: 'notices speech after 210 ms',
    trips: 'onset-prompt',
    subject: hearing(isClean, (found, { run }) => (run <= 7 ? LOW : found)),
  },
  {
    name: 'holds on to speech for 390 ms',
    trips: 'offset-prompt',
    subject: hearing(isClean, (found, { heard, rest }) => (heard && rest <= 13 ? LOUD : found)),
  },
  { name: 'hears nobody who speaks low', trips: 'recall-quiet', subject: hearing(isQuiet, () => LOW) },
  {
    name: 'serves forty streams',
    trips: 'many-streams',
    subject: vadWith({ open: (vad, onResult) => vad.stream((seq, p) => vad.streams.size <= 40 && onResult(seq, p)) }),
  },
  { name: 'remembers every frame', trips: 'memory-flat', subject: vadWith({ probability: remembered }) },
  { name: 'remembers every stream', trips: 'streams-leave-nothing', subject: hoarding() },
  { name: 'thinks long', trips: 'cheap-enough', subject: vadWith({ probability: slow }) },
];

/** Hears as the reference does, but where `where` holds. */
function hearing(
  where: (stream: EnergyStream) => boolean,
  told: (found: number, stream: EnergyStream) => number,
): VadSubject {
  return vadWith({ probability: (found, _frame, stream) => (where(stream) ? told(found, stream) : found) });
}

function missing(found: number, { frames }: EnergyStream): number {
  return frames % 4 === 0 ? LOW : found;
}

/** 450 ms in the middle of a pause. */
function imagining(found: number, { rest, heard }: EnergyStream): number {
  return heard && rest > 12 && rest <= 27 ? LOUD : found;
}

function remembered(found: number, _frame: Float32Array, { vad }: EnergyStream): number {
  vad.kept.push(new Array(16).fill(found));
  return found;
}

function hoarding(): VadSubject {
  return vadWith({
    open(vad: EnergyVad, onResult) {
      const stream = vad.stream(onResult);
      vad.kept.push(new Float32Array(2000), stream);
      return stream;
    },
  });
}

function slow(found: number, _frame: Float32Array, stream: EnergyStream): number {
  const until = process.cpuUsage().user + 3000;
  if (isClean(stream) && stream.frames > 150 && stream.vad.streams.size === 1) while (process.cpuUsage().user < until);
  return found;
}
