import type { DeclaredAudio } from '../types.ts';
import { AFTER_BLOCK, headerSize, readVint } from './ebml.ts';
import type { ForeignFormat, NativeFormat } from './stage.ts';

export type SniffedFormat = NativeFormat | ForeignFormat;

/** An MP3 or ADTS sync word is two bytes that quiet PCM can hold: only a second one, where the first frame ends, counts. */
const MAX_FRAME_PROBE_BYTES = 2048;
const MPEG1_KBPS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_KBPS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const MPEG1_HZ = [44_100, 48_000, 32_000];

const MAGICS: { at: number; bytes: Buffer; format: SniffedFormat }[] = [
  { at: 0, bytes: Buffer.from([0x1a, 0x45, 0xdf, 0xa3]), format: 'webm' },
  { at: 0, bytes: Buffer.from([0x1f, 0x43, 0xb6, 0x75]), format: 'webm' },
  { at: 0, bytes: Buffer.from('OggS', 'latin1'), format: 'ogg' },
  { at: 0, bytes: Buffer.from('RIFF', 'latin1'), format: 'wav' },
  { at: 4, bytes: Buffer.from('ftyp', 'latin1'), format: 'mp4' },
  { at: 0, bytes: Buffer.from('fLaC', 'latin1'), format: 'flac' },
  { at: 0, bytes: Buffer.from('ID3', 'latin1'), format: 'mp3' },
];

/** Length in bytes of the MPEG layer III frame at `at`, 0 where there is none (ISO 11172-3 §2.4.2.3, 13818-3). */
function mp3FrameBytes(bytes: Uint8Array, at: number): number {
  const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
  if (first !== 0xff || (second & 0xe6) !== 0xe2) return 0;
  const version = (second >> 3) & 3;
  const rate = MPEG1_HZ[(third >> 2) & 3];
  const mpeg1 = version === 3;
  const kbps = (mpeg1 ? MPEG1_KBPS : MPEG2_KBPS)[third >> 4];
  if (version === 1 || !rate || !kbps) return 0;
  const hz = mpeg1 ? rate : version === 2 ? rate / 2 : rate / 4;
  return Math.floor(((mpeg1 ? 144_000 : 72_000) * kbps) / hz) + ((third >> 1) & 1);
}

/** Length in bytes of the ADTS frame at `at`, 0 where there is none (ISO 13818-7 §6.2). */
function adtsFrameBytes(bytes: Uint8Array, at: number): number {
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0] = bytes.subarray(at, at + 6);
  if (first !== 0xff || (second & 0xf6) !== 0xf0 || ((third >> 2) & 15) > 12) return 0;
  const length = ((fourth & 3) << 11) | (fifth << 3) | (sixth >> 5);
  return length > 7 ? length : 0;
}

/** A SimpleBlock of an audio track at the very start: a recorder that went on while its connection was renewed. */
function startsWithBlock(bytes: Uint8Array): boolean | undefined {
  if (bytes[0] !== 0xa3) return false;
  const size = readVint(bytes, 1, bytes.length);
  if (size === undefined) return undefined;
  if (size < 5 || size > 4096) return false;
  const body = 1 + headerSize(bytes[1] ?? 0);
  if (bytes.length < body + 4) return undefined;
  if ((bytes[body] ?? 0) !== 0x81 || ((bytes[body + 3] ?? 0) & 0x7f) !== 0) return false;
  const next = bytes[body + size];
  return next === undefined ? bytes.length >= 16 || undefined : AFTER_BLOCK.has(next);
}

/** Whether `bytes` begins two frames of `frameBytes`' format; `undefined` before the second can be seen. */
function startsWithFrames(
  bytes: Uint8Array,
  frameBytes: (data: Uint8Array, at: number) => number,
): boolean | undefined {
  if (bytes[0] !== 0xff) return false;
  if (bytes.length < 7) return undefined;
  const length = frameBytes(bytes, 0);
  if (length === 0 || length > MAX_FRAME_PROBE_BYTES) return false;
  if (bytes.length < length + 7) return undefined;
  return frameBytes(bytes, length) > 0;
}

/**
 * The format of a stream by its first bytes; `undefined` while `bytes` could still be several. Anything unknown is PCM.
 * At most 16 bytes are asked for, 2 KiB where they look like an MP3 or ADTS frame.
 */
export function sniff(bytes: Uint8Array): SniffedFormat | undefined {
  let open = false;
  for (const { at, bytes: magic, format } of MAGICS) {
    const seen = Math.min(magic.length, Math.max(0, bytes.length - at));
    if (seen > 0 && magic.compare(bytes, at, at + seen, 0, seen) !== 0) continue;
    if (seen === magic.length) return format;
    open = true;
  }
  const guesses: [SniffedFormat, boolean | undefined][] = [
    ['webm', startsWithBlock(bytes)],
    ['mp3', startsWithFrames(bytes, mp3FrameBytes)],
    ['aac', startsWithFrames(bytes, adtsFrameBytes)],
  ];
  for (const [format, verdict] of guesses) {
    if (verdict) return format;
    if (verdict === undefined) open = true;
  }
  return open ? undefined : 'pcm_s16le';
}

/**
 * The format of a stream that may have been declared; `undefined` while it cannot be told. A declared one holds, unless
 * the bytes are plainly of one that is not decoded in process, or a WAV goes on headless.
 */
export function recognise(head: Uint8Array, declared: DeclaredAudio['format'] | undefined): SniffedFormat | undefined {
  if (declared === 'pcm_s16le') return declared;
  const sniffed = sniff(head);
  if (!declared || !sniffed || ['mp4', 'flac', 'mp3', 'aac'].includes(sniffed)) return sniffed;
  return declared === 'wav' && sniffed !== 'wav' ? 'pcm_s16le' : declared;
}
