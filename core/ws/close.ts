/** Close codes of the counter protocol; devices act on the number, people read the reason. */
export const CLOSE = {
  normal: 1000,
  draining: 1001,
  internal: 1011,
  handshake: 4000,
  key: 4001,
  overload: 4002,
  notApproved: 4003,
  silent: 4008,
  replaced: 4009,
} as const;

/** RFC 6455 §5.5: a control frame holds 125 bytes, two of them the code. */
const REASON_BYTES = 123;

/** `text` cut to what a close frame holds, never inside a character. */
export function closeReason(text: string): string {
  if (Buffer.byteLength(text) <= REASON_BYTES) return text;
  let cut = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > REASON_BYTES) break;
    cut += character;
  }
  return cut;
}

/** Reason of a 4002: the cause, and when to come back. Spread over 2 to 5 s, so that a shop does not return as one. */
export function overloadReason(cause: string, random: () => number): string {
  return closeReason(`${cause}; retry_ms=${2000 + Math.floor(random() * 3000)}`);
}

/** Closed so, a session of protocol 2 is over; after any other close it waits for its device. */
export const ENDS: ReadonlySet<number> = new Set([
  CLOSE.normal,
  CLOSE.internal,
  CLOSE.handshake,
  CLOSE.key,
  CLOSE.notApproved,
]);
