import type { Audio } from '../../core/contracts/index.ts';

/** The samples of an uploaded mono 16-bit WAV file; undefined when it is none. */
export function readWav(bytes: Uint8Array): Audio | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.length < 44 || file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 16) !== 'WAVEfmt ') {
    return undefined;
  }
  const isMonoPcm16 = file.readUInt16LE(20) === 1 && file.readUInt16LE(22) === 1 && file.readUInt16LE(34) === 16;
  const length = file.readUInt32LE(40);
  if (!isMonoPcm16 || file.readUInt32LE(4) !== file.length - 8 || 44 + length !== file.length) return undefined;
  return { pcm: new Int16Array(new Uint8Array(file.subarray(44)).buffer), sampleRateHz: file.readUInt32LE(24) };
}
