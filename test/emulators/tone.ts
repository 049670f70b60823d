/** What one character takes to say. */
export const CHARACTER_MS = 60;
const TONE_HZ = 400;

/**
 * A tone as long as `text` takes to say. All of its bytes are ASCII, because the emulators' base sends text: samples are
 * positive and even. MP3 and Opus are a mark and a filling of the right length, which nobody decodes here.
 */
export function toneOf(text: string, encoding: string, rateHz: number): string {
  const samples = Math.round(([...text].length * CHARACTER_MS * rateHz) / 1000);
  switch (encoding) {
    case 'pcm': {
      const half = Math.round(rateHz / TONE_HZ / 2);
      const period = '\x00\x10'.repeat(half) + '\x00\x01'.repeat(half);
      return period.repeat(Math.ceil(samples / (2 * half))).slice(0, samples * 2);
    }
    case 'mp3':
      return `ID3${'\x03'.repeat(Math.ceil(samples / 8))}`;
    case 'opus':
      return `OggS${'\x03'.repeat(Math.ceil(samples / 8))}`;
    default:
      return '\x7e\x6e'.repeat(Math.ceil(samples / 2)).slice(0, samples);
  }
}
