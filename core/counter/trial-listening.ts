import { StreamDecoder } from '../audio/decode/index.ts';
import { Ear } from '../audio/ear.ts';
import type { VadSettings } from '../audio/settings.ts';
import type { EarListener, Utterance } from '../audio/types.ts';
import { BaltoError, CORE_SAMPLE_RATE_HZ } from '../contracts/index.ts';
import type { SessionDeps } from './deps.ts';
import { detectorsOf } from './detectors.ts';
import type { EarParts } from './ears.ts';

/** An utterance that was found in a recording, with the signal that transcription hears. */
export interface HeardSegment {
  utterance: Utterance;
  /** 16 kHz mono. */
  pcm: Int16Array;
}

const CHUNK_BYTES = 4096;
/** Longest recording. */
const MOST_S = 120;
/** How fast a recording is heard: the detector of voice answers beside, and the thread is shared with counters. */
const REST = { everySamples: CORE_SAMPLE_RATE_HZ / 2, ms: 10 };

/**
 * Cuts a recording into utterances as a counter's ear would: the same decoders, cleaner, detector and settings.
 * @throws BALTO_TEST_FORMAT for what cannot be decoded, BALTO_TEST_TOO_LONG past two minutes.
 */
export async function hearRecording(
  deps: SessionDeps,
  bytes: Buffer,
  { parts, settings }: { parts: EarParts; settings: VadSettings },
): Promise<HeardSegment[]> {
  const found: HeardSegment[] = [];
  const { clock, log, earPool: pool, ffmpegPath } = deps;
  const ear = new Ear({ settings, ...detectorsOf(parts), pool, listener: collector(deps, found), clock });
  let samples = 0;
  let unsupported: string | null = null;
  const decoder = new StreamDecoder({
    log,
    ffmpegPath,
    onPcm: (pcm) => {
      samples += pcm.length;
      if (samples <= MOST_S * CORE_SAMPLE_RATE_HZ) ear.push(pcm, clock.now());
    },
    onUnsupported: (name) => {
      unsupported = name;
    },
  });
  try {
    let rested = 0;
    for (let at = 0; at < bytes.length && unsupported === null; at += CHUNK_BYTES) {
      decoder.push(bytes.subarray(at, at + CHUNK_BYTES));
      requireLength(samples);
      if (samples - rested < REST.everySamples) continue;
      rested = samples;
      await new Promise<void>((resolve) => clock.after(REST.ms, resolve));
    }
    await decoder.end();
    requireLength(samples);
    if (samples === 0 || unsupported !== null) throw unreadable(unsupported);
    await ear.flush('client_end');
  } finally {
    decoder.close();
    ear.close();
  }
  return found;
}

function collector({ log }: SessionDeps, found: HeardSegment[]): EarListener {
  const open = new Map<number, Int16Array[]>();
  return {
    start({ segment }) {
      open.set(segment, []);
      return { mode: 'segment' };
    },
    audio: (segment, pcm) => void open.get(segment)?.push(pcm.slice()),
    cancel: (segment) => void open.delete(segment),
    end(utterance) {
      const parts = open.get(utterance.segment) ?? [];
      open.delete(utterance.segment);
      found.push({ utterance, pcm: joined(parts) });
    },
    degraded: (what, by, cause) => log.warn({ what, by, cause }, 'a provider of the ear failed during a test'),
  };
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const pcm = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    pcm.set(part, at);
    at += part.length;
  }
  return pcm;
}

function requireLength(samples: number): void {
  if (samples <= MOST_S * CORE_SAMPLE_RATE_HZ) return;
  throw new BaltoError({
    code: 'BALTO_TEST_TOO_LONG',
    field: 'audio',
    message: `O áudio passa de ${MOST_S} segundos.`,
    statusCode: 413,
  });
}

function unreadable(format: string | null): BaltoError {
  const why = format === null ? 'não tem áudio que se possa ler' : `tem um formato não suportado: ${format}`;
  return new BaltoError({ code: 'BALTO_TEST_FORMAT', field: 'audio', message: `O arquivo ${why}.` });
}
