/** Length in bytes of an EBML number, by its first byte (RFC 8794 §4); 9 where the byte begins none. */
export function headerSize(first: number): number {
  return Math.clz32(first) - 23;
}

/**
 * An EBML data size at `at`: its value, −1 for "unknown" (all ones) or for a first byte that begins none,
 * `undefined` when it goes past `end`.
 */
export function readVint(bytes: Uint8Array, at: number, end: number): number | undefined {
  const first = bytes[at];
  if (at >= end || first === undefined) return undefined;
  const size = headerSize(first);
  if (size > 8) return -1;
  if (at + size > end) return undefined;
  let value = first & (0xff >> size);
  let ones = value === 0xff >> size;
  for (let index = 1; index < size; index += 1) {
    const byte = bytes[at + index] ?? 0;
    value = value * 256 + byte;
    ones = ones && byte === 0xff;
  }
  return ones ? -1 : value;
}

/** An EBML element id at `at` with its length marker, −1 where none begins, `undefined` when it goes past `end`. */
export function readId(bytes: Uint8Array, at: number, end: number): number | undefined {
  const first = bytes[at];
  if (at >= end || first === undefined) return undefined;
  const size = headerSize(first);
  if (size > 4) return -1;
  if (at + size > end) return undefined;
  let value = first;
  for (let index = 1; index < size; index += 1) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}

/** Element ids (Matroska, RFC 9559) this demultiplexer tells apart. */
export const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  cluster: 0x1f43b675,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  codecId: 0x86,
  codecPrivate: 0x63a2,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
} as const;

/** `enter`: its children follow. `read`: small, needed whole. `block`: an audio block. `skip`: passed over. */
export type ElementUse = 'enter' | 'read' | 'block' | 'skip';

export interface ElementRule {
  use: ElementUse;
  /** Largest believable size in bytes. */
  max: number;
  /** Where it may stand: before the first cluster, after it, or in both places. */
  where: 'header' | 'cluster' | 'both';
}

/** No Opus packet that the decoder takes (3840 bytes) makes a larger block; a larger one is damage. */
export const MAX_BLOCK_BYTES = 4096;
const MIB = 1 << 20;

function rules(where: ElementRule['where'], use: ElementUse, max: number, ids: number[]): [number, ElementRule][] {
  return ids.map((id) => [id, { use, max, where }]);
}

/**
 * Every element believed. A number that is not here, or larger than it may be, is damage: without this list a run of
 * 0x55 is a chain of valid unknown elements, and a parser skips for ever.
 */
export const ELEMENTS: ReadonlyMap<number, ElementRule> = new Map([
  ...rules('both', 'enter', Number.MAX_SAFE_INTEGER, [ID.segment, ID.cluster]),
  ...rules('both', 'enter', MIB, [ID.tracks]),
  ...rules('header', 'enter', 65_536, [ID.trackEntry]),
  ...rules('cluster', 'enter', MAX_BLOCK_BYTES + 1024, [ID.blockGroup]),
  ...rules('header', 'read', 8, [ID.trackNumber]),
  ...rules('header', 'read', 64, [ID.codecId]),
  ...rules('header', 'read', 512, [ID.codecPrivate]),
  ...rules('cluster', 'block', MAX_BLOCK_BYTES, [ID.simpleBlock, ID.block]),
  // EBML header, SeekHead, Info, Cues, Tags, Chapters, Attachments: four-byte ids, not met by chance.
  ...rules('both', 'skip', MIB, [ID.ebml, 0x114d9b74, 0x1549a966, 0x1c53bb6b, 0x1254c367, 0x1043a770, 0x1941a469]),
  // Timestamp, Position, PrevSize, BlockDuration, ReferenceBlock, DiscardPadding, CRC-32.
  ...rules('cluster', 'skip', 8, [0xe7, 0xa7, 0xab, 0x9b, 0xfb, 0x75a2, 0xbf]),
  // BlockAdditions; Void; of a track: UID, type, flags, lacing, language, name, delays, audio, video, encodings.
  ...rules('cluster', 'skip', 1024, [0x75a1]),
  ...rules('both', 'skip', 1024, [0xec]),
  ...rules('header', 'skip', 4096, [0x73c5, 0x83, 0xb9, 0x88, 0x55aa, 0x9c, 0x6de7, 0x6df8, 0x23e383, 0x234e7a]),
  ...rules('header', 'skip', 4096, [0x22b59c, 0x22b59d, 0x536e, 0x258688, 0x55ee, 0xaa, 0x56aa, 0x56bb, 0x41e4]),
  ...rules('header', 'skip', 4096, [0xe1, 0xe0, 0x6d80, 0x55ab, 0x55ac, 0x55ad, 0x55ae, 0x55af, 0x23314f, 0x537f]),
]);

/** First bytes of the elements that may follow a block. */
export const AFTER_BLOCK: ReadonlySet<number> = new Set(
  [...ELEMENTS].filter(([, rule]) => rule.where !== 'header').map(([id]) => firstByte(id)),
);

function firstByte(id: number): number {
  let byte = id;
  while (byte > 0xff) byte = Math.floor(byte / 256);
  return byte;
}
