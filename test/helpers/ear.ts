import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { Ear } from '../../core/audio/ear.ts';
import type { EarOptions } from '../../core/audio/ear-options.ts';
import { DEFAULT_VAD_SETTINGS, type VadSettings } from '../../core/audio/settings.ts';
import type { CutReason, Utterance, UtteranceStart } from '../../core/audio/types.ts';
import type { Cleaner, Clock, ProviderContext, Vad, VadCapabilities, VadStream } from '../../core/contracts/index.ts';
import { sileroProvider } from '../../plugins/silero/vad.ts';
import { spectralGateProvider } from '../../plugins/spectral-gate/cleaner.ts';
import { webrtcProvider } from '../../plugins/webrtc/vad.ts';
import { keptLog } from './provider.ts';

/** Real time. Its timers keep the process alive, as a server's sockets do. */
export const liveClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export function localContext(clock: Clock = liveClock): ProviderContext {
  const refuse = () => Promise.reject(new Error('a local provider uses no network'));
  const { signal } = new AbortController();
  return { fetch: refuse, connect: refuse, clock, random: Math.random, log: keptLog(), signal };
}

export interface Detector {
  name: string;
  vad: Vad;
  capabilities: VadCapabilities;
}

/** Both VADs and the cleaner as they ship; closed with the test. */
export async function detectors(t: Test): Promise<{ silero: Detector; webrtc: Detector; cleaner: Cleaner }> {
  const silero = await openVad(sileroProvider(), { tickMs: 1, tickFewMs: 1 });
  const webrtc = await openVad(webrtcProvider, {});
  t.teardown(async () => {
    await silero.vad.close?.();
    await webrtc.vad.close?.();
  });
  return { silero, webrtc, cleaner: await spectralGateProvider.create({}, {}, localContext()) };
}

async function openVad(
  provider: ReturnType<typeof sileroProvider>,
  settings: Record<string, unknown>,
): Promise<Detector> {
  const vad = await provider.create({}, settings, localContext());
  return { name: provider.id, vad, capabilities: provider.capabilities as VadCapabilities };
}

/** Everything an ear told, and the audio it handed over. */
export interface Heard {
  starts: UtteranceStart[];
  utterances: Utterance[];
  /** Samples handed over per segment. */
  audio: Map<number, number[]>;
  /** In order: `start 1`, `end 1 silence_end`, `degraded vad …`. */
  events: string[];
  /** Why something was replaced, in order. */
  causes: string[];
  ear: Ear;
}

export function listen(
  detector: Detector,
  options: Partial<Omit<EarOptions, 'settings'>> & {
    settings?: Partial<VadSettings>;
    mode?: 'segment' | 'stream';
  } = {},
): Heard {
  const { settings, mode = 'segment', ...rest } = options;
  const heard: Omit<Heard, 'ear'> = { starts: [], utterances: [], audio: new Map(), events: [], causes: [] };
  const ear = new Ear({
    vad: detector.vad,
    vadCapabilities: detector.capabilities,
    cleanerFor: { vad: !detector.capabilities.robustToNoise, stt: false },
    clock: liveClock,
    listener: {
      start(utterance) {
        heard.starts.push(utterance);
        heard.audio.set(utterance.segment, []);
        heard.events.push(`start ${utterance.segment}`);
        return { mode };
      },
      audio: (segment, pcm) => void heard.audio.get(segment)?.push(...pcm),
      end(utterance) {
        heard.utterances.push(utterance);
        heard.events.push(`end ${utterance.segment} ${utterance.cutReason}`);
      },
      cancel: (segment) => void heard.events.push(`cancel ${segment}`),
      degraded(what, by, cause) {
        heard.events.push(`degraded ${what} ${by}`);
        heard.causes.push(cause);
      },
      recovered: (what) => void heard.events.push(`recovered ${what}`),
    },
    ...rest,
    settings: { ...DEFAULT_VAD_SETTINGS, ...settings },
  });
  return { ...heard, ear };
}

/** Pushes everything in pieces of 1 s, giving the event loop a turn after each, then flushes. */
export async function hearAll(heard: Heard, pcm: Float32Array, reason: CutReason = 'client_end'): Promise<Utterance[]> {
  for (let at = 0; at < pcm.length; at += 16_000) {
    heard.ear.push(pcm.subarray(at, at + 16_000), performance.now());
    await new Promise(setImmediate);
  }
  await heard.ear.flush(reason);
  return heard.utterances;
}

/** A VAD that calls speech what the test says, in the place of the audio. */
export class ScriptedVad implements Vad {
  readonly sampleRateHz = 16_000;
  readonly frameSamples: number;
  /** Frames it was given. */
  frames = 0;
  resets = 0;
  /** Results are held back until the test calls it. */
  held: (() => void)[] | undefined;
  readonly #probability: (frame: Float32Array, index: number) => number;

  constructor(probability: (frame: Float32Array, index: number) => number, frameSamples = 480) {
    this.#probability = probability;
    this.frameSamples = frameSamples;
  }

  open(onResult: (seq: number, probability: number) => void): VadStream {
    return {
      push: (frame, seq) => {
        const probability = this.#probability(frame, this.frames++);
        if (this.held) this.held.push(() => onResult(seq, probability));
        else onResult(seq, probability);
      },
      reset: () => void this.resets++,
      close: () => {},
    };
  }
}

/** Calls speech whatever is louder than −34 dB. */
export function loudnessVad(): Detector & { vad: ScriptedVad } {
  const vad = new ScriptedVad((frame) => (frame.some((value) => Math.abs(value) > 0.02) ? 1 : 0));
  return { name: 'loudness', vad, capabilities: { robustToNoise: true, thresholds: { on: 0.5, off: 0.35 } } };
}

/** Seconds of a 300 Hz tone (`level` > 0) and of near silence, one after the other, in ±1. */
export function tones(...parts: [seconds: number, level: number][]): Float32Array {
  const out = new Float32Array(Math.round(parts.reduce((sum, [seconds]) => sum + seconds, 0) * 16_000));
  let at = 0;
  for (const [seconds, level] of parts) {
    const end = at + Math.round(seconds * 16_000);
    for (; at < end; at++)
      out[at] = level === 0 ? 0.0005 * Math.sin(at) : level * Math.sin((2 * Math.PI * 300 * at) / 16_000);
  }
  return out;
}

export interface SpeechFixture {
  pcm: Float32Array;
  utterances: { text: string; startMs: number; endMs: number }[];
}

/** Three clean sentences with pauses of 1.1 s. */
export function speech(): SpeechFixture {
  const folder = join(import.meta.dirname, '../fixtures/ear');
  const wav = new Uint8Array(readFileSync(join(folder, 'speech.wav')));
  const script = JSON.parse(readFileSync(join(folder, 'speech.json'), 'utf8')) as Pick<SpeechFixture, 'utterances'>;
  return { pcm: toFloat(new Int16Array(wav.slice(44).buffer)), utterances: script.utterances };
}

export function toFloat(pcm: Int16Array): Float32Array {
  return Float32Array.from(pcm, (value) => value / 32768);
}

export function toInt16(pcm: Float32Array): number[] {
  return Array.from(pcm, (value) => Math.max(-32768, Math.min(32767, Math.round(value * 32768) || 0)));
}
