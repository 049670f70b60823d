import fc from 'fast-check';
import t from 'tap';
import { findFfmpeg, prepareDecoders, StreamDecoder, warmOpus } from '../../../../core/audio/decode/index.ts';
import { acquireOpus, releaseOpus } from '../../../../core/audio/decode/opus.ts';
import {
  decodeAll,
  fixture,
  identical,
  packetsOf,
  pieces,
  quietLog,
  tone,
  wav,
  webmOf,
} from '../../../helpers/audio-bytes.ts';

t.before(() => prepareDecoders());

t.test('samples come within push, once warm, and close lets nothing more out', (t) => {
  let samples = 0;
  const decoder = new StreamDecoder({
    onPcm: (pcm) => {
      samples += pcm.length;
    },
    onUnsupported: (name) => t.fail(name),
    log: quietLog,
  });
  const bytes = fixture('voice-20ms.webm');
  decoder.push(bytes.subarray(0, 9000));
  t.ok(samples > 16_000);
  t.equal(decoder.samples, samples);
  t.equal(decoder.bytes, 9000);
  decoder.close();
  decoder.push(bytes.subarray(9000));
  t.equal(decoder.end(), undefined);
  t.equal(samples, decoder.samples);
  t.end();
});

t.test('with no decoder warm the stream waits, in order, and loses nothing', async (t) => {
  const quiet = tone(16_000, 0.25, [440]);
  const file = wav(quiet, { sampleRateHz: 16_000, channels: 1, dataBytes: 0 });
  const bytes = Buffer.concat([fixture('voice-20ms.webm'), file, fixture('voice-20ms.opus')]);
  const reference = await decodeAll(bytes);
  const taken = [];
  for (let decoder = acquireOpus(); decoder; decoder = acquireOpus()) taken.push(decoder);
  const { pcm, formats, decoder } = await decodeAll(bytes, [1]);
  t.strictSame(formats, ['webm', 'wav', 'ogg']);
  t.ok(identical(pcm, reference.pcm));
  t.equal(decoder.droppedBytes, 0);
  for (const each of taken) releaseOpus(each);
  await warmOpus();
});

t.test('a stream closed while it waits gives back its wish', async (t) => {
  const taken = [];
  for (let decoder = acquireOpus(); decoder; decoder = acquireOpus()) taken.push(decoder);
  const decoder = new StreamDecoder({
    onPcm: () => t.fail('closed'),
    onUnsupported: () => t.fail('closed'),
    log: quietLog,
  });
  decoder.push(fixture('voice-20ms.webm'));
  t.ok(decoder.pendingBytes > 1000);
  const ended = decoder.end();
  decoder.close();
  await ended;
  await warmOpus();
  t.equal(decoder.samples, 0);
  for (const each of taken) releaseOpus(each);
});

t.test('random bytes in random pieces never throw, and little is ever held', async (t) => {
  const packets = packetsOf(fixture('voice-20ms.webm')).slice(0, 3);
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.constantFrom(
      Buffer.from('RIFF'),
      Buffer.from('OggS'),
      Buffer.from('RIFF\0\0\0\0WAVEfmt '),
      Buffer.from('1a45dfa3', 'hex'),
      webmOf(packets),
      fixture('voice-20ms.opus').subarray(0, 2000),
      wav(tone(44_100, 0.01, [440]), { sampleRateHz: 44_100, channels: 1 }),
      fixture('voice.mp3').subarray(0, 400),
    ),
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 5 });
  const declared = fc.constantFrom(undefined, 'webm', 'ogg', 'wav', 'pcm_s16le');
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 15 }), sizes, declared, async (parts, cuts, format) => {
      const bytes = Buffer.concat(parts);
      let held = 0;
      const decoder = new StreamDecoder({
        declared: format === undefined ? undefined : { format },
        onPcm: (pcm) => {
          if (pcm.length > 8000 || pcm.some((sample) => !Number.isFinite(sample))) throw new Error('not samples');
        },
        onUnsupported: () => undefined,
        log: quietLog,
        ffmpegPath: null,
      });
      for (const part of pieces(bytes, cuts)) {
        decoder.push(part);
        held = Math.max(held, decoder.pendingBytes);
      }
      await decoder.end();
      decoder.close();
      return held <= bytes.length && decoder.bytes === bytes.length;
    }),
    { numRuns: 150 },
  );
  t.pass();
});

t.test('a megabyte of noise in a container that was declared is never kept', async (t) => {
  const noise = Buffer.alloc(1 << 20);
  let state = 88_172_645;
  for (let at = 0; at < noise.length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    noise[at] = state & 0xff;
  }
  for (const [format, limit] of [
    ['webm', 4300],
    ['ogg', 65_600],
    ['wav', 16],
    ['pcm_s16le', 16],
  ] as const) {
    let held = 0;
    const decoder = new StreamDecoder({
      declared: { format },
      onPcm: () => {
        held = Math.max(held, decoder.pendingBytes);
      },
      onUnsupported: (name) => t.fail(name),
      log: quietLog,
    });
    for (const part of pieces(noise, [4096, 1, 333])) {
      decoder.push(part);
      held = Math.max(held, decoder.pendingBytes);
    }
    t.ok(held <= limit, `${format} held ${held}`);
    t.equal(decoder.end(), undefined);
    decoder.close();
  }
});

for (const format of ['mp4', 'flac', 'mp3', 'aac'] as const) {
  t.test(`${format} is named where there is no ffmpeg`, async (t) => {
    for (const size of [1, 100_000]) {
      const { unsupported, pcm, formats } = await decodeAll(fixture(`voice.${format}`), [size]);
      t.strictSame(unsupported, [format]);
      t.strictSame(formats, [format]);
      t.equal(pcm.length, 0);
    }
  });

  const ffmpegPath = findFfmpeg(process.env);
  t.test(
    `${format} is decoded by ffmpeg where there is one`,
    { skip: ffmpegPath ? false : 'no ffmpeg here' },
    async (t) => {
      const { unsupported, pcm } = await decodeAll(fixture(`voice.${format}`), [1000], { ffmpegPath });
      t.strictSame(unsupported, []);
      t.ok(pcm.length >= 16_000 && pcm.length < 18_500, `${pcm.length} samples`);
      t.ok(pcm.some((sample) => Math.abs(sample) > 0.05));
    },
  );
}

t.test('an ffmpeg that is not there, or a file that is not what it says, is named too', async (t) => {
  const missing = await decodeAll(fixture('voice.mp4'), [], { ffmpegPath: '/nonexistent/ffmpeg' });
  t.strictSame(missing.unsupported, ['mp4']);
  const liar = await decodeAll(Buffer.concat([Buffer.from('fLaC'), Buffer.alloc(500, 3)]), [], {
    ffmpegPath: process.execPath,
  });
  t.strictSame(liar.unsupported, ['flac']);
  t.equal(findFfmpeg({ FFMPEG_PATH: '/nonexistent/ffmpeg', PATH: process.env['PATH'] }), undefined);
  t.equal(findFfmpeg({ PATH: '' }), undefined);
});

t.test(
  'the ninth process at once is refused, and a closed one makes room',
  { skip: findFfmpeg(process.env) ? false : 'no ffmpeg here' },
  async (t) => {
    const refused: string[] = [];
    const open = () => {
      const decoder = new StreamDecoder({
        onPcm: () => undefined,
        onUnsupported: (name) => refused.push(name),
        log: quietLog,
        ffmpegPath: findFfmpeg(process.env),
      });
      decoder.push(fixture('voice.mp4').subarray(0, 1000));
      return decoder;
    };
    const decoders = Array.from({ length: 9 }, open);
    t.strictSame(refused, ['mp4']);
    await Promise.all(decoders.map((decoder) => decoder.end()));
    for (const decoder of decoders) decoder.close();
  },
);

t.test('bytes that are skipped do not shift what follows them, whatever their number', async (t) => {
  const samples = 400;
  const bytes = Buffer.alloc(samples * 4);
  for (let index = 0; index < samples; index++) bytes.writeInt32LE(index * 0x0001_0001, index * 4);
  for (let skipped = 0; skipped < 8; skipped++) {
    const pcm: number[] = [];
    const decoder = new StreamDecoder({
      declared: { format: 'pcm_s16le', sampleRateHz: 16_000, channels: 2 },
      onPcm: (given) => pcm.push(...given),
      onUnsupported: (name) => t.fail(name),
      log: quietLog,
    });
    decoder.push(bytes.subarray(0, 401));
    decoder.skip(skipped);
    decoder.push(bytes.subarray(401 + skipped));
    t.equal(decoder.bytes, bytes.length);
    t.same(
      pcm.slice(-250).map((value) => Math.round(value * 32_768)),
      Array.from({ length: 250 }, (_, index) => samples - 250 + index),
      `${skipped} bytes`,
    );
    decoder.close();
  }
});
