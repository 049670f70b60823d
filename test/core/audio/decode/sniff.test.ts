import fc from 'fast-check';
import t from 'tap';
import { sniff } from '../../../../core/audio/decode/sniff.ts';
import { fixture } from '../../../helpers/audio-bytes.ts';

t.test('each format is told by its first bytes, and never another one before', (t) => {
  const files = [
    ['voice-20ms.webm', 'webm'],
    ['voice-20ms.opus', 'ogg'],
    ['voice.mp4', 'mp4'],
    ['voice.flac', 'flac'],
    ['voice.mp3', 'mp3'],
    ['voice.aac', 'aac'],
  ] as const;
  for (const [name, format] of files) {
    const bytes = fixture(name);
    for (let length = 0; length <= 1600; length += 1) {
      const told = sniff(bytes.subarray(0, length));
      if (told !== undefined && told !== format) t.fail(`${name}: ${told} after ${length} bytes`);
    }
    t.equal(sniff(bytes.subarray(0, 1600)), format, name);
  }
  t.equal(sniff(Buffer.from('RIFF')), 'wav');
  t.equal(sniff(Buffer.from('ID3\x04')), 'mp3');
  t.end();
});

t.test('quiet PCM that begins like an MP3 or ADTS sync word is PCM', (t) => {
  const noise = Buffer.alloc(4096);
  for (let at = 0; at < noise.length; at += 2) noise.writeInt16LE(((at * 7919) % 11) - 5, at);
  for (const start of [
    [0xff, 0xfb, 0x90, 0x64],
    [0xff, 0xf1, 0x50, 0x80, 0x10],
    [0xff, 0xff],
    [0xa3, 0x44, 0x81, 0x81],
  ]) {
    t.equal(sniff(Buffer.concat([Buffer.from(start), noise])), 'pcm_s16le');
  }
  t.end();
});

t.test('whatever comes, 4 KiB are enough to tell', (t) => {
  const signs = fc.constantFrom([0xff, 0xfb], [0xff, 0xf1], [0xa3], [0x1a, 0x45], [0x4f], []);
  fc.assert(
    fc.property(signs, fc.uint8Array({ minLength: 4096, maxLength: 4096 }), (sign, rest) => {
      return sniff(Buffer.concat([Buffer.from(sign), rest])) !== undefined;
    }),
    { numRuns: 300 },
  );
  t.end();
});
