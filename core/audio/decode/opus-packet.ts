const MAX_FRAME_BYTES = 1275;
const MAX_PACKET_MS = 120;

/** Duration of one frame in ms, by the configuration number of the TOC byte (RFC 6716 §3.1, table 2). */
function frameMs(configuration: number): number {
  if (configuration < 12) return [10, 20, 40, 60][configuration & 3] ?? 60;
  if (configuration < 16) return configuration & 1 ? 20 : 10;
  return [2.5, 5, 10, 20][configuration & 3] ?? 20;
}

/** A frame length of one or two bytes at `at` (RFC 6716 §3.2.1): the length, and how many bytes said so; −1 where it is cut off. */
function frameLength(packet: Uint8Array, at: number): number {
  const first = packet[at];
  if (first === undefined) return -1;
  if (first < 252) return first;
  const second = packet[at + 1];
  return second === undefined ? -1 : second * 4 + first;
}

/** Sum of the frames of a variable-rate packet, or −1: `count − 1` lengths from `at`, the last frame takes what is left. */
function variableFrames(packet: Uint8Array, at: number, count: number, end: number): boolean {
  let offset = at;
  let total = 0;
  for (let frame = 0; frame < count - 1; frame += 1) {
    const length = frameLength(packet, offset);
    if (length < 0) return false;
    offset += length < 252 ? 1 : 2;
    total += length;
  }
  const last = end - offset - total;
  return last >= 0 && last <= MAX_FRAME_BYTES;
}

/** Code 3 packets (RFC 6716 §3.2.5): as many frames as it says, with padding. */
function manyFrames(packet: Uint8Array, msPerFrame: number): boolean {
  const header = packet[1];
  if (header === undefined) return false;
  const count = header & 0x3f;
  if (count === 0 || count * msPerFrame > MAX_PACKET_MS) return false;
  let offset = 2;
  let end = packet.length;
  if (header & 0x40) {
    let padding = 255;
    while (padding === 255) {
      padding = packet[offset] ?? -1;
      if (padding < 0) return false;
      offset += 1;
      end -= padding === 255 ? 254 : padding;
    }
  }
  if (end < offset) return false;
  if (header & 0x80) return variableFrames(packet, offset, count, end);
  const bytes = end - offset;
  return bytes % count === 0 && bytes / count <= MAX_FRAME_BYTES;
}

/**
 * Whether `packet` is built as RFC 6716 §3.4 asks (R1 to R7). Damage inside a frame cannot be seen: Opus turns any bits
 * into sound. A packet that passes is never refused by the decoder, which would print.
 */
export function isOpusPacket(packet: Uint8Array): boolean {
  const toc = packet[0];
  if (toc === undefined) return false;
  const bytes = packet.length - 1;
  switch (toc & 3) {
    case 0:
      return bytes <= MAX_FRAME_BYTES;
    case 1:
      return bytes % 2 === 0 && bytes / 2 <= MAX_FRAME_BYTES;
    case 2:
      return variableFrames(packet, 1, 2, packet.length);
    default:
      return manyFrames(packet, frameMs(toc >> 3));
  }
}
