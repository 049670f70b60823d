/** Encoders write 312 to 3840 samples; a larger number is damage, and believing it would drop a second of speech. */
const MAX_PRE_SKIP = 12_000;

/**
 * An `OpusHead` (RFC 7845 §5.1): pre-skip in samples at 48 kHz, and whether its packets carry several streams, which a
 * plain decoder misreads. `undefined` when `bytes` is none.
 */
export function readOpusHead(bytes: Uint8Array): { preSkip: number; manyStreams: boolean } | undefined {
  if (bytes.length < 19 || Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== 'OpusHead') return undefined;
  const preSkip = (bytes[10] ?? 0) | ((bytes[11] ?? 0) << 8);
  const family = bytes[18] ?? 0;
  return { preSkip: preSkip > MAX_PRE_SKIP ? 0 : preSkip, manyStreams: family !== 0 && (bytes[19] ?? 1) > 1 };
}
