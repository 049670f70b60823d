import { ID } from './ebml.ts';
import { readOpusHead } from './opus-head.ts';

/** A track as its header names it. */
export interface Track {
  number: number;
  codec: string;
  preSkip?: number | undefined;
  manyStreams: boolean;
}

/** The tracks a WebM header names, and which of them is heard: the first Opus one. */
export class TrackList {
  #tracks: Track[];

  /** `tracks`: of a header that another list has read. */
  constructor(tracks: readonly Track[] = []) {
    this.#tracks = tracks.map((track) => ({ ...track }));
  }

  /** What was read so far: for a list that takes this one's place. */
  get all(): Track[] {
    return this.#tracks.map((track) => ({ ...track }));
  }

  /** A new list begins. */
  reset(): void {
    this.#tracks = [];
  }

  /** A new entry begins; past 16 none is kept. */
  next(): void {
    if (this.#tracks.length < 16) {
      this.#tracks.push({ number: 0, codec: '', preSkip: undefined, manyStreams: false });
    }
  }

  /** One element of the entry that is open. */
  read(id: number, body: Uint8Array): void {
    const track = this.#tracks.at(-1);
    if (!track) return;
    // The first of each counts, and only a codec's name that can be one: after damage anything may look like an element.
    if (id === ID.trackNumber) track.number ||= body.reduce((value, byte) => value * 256 + byte, 0);
    if (id === ID.codecId) track.codec ||= codecName(body);
    if (id === ID.codecPrivate) {
      const head = readOpusHead(body);
      track.preSkip = head?.preSkip;
      track.manyStreams = head?.manyStreams ?? false;
    }
  }

  /** Pre-skip of the entry that is open, where it is the one heard. */
  get preSkip(): number | undefined {
    return this.#tracks.at(-1) === this.#heard() ? this.#heard()?.preSkip : undefined;
  }

  /** Whether a block of this track is to be heard; without a header, any may be. */
  accepts(number: number): boolean {
    const heard = this.#heard();
    return !heard || heard.number === number || heard.number === 0;
  }

  /** Whether the header names this track, and it is another than the one heard. */
  isOther(number: number): boolean {
    const heard = this.#heard();
    return heard !== undefined && heard.number !== number && this.#tracks.some((track) => track.number === number);
  }

  /** What the stream holds instead of an Opus track that can be decoded; `undefined` when all is well. */
  unsupported(): string | undefined {
    const heard = this.#heard();
    if (heard?.manyStreams) return 'opus multicanal';
    const other = this.#tracks.find((track) => track.codec !== '');
    return heard || !other ? undefined : `webm ${printable(other.codec)}`;
  }

  #heard(): Track | undefined {
    return this.#tracks.find((track) => track.codec === 'A_OPUS');
  }
}

/** `[AVSB]_…` as RFC 9559 §5.1.4.1.21 registers them; empty when it is none. */
function codecName(body: Uint8Array): string {
  return /^[AVSB]_[\w/.-]+/.exec(Buffer.from(body).toString('latin1'))?.[0] ?? '';
}

/** A codec's name, made safe for a close reason and a log line. */
function printable(codec: string): string {
  return codec.replace(/[^\w./-]/g, '').slice(0, 24);
}
