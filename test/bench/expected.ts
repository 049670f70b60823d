import { prepareDecoders, StreamDecoder } from '../../core/audio/decode/index.ts';
import { Ear } from '../../core/audio/ear.ts';
import type { Utterance } from '../../core/audio/types.ts';
import type { Cleaner, Vad } from '../../core/contracts/index.ts';
import { effectiveVad } from '../../core/counter/settings.ts';
import { systemClock } from '../../core/runtime/provider-context.ts';
import { conversation } from '../helpers/conversation.ts';
import { openDetectors } from './detectors.ts';
import { SILENT, STEP_MS } from './recording.ts';

/** Time for the VAD to answer one step: its tick and some runs of the model. */
const ANSWERED_MS = 40;

/** Where an utterance lies in its stream, in samples at 16 kHz. */
export type Span = Pick<Utterance, 'startSample' | 'endSample' | 'speechEndSample'>;

export interface Expected {
  utterances: Span[];
  /** Share of the audio the ear shows to the VAD and to the cleaner: behind a shut gate neither hears all of it. */
  vadShare: number;
  cleanerShare: number;
}

/** What one counter's bytes hold, heard offline by an ear with the server's settings: nothing is late and nothing is lost. */
export async function expectedOf(ends: number[], steps: number): Promise<Expected> {
  // The server's clock keeps nothing alive, and here is no socket that would.
  const awake = setInterval(() => {}, 1000);
  await prepareDecoders();
  const { vad, vadCapabilities, cleaner } = await openDetectors();
  const counted = { vad: 0, cleaner: 0 };
  const utterances: Span[] = [];
  const ear = new Ear({
    settings: effectiveVad(),
    vad: countedVad(vad, () => counted.vad++),
    vadCapabilities,
    cleaner: countedCleaner(cleaner, () => counted.cleaner++),
    cleanerFor: { vad: false, stt: true },
    clock: systemClock,
    listener: {
      start: () => ({ mode: 'segment' }),
      audio: () => {},
      cancel: () => {},
      degraded: (what) => {
        throw new Error(`the ${what} failed`);
      },
      end: ({ startSample, endSample, speechEndSample }) => {
        utterances.push({ startSample, endSample, speechEndSample });
      },
    },
  });
  const decoder = new StreamDecoder({
    onPcm: (pcm) => ear.push(pcm, systemClock.now()),
    onUnsupported: () => {},
    log: SILENT,
  });
  const { webm } = conversation();
  for (let step = 0; step < steps; step++) {
    decoder.push(webm.subarray(step === 0 ? 0 : ends[step - 1], ends[step]));
    // As the server has it: the VAD answers before the next step is here, and is never shown what lies behind a shut gate.
    await new Promise((done) => setTimeout(done, ANSWERED_MS));
  }
  await ear.flush('gap');
  ear.close();
  decoder.close();
  await vad.close?.();
  clearInterval(awake);
  const audio = (steps * STEP_MS * 16) / vad.frameSamples;
  return { utterances, vadShare: counted.vad / audio, cleanerShare: counted.cleaner / audio };
}

/**
 * How many of `expected` no utterance in `seen` holds: at least 90 % of what was spoken must be there. Counting alone
 * would let one that was cut in two stand for one that is gone.
 */
export function lostOf(expected: Span[], seen: Span[]): number {
  return expected.filter(({ startSample, speechEndSample }) => {
    let covered = 0;
    for (const each of seen) {
      covered += Math.max(0, Math.min(speechEndSample, each.endSample) - Math.max(startSample, each.startSample));
    }
    return covered < 0.9 * (speechEndSample - startSample);
  }).length;
}

function countedVad(vad: Vad, count: () => void): Vad {
  return {
    sampleRateHz: vad.sampleRateHz,
    frameSamples: vad.frameSamples,
    open(onResult) {
      const stream = vad.open(onResult);
      return {
        push(frame, seq) {
          count();
          stream.push(frame, seq);
        },
        reset: () => stream.reset(),
        close: () => stream.close(),
      };
    },
  };
}

function countedCleaner(cleaner: Cleaner, count: () => void): Cleaner {
  const { sampleRateHz, frameSamples, delaySamples } = cleaner;
  return {
    sampleRateHz,
    frameSamples,
    delaySamples,
    open() {
      const stream = cleaner.open();
      return {
        process(input, output) {
          count();
          stream.process(input, output);
        },
        observe: (input) => stream.observe?.(input),
        reset: () => stream.reset(),
        close: () => stream.close(),
      };
    },
  };
}
