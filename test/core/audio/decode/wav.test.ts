import fc from 'fast-check';
import t from 'tap';
import { prepareDecoders } from '../../../../core/audio/decode/index.ts';
import {
  amplitudeAt,
  chunk,
  decodeAll,
  fixture,
  identical,
  tone,
  type WavHeader,
  wav,
} from '../../../helpers/audio-bytes.ts';

t.before(() => prepareDecoders());

for (const sampleRateHz of [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000]) {
  t.test(`a tone survives ${sampleRateHz} Hz: length, frequency and amplitude`, async (t) => {
    const bytes = wav(tone(sampleRateHz, 1, [1000]), { sampleRateHz, channels: 1 });
    const whole = await decodeAll(bytes);
    t.strictSame(whole.formats, ['wav']);
    t.ok(Math.abs(whole.pcm.length - 16_000) <= 2, `${whole.pcm.length} samples`);
    t.ok(Math.abs(amplitudeAt(whole.pcm, 1000) - 0.5) < 0.005);
    t.ok(amplitudeAt(whole.pcm, 3000) < 0.001);
    t.ok(whole.longest <= 8000);
    t.ok(identical((await decodeAll(bytes, [1021, 3])).pcm, whole.pcm));
  });
}

t.test('48 kHz stereo: the mean of both sides', async (t) => {
  const bytes = wav(tone(48_000, 1, [500, 2000], 0.8), { sampleRateHz: 48_000, channels: 2 });
  const { pcm } = await decodeAll(bytes, [4096]);
  t.ok(Math.abs(amplitudeAt(pcm, 500) - 0.4) < 0.005);
  t.ok(Math.abs(amplitudeAt(pcm, 2000) - 0.4) < 0.005);
  t.ok(identical((await decodeAll(bytes, [5, 1, 2])).pcm, pcm));
});

t.test('a tone above 8 kHz does not come back as another', async (t) => {
  const { pcm } = await decodeAll(wav(tone(48_000, 1, [11_000]), { sampleRateHz: 48_000, channels: 1 }));
  t.ok(amplitudeAt(pcm, 5000) < 0.0005);
});

t.test('16 kHz PCM is handed through to the bit, however it is cut', async (t) => {
  const data = tone(16_000, 0.7, [440]);
  const expected = Float32Array.from({ length: data.length / 2 }, (_, index) => data.readInt16LE(index * 2) / 32_768);
  const shapes: [string, Buffer][] = [
    ['raw', data],
    ['wav', wav(data, { sampleRateHz: 16_000, channels: 1 })],
    ['extensible', wav(data, { sampleRateHz: 16_000, channels: 1, extensible: true })],
    ['size 0', wav(data, { sampleRateHz: 16_000, channels: 1, dataBytes: 0 })],
    ['size unknown', wav(data, { sampleRateHz: 16_000, channels: 1, dataBytes: 0xffffffff })],
    ['a day declared', wav(data, { sampleRateHz: 16_000, channels: 1, dataBytes: 86_400 * 32_000 })],
    ['too little declared', wav(data, { sampleRateHz: 16_000, channels: 1, dataBytes: 2000 })],
  ];
  for (const [name, bytes] of shapes) {
    t.ok(identical((await decodeAll(bytes, [1])).pcm, expected), `${name}, a byte at a time`);
    const cuts = fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(cuts, async (sizes) => identical((await decodeAll(bytes, sizes)).pcm, expected)),
      { numRuns: 15 },
    );
  }
});

t.test('samples that spell a chunk are samples', async (t) => {
  const data = Buffer.concat([Buffer.from('LIST\xff\0\0\0', 'latin1'), tone(16_000, 0.1, [440])]);
  const { pcm } = await decodeAll(wav(data, { sampleRateHz: 16_000, channels: 1, dataBytes: 0 }));
  t.equal(pcm.length, data.length / 2);
});

t.test('chunks before and after the samples are passed over, however long', async (t) => {
  const data = tone(16_000, 0.3, [440]);
  const before = [
    chunk('LIST', Buffer.alloc(33, 7)),
    chunk('PAD ', Buffer.alloc(70_000, 1)),
    chunk('fact', Buffer.alloc(4)),
  ];
  const bytes = Buffer.concat([
    wav(data, { sampleRateHz: 16_000, channels: 1, before }),
    chunk('LIST', Buffer.alloc(301, 9)),
  ]);
  const { pcm, decoder } = await decodeAll(bytes, [97]);
  t.equal(pcm.length, data.length / 2);
  t.equal(decoder.pendingBytes, 0);
});

t.test('a file looped from its start goes on without a click of header in it', async (t) => {
  const data = tone(16_000, 0.5, [440], 0.1);
  const file = wav(data, { sampleRateHz: 16_000, channels: 1, dataBytes: 0 });
  const { pcm, restarts, formats } = await decodeAll(Buffer.concat([file, file, file]), [4096]);
  t.equal(restarts, 2);
  t.strictSame(formats, ['wav', 'wav', 'wav']);
  t.equal(pcm.length, (3 * data.length) / 2);
  t.ok(pcm.every((sample) => Math.abs(sample) < 0.101));
});

t.test('another format in mid-stream: WebM after WAV, WAV after PCM, Ogg after WebM, wherever it is cut', async (t) => {
  const quiet = tone(16_000, 0.25, [440]);
  const file = wav(quiet, { sampleRateHz: 16_000, channels: 1, dataBytes: 0 });
  const webm = fixture('voice-20ms.webm');
  const ogg = fixture('voice-20ms.opus');
  const bytes = Buffer.concat([quiet, file, webm, ogg, file]);
  for (const size of [1, 1000, bytes.length]) {
    const { pcm, formats, restarts } = await decodeAll(bytes, [size]);
    t.strictSame(formats, ['pcm_s16le', 'wav', 'webm', 'ogg', 'wav']);
    t.equal(restarts, 4);
    t.equal(pcm.length, (3 * quiet.length) / 2 + 2 * 64_216, `pieces of ${size}`);
  }
});

t.test('half a header is sound, not a restart', async (t) => {
  const data = Buffer.concat([
    tone(16_000, 0.1, [440]),
    Buffer.from('RIFF\x10\0\0\0WAVEfm! OggS.?'),
    tone(16_000, 0.1, [440]),
  ]);
  const { pcm, restarts } = await decodeAll(data, [3]);
  t.equal(restarts, 0);
  t.equal(pcm.length, data.length / 2);
});

t.test('a declared format: PCM of any rate, a WAV that goes on without its header', async (t) => {
  const stereo = tone(48_000, 0.5, [500, 500]);
  for (const format of ['pcm_s16le', 'wav'] as const) {
    const declared = { format, sampleRateHz: 48_000, channels: 2 };
    const { pcm, formats } = await decodeAll(stereo, [1001], { declared });
    t.strictSame(formats, ['pcm_s16le']);
    t.ok(Math.abs(pcm.length - 8000) <= 2);
    t.ok(Math.abs(amplitudeAt(pcm, 500) - 0.5) < 0.01);
  }
  const wrong = await decodeAll(stereo, [], { declared: { format: 'pcm_s16le', sampleRateHz: 0, channels: 255 } });
  t.strictSame(wrong.unsupported, ['pcm 0 Hz, 255 canais']);
});

t.test('headers that cannot be are named, and nothing more is decoded', async (t) => {
  const data = tone(16_000, 0.2, [440]);
  const headers: [Partial<WavHeader>, string][] = [
    [{ sampleRateHz: 0 }, 'wav 0 Hz'],
    [{ sampleRateHz: 4_000_000_000 }, 'wav 4000000000 Hz'],
    [{ channels: 255 }, 'wav 255 canais'],
    [{ channels: 0 }, 'wav 0 canais'],
    [{ bits: 24 }, 'wav 24 bits'],
    [{ tag: 7 }, 'wav codec 7'],
    [{ tag: 3, extensible: true }, 'wav codec 3'],
    [{ before: [chunk('big ', Buffer.alloc(2), 0xfffffff0)] }, 'wav'],
  ];
  for (const [header, name] of headers) {
    const bytes = wav(data, { sampleRateHz: 16_000, channels: 1, ...header });
    const { pcm, unsupported } = await decodeAll(Buffer.concat([bytes, bytes]), [11]);
    t.strictSame(unsupported, [name]);
    t.equal(pcm.length, 0);
  }
  t.strictSame((await decodeAll(Buffer.from('RIFF\0\0\0\0AVI LIST....'))).unsupported, ['riff']);
});

t.test('a rate that fits nothing keeps its length over small pieces', async (t) => {
  const { pcm } = await decodeAll(wav(tone(44_101, 3, [700]), { sampleRateHz: 44_101, channels: 1 }), [882]);
  t.ok(Math.abs(pcm.length - 48_000) <= 2);
  t.ok(Math.abs(amplitudeAt(pcm, 700) - 0.5) < 0.005);
});
