import type { RestartState } from './restart-map.ts';

/**
 * One container or raw format being decoded. Fed in order, in pieces of any size; never throws for what the bytes hold.
 */
export interface Stage {
  /** `bytes` is borrowed until return. */
  push(bytes: Uint8Array): void;
  /** So many bytes of the stream are not given; absent: what the stage is given has no places to look for. */
  skip?(byteCount: number): void;
  /** The stream is over, or another header follows: gives out what was still held. */
  end(): Promise<void> | undefined;
  /** Lets go of memory and processes; gives nothing more out. */
  close(): void;
  /** Bytes held that no block was made of yet. */
  readonly buffered: number;
  /** What another stage must know to go on at one of its blocks; undefined: nobody can, or not yet. */
  readonly restart: RestartState | undefined;
  /** Forgets what is held, which will come again. Returns how many bytes; absent: what was given is given. */
  rewind?(): number;
  /**
   * Of raw samples: how many bytes back from the last one given begins the newest one that stands at a whole sample of
   * the output, and which (counted from the stage's first).
   */
  aligned?(): { back: number; sample: number } | undefined;
  /** Bytes until its samples end, where it knows. */
  readonly leftBytes?: number | undefined;
}

/** What a demultiplexer tells while it reads. */
export interface PacketSink {
  /** What comes next begins with the block that stands `offset` bytes into the stage. */
  block(offset: number): void;
  /** How many samples at 48 kHz the decoder must throw away at the start (RFC 7845 §4.2). */
  preSkip(samplesAt48kHz: number): void;
  /** One Opus packet, structurally valid, borrowed until return. */
  packet(bytes: Uint8Array): void;
  /** A packet that cannot be one, or a block cut in pieces: counted, nothing to hear. */
  badPacket(): void;
  /** Bytes were skipped until the next sound place. */
  resync(): void;
  /** A codec nobody here decodes; the stage takes nothing more. */
  unsupported(name: string): void;
}

/** Formats as they are told to the log and to the device. */
export type ForeignFormat = 'mp4' | 'flac' | 'mp3' | 'aac';
export type NativeFormat = 'pcm_s16le' | 'webm' | 'ogg' | 'wav';
