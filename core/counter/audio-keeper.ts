import { type Clock, CORE_SAMPLE_RATE_HZ, type Log, wavFile } from '../contracts/index.ts';
import { type BlockHolder, BlockPool, UtteranceAudio } from '../runtime/ring.ts';
import type { KeptSound, SttOutcome } from '../runtime/types.ts';
import { type AudioOf, audioPath } from '../store/audio-files.ts';
import type { JournalEntry } from '../store/interaction.ts';
import type { Transcriber, UtteranceFeed } from './deps.ts';

/** Sound that waits for its row or for the disk; past it the oldest goes, and is counted. */
const POOL = { maxBytes: 64 * 1024 * 1024, spareBytes: 4 * 1024 * 1024 };
/** A decision to keep voices, or to stop, is in force so soon. */
const FRESH_MS = 15_000;
/** Sound whose row did not come by then belongs to nothing that was stored. */
const ROW_MS = 120_000;

export interface AudioKeeperOptions {
  /** Clients that keep voices, and until when. */
  keeping(): Promise<{ clientId: string; until: Date }[]>;
  files: { write(path: string, wav: Uint8Array): Promise<void> };
  append(entry: JournalEntry): Promise<void>;
  clock: Clock;
  log: Log;
}

/**
 * Keeps the sound of utterances of those clients that decided so, until the date they gave. Copied into pooled memory
 * while it is heard, written by one writer beside the audio thread: what does not fit is dropped and counted, and nobody
 * waits.
 */
export class AudioKeeper {
  readonly #options: AudioKeeperOptions;
  readonly #pool = new BlockPool(POOL);
  #until: ReadonlyMap<string, Date> = new Map();
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> = Promise.resolve();
  /** Files, one after the other. */
  #writing: Promise<void> = Promise.resolve();
  #dropped = 0;

  constructor(options: AudioKeeperOptions) {
    this.#options = options;
  }

  /** Utterances that should have been kept and were not, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Reads anew who keeps voices, where that is not fresh. Never rejects: without an answer what was known holds. */
  load(): Promise<void> {
    const { clock, keeping, log } = this.#options;
    if (clock.now() - this.#readAtMs < FRESH_MS) return this.#reading;
    this.#readAtMs = clock.now();
    this.#reading = keeping().then(
      (clients) => {
        this.#until = new Map(clients.map(({ clientId, until }) => [clientId, until]));
      },
      (error: unknown) => log.warn({ code: codeOf(error) }, 'who keeps voices could not be read'),
    );
    return this.#reading;
  }

  /** The same transcriber; what its utterances sound like goes along with the outcome, where the client keeps voices. */
  tap(inner: Transcriber, clientId: string): Transcriber {
    return {
      begin: (segment) => {
        const begun = inner.begin(segment);
        if (!this.#isOn(clientId)) return begun;
        const sound = new Sound(this.#pool, () => this.#drop());
        return { ...begun, feed: heardBy(begun.feed, sound, this.#options.clock) };
      },
      finish: () => inner.finish(),
      close: () => inner.close(),
    };
  }

  /** Writes the sound of an utterance whose row is journalled. The row says where first: no file is without a row. */
  store(row: AudioOf & { clientId: string }, { sound }: Pick<SttOutcome, 'sound'>): Promise<void> {
    if (!sound) return Promise.resolve();
    const write = async () => {
      const pcm = sound.take();
      if (!pcm || !this.#isOn(row.clientId)) return;
      const { append, files, log } = this.#options;
      const path = audioPath(row);
      const patch = (audioFilePath: string | null): JournalEntry => {
        return { type: 'patch', interactionId: row.id, fields: { audioFilePath }, usage: [] };
      };
      await append(patch(path));
      try {
        await files.write(path, wavFile({ pcm, sampleRateHz: CORE_SAMPLE_RATE_HZ }));
      } catch (error) {
        log.error({ code: codeOf(error) }, 'a voice could not be written');
        this.#drop();
        await append(patch(null));
      }
    };
    const written = this.#writing.then(write);
    this.#writing = written.catch(() => {}); // its failure is told by who waits for it
    return written;
  }

  /** Resolves once everything that was given is written. */
  async close(): Promise<void> {
    await this.#writing;
  }

  #isOn(clientId: string): boolean {
    void this.load();
    const until = this.#until.get(clientId);
    return until !== undefined && until > this.#options.clock.date();
  }

  #drop(): void {
    this.#dropped += 1;
    this.#options.log.warn({ dropped: this.#dropped }, 'voices that should be kept were dropped');
  }
}

/** One utterance's sound until its row is there, or until it is given up. */
class Sound implements KeptSound, BlockHolder {
  readonly #pool: BlockPool;
  readonly #onDropped: () => void;
  readonly #audio: UtteranceAudio;
  #cancel: () => void = () => {};

  constructor(pool: BlockPool, onDropped: () => void) {
    this.#pool = pool;
    this.#onDropped = onDropped;
    this.#audio = new UtteranceAudio(pool);
    pool.enter(this);
  }

  push(pcm: Int16Array): void {
    this.#audio.append(pcm);
  }

  take(): Int16Array | null {
    const { samples } = this.#audio;
    const pcm = samples === 0 ? null : this.#audio.toPcm();
    this.release();
    return pcm;
  }

  /** Its row comes soon, or never. */
  waits(clock: Clock): void {
    this.#cancel = clock.after(ROW_MS, () => this.release());
  }

  release(): void {
    this.#cancel();
    this.#audio.release();
    this.#pool.leave(this);
  }

  evict(): void {
    this.#cancel();
    this.#audio.release();
    this.#onDropped();
  }
}

function heardBy(feed: UtteranceFeed, sound: Sound, clock: Clock): UtteranceFeed {
  return {
    push(pcm) {
      feed.push(pcm);
      sound.push(pcm);
    },
    cancel() {
      feed.cancel();
      sound.release();
    },
    async end(facts, utterance) {
      const outcome = await feed.end(facts, utterance);
      sound.waits(clock);
      return { ...outcome, sound };
    },
  };
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
