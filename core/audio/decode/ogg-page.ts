/** A page header without its segment table (RFC 3533 §6). */
export const PAGE_HEADER_BYTES = 27;
/** The largest page: header, 255 table entries, 255 segments of 255 bytes. */
export const MAX_PAGE_BYTES = PAGE_HEADER_BYTES + 255 + 255 * 255;
const POLYNOMIAL = 0x04c11db7;
const CHECKSUM_AT = 22;

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ POLYNOMIAL : value << 1;
  return value >>> 0;
});

/** CRC-32 of a page with its own checksum field taken as zero (RFC 3533 §6, polynomial 0x04c11db7, unreflected). */
export function pageChecksum(data: Uint8Array, at: number, end: number): number {
  let checksum = 0;
  for (let offset = at; offset < end; offset += 1) {
    const ownField = offset >= at + CHECKSUM_AT && offset < at + CHECKSUM_AT + 4;
    const byte = ownField ? 0 : (data[offset] ?? 0);
    checksum = (checksum << 8) ^ (TABLE[((checksum >>> 24) ^ byte) & 0xff] ?? 0);
  }
  return checksum >>> 0;
}

/** A little-endian 32-bit number. */
export function readUint32(data: Uint8Array, at: number): number {
  const low = (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16);
  return (low | ((data[at + 3] ?? 0) << 24)) >>> 0;
}

/** Whether `OggS`, version 0, stands at `at`, as far as there are bytes to tell. */
export function mayBePage(data: Uint8Array, at: number, length: number): boolean {
  const magic = [0x4f, 0x67, 0x67, 0x53, 0];
  return magic.every((byte, index) => at + index >= length || data[at + index] === byte);
}

/** Whether the checksum a page carries is its own. */
export function pageIsWhole(data: Uint8Array, at: number, end: number): boolean {
  return readUint32(data, at + CHECKSUM_AT) === pageChecksum(data, at, end);
}
