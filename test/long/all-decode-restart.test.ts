import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import t from 'tap';
import { prepareDecoders, type RestartPoint, StreamDecoder } from '../../core/audio/decode/index.ts';
import { RestartMap } from '../../core/audio/decode/restart-map.ts';
import type { DeclaredAudio } from '../../core/audio/types.ts';
import { fixture, joined, pieces, quietLog, tone, wav } from '../helpers/audio-bytes.ts';
import { conversation } from '../helpers/conversation.ts';

t.before(() => prepareDecoders());

interface Listening {
  decoder: StreamDecoder;
  pcm(): Float32Array;
}

function listen(options: { declared?: DeclaredAudio; from?: RestartPoint } = {}): Listening {
  const parts: Float32Array[] = [];
  const decoder = new StreamDecoder({
    onPcm: (pcm) => parts.push(Float32Array.from(pcm)),
    onUnsupported: (name) => t.fail(name),
    log: quietLog,
    restartable: true,
    ...options,
  });
  return { decoder, pcm: () => joined(parts) };
}

async function finish({ decoder, pcm }: Listening): Promise<Float32Array> {
  await decoder.end();
  decoder.close();
  return pcm();
}

/** Root mean square of the difference, against that of the signal. */
function difference(one: Float32Array, other: Float32Array): number {
  let off = 0;
  let power = 0;
  for (let at = 0; at < one.length; at++) {
    off += ((one[at] as number) - (other[at] ?? 0)) ** 2;
    power += (one[at] as number) ** 2;
  }
  return Math.sqrt(off / (power + 1e-9));
}

const VOICE = Buffer.from(conversation().wav.subarray(44 + 32_000, 44 + 32_000 * 6));
const CHUNKED = Buffer.concat([
  wav(VOICE.subarray(0, 64_000), { sampleRateHz: 16_000, channels: 1 }),
  wav(tone(48_000, 2, [300, 700]), { sampleRateHz: 48_000, channels: 2 }),
]);
const STREAMS: { name: string; bytes: Buffer; declared?: DeclaredAudio; most: number; behind: number }[] = [
  { name: 'PCM', bytes: VOICE, declared: { format: 'pcm_s16le' }, most: 0, behind: 4100 },
  {
    name: 'PCM at 48 kHz, stereo',
    bytes: tone(48_000, 3, [300, 700]),
    declared: { format: 'pcm_s16le', sampleRateHz: 48_000, channels: 2 },
    most: 0.001,
    behind: 2500,
  },
  {
    name: 'PCM at 44.1 kHz',
    bytes: tone(44_100, 3, [440]),
    declared: { format: 'pcm_s16le', sampleRateHz: 44_100 },
    most: 0.001,
    behind: 3100,
  },
  { name: 'WAV', bytes: wav(VOICE, { sampleRateHz: 16_000, channels: 1 }), most: 0, behind: 4100 },
  { name: 'one WAV after the other', bytes: CHUNKED, most: 0.001, behind: 4500 },
  { name: 'WebM', bytes: fixture('voice-20ms.webm'), most: 0.05, behind: 7100 },
  { name: 'WebM of a browser', bytes: fixture('voice-60ms-live.webm'), most: 0.05, behind: 7700 },
  {
    name: 'WebM that starts again',
    bytes: Buffer.concat([fixture('voice-20ms.webm'), fixture('voice-60ms-live.webm')]),
    most: 0.05,
    behind: 7700,
  },
  { name: 'Ogg with pages of a second', bytes: fixture('voice-20ms.opus'), most: 0.05, behind: 22_000 },
  { name: 'Ogg with short pages', bytes: fixture('voice-60ms-short-pages.ogg'), most: 0.05, behind: 8400 },
];

for (const { name, bytes, declared, most, behind } of STREAMS) {
  t.test(`${name}: another decoder goes on at any sample, and gives the same from there`, async (t) => {
    let furthest = 0;
    const sizes = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 6 });
    const property = fc.asyncProperty(
      sizes,
      fc.double({ min: 0.02, max: 0.95, noNaN: true }),
      fc.nat(9000),
      async (cuts, when, ago) => {
        const first = listen({ ...(declared ? { declared } : {}) });
        let point: RestartPoint | undefined;
        let sample = 0;
        let given = 0;
        for (const piece of pieces(bytes, cuts)) {
          first.decoder.push(piece);
          given += piece.length;
          if (point || given < bytes.length * when) continue;
          sample = Math.max(0, first.decoder.samples - ago);
          point = first.decoder.restartAt(sample);
        }
        if (!point) return;
        const whole = await finish(first);
        furthest = Math.max(furthest, sample - point.sample);
        const second = listen({ ...(declared && point.byte === 0 ? { declared } : {}), from: structuredClone(point) });
        for (const piece of pieces(bytes.subarray(point.byte), cuts)) second.decoder.push(piece);
        t.equal(second.decoder.bytes, bytes.length, 'bytes go on being counted from the first one of the stream');
        const again = (await finish(second)).subarray(sample - point.sample);
        const expected = whole.subarray(sample);
        const until = Math.min(expected.length, again.length);
        return (
          Math.abs(expected.length - again.length) <= (most === 0 ? 0 : 2) &&
          difference(expected.subarray(0, until), again.subarray(0, until)) <= most
        );
      },
    );
    await fc.assert(property, { numRuns: 15 });
    t.ok(furthest <= behind, `at most ${furthest} samples are decoded twice`);
  });
}

t.test('bytes that were not heard are not asked for again', async (t) => {
  for (const bytes of [VOICE, fixture('voice-20ms.webm'), fixture('voice-20ms.opus')]) {
    await prepareDecoders();
    const first = listen();
    first.decoder.push(bytes.subarray(0, 5001));
    const heard = first.decoder.samples;
    first.decoder.skip(3000);
    first.decoder.skip(1000);
    const point = first.decoder.restartAt(heard);
    t.ok(point && point.byte >= 8998 && point.byte <= 9001 && point.sample === heard, JSON.stringify(point));
    first.decoder.push(bytes.subarray(9001));
    const whole = await finish(first);
    const second = listen({ from: structuredClone(point as RestartPoint) });
    second.decoder.push(bytes.subarray(point?.byte));
    const again = await finish(second);
    t.ok(Math.abs(whole.length - heard - again.length) <= 1, `${whole.length - heard} samples, then ${again.length}`);
  }
});

t.test('a block that is not whole comes again after a rewind, and is heard once', async (t) => {
  for (const { bytes, declared, name } of STREAMS) {
    const whole = listen({ ...(declared ? { declared } : {}) });
    whole.decoder.push(bytes);
    const expected = await finish(whole);
    const cut = listen({ ...(declared ? { declared } : {}) });
    for (let at = 0; at < bytes.length; ) {
      cut.decoder.push(bytes.subarray(at, at + 997));
      cut.decoder.rewind();
      t.ok(cut.decoder.bytes <= at + 997);
      at = at + 997 >= bytes.length ? bytes.length : Math.max(cut.decoder.bytes, at);
      // A page of Ogg is larger than a piece: what was taken back is given with what follows it.
      if (cut.decoder.bytes < at + 997 && cut.decoder.pendingBytes === 0 && at < bytes.length) {
        cut.decoder.push(bytes.subarray(at, at + 40_000));
        at = cut.decoder.bytes;
      }
    }
    const heard = await finish(cut);
    t.ok(Math.abs(heard.length - expected.length) <= 2, `${name}: ${heard.length} of ${expected.length}`);
  }
});

t.test('what nobody asks for is bounded: a million headers, each with a little sound', async (t) => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const map = new RestartMap();
  const give = (times: number, from: number) => {
    for (let time = from; time < from + times; time++) {
      map.given(46);
      map.opened(46, time, false);
      map.closed({ format: 'wav', sampleRateHz: 16_000, channels: 1 });
    }
  };
  give(10_000, 1);
  gc();
  const before = process.memoryUsage().heapUsed;
  give(1_000_000, 10_001);
  gc();
  const grown = process.memoryUsage().heapUsed - before;
  t.ok(grown < 1_000_000, `${grown} bytes`);
  const { byte, sample } = map.before(500_000, undefined);
  t.ok(
    sample <= 500_000 && sample > 490_000 && byte === (sample - 1) * 46,
    `the place before it is still known: ${sample}`,
  );
});
