import { setImmediate } from 'node:timers/promises';
import { BaltoError, CORE_SAMPLE_RATE_HZ, type Log } from '../../contracts/index.ts';
import { StreamDecoder } from './stream-decoder.ts';

/** Bytes decoded before other work gets its turn: audio of counters shares this thread. */
const BYTES_PER_TURN = 32 * 1024;

/**
 * A whole file to 16 kHz mono. A file, unlike a stream, says what it is: what nothing recognises is not taken for PCM.
 * @throws BaltoError `BALTO_AUDIO_FORMAT`, `BALTO_AUDIO_TOO_LONG`, `BALTO_AUDIO_EMPTY` (400), field `audio`.
 */
export async function decodeUpload(
  bytes: Uint8Array,
  options: { log: Log; ffmpegPath: string | null; maxSeconds: number },
): Promise<Int16Array> {
  const heard = new Samples(options.maxSeconds * CORE_SAMPLE_RATE_HZ);
  let refused: string | null = null;
  const decoder = new StreamDecoder({
    log: options.log,
    ffmpegPath: options.ffmpegPath,
    onPcm: (pcm) => heard.add(pcm),
    onFormat: (name) => {
      if (name === 'pcm_s16le') refused = 'desconhecido';
    },
    onUnsupported: (name) => {
      refused = name;
    },
  });
  try {
    for (let at = 0; at < bytes.length && refused === null && !heard.isFull; at += BYTES_PER_TURN) {
      decoder.push(bytes.subarray(at, at + BYTES_PER_TURN));
      await setImmediate();
    }
    if (refused === null && !heard.isFull) await decoder.end();
  } finally {
    decoder.close();
  }
  if (refused !== null) throw wrong('FORMAT', `formato não reconhecido ou não suportado: ${String(refused)}`);
  if (heard.isFull) throw wrong('TOO_LONG', `no máximo ${options.maxSeconds} s`);
  if (heard.count === 0) throw wrong('EMPTY', 'não há som no arquivo');
  return heard.pcm();
}

/** Samples as they come, up to a bound. */
class Samples {
  readonly #most: number;
  #pcm = new Int16Array(CORE_SAMPLE_RATE_HZ);
  count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.count > this.#most;
  }

  add(samples: Float32Array): void {
    if (this.isFull) return;
    if (this.count + samples.length > this.#pcm.length) {
      const larger = new Int16Array(Math.max(this.#pcm.length * 2, this.count + samples.length));
      larger.set(this.#pcm);
      this.#pcm = larger;
    }
    for (const sample of samples) this.#pcm[this.count++] = Math.max(-1, Math.min(1, sample)) * 32_767;
  }

  pcm(): Int16Array {
    return this.#pcm.slice(0, this.count);
  }
}

function wrong(code: string, message: string): BaltoError {
  return new BaltoError({
    code: `BALTO_AUDIO_${code}`,
    field: 'audio',
    message: `Áudio: ${message}.`,
    statusCode: 400,
  });
}
