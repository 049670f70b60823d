/** `RIFF`, `fmt ` of 16 bytes, `data`: the program always writes this head, with sizes it cannot know yet. */
export const WAV_HEAD_BYTES = 44;

/** Rate of the mono 16-bit PCM that follows the head, in Hz; null when it is anything else. */
export function wavRate(head: Buffer): number | null {
  const isWav = head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 16) === 'WAVEfmt ';
  const isPcm = head.readUInt32LE(16) === 16 && head.readUInt16LE(20) === 1 && head.readUInt16LE(22) === 1;
  const isSixteenBit = head.readUInt16LE(34) === 16 && head.toString('latin1', 36, 40) === 'data';
  return isWav && isPcm && isSixteenBit ? head.readUInt32LE(24) : null;
}
