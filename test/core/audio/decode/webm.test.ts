import fc from 'fast-check';
import t from 'tap';
import { prepareDecoders } from '../../../../core/audio/decode/index.ts';
import {
  amplitudeAt,
  decodeAll,
  fixture,
  identical,
  opusHead,
  packetsOf,
  webmHeader,
  webmOf,
} from '../../../helpers/audio-bytes.ts';

t.before(() => prepareDecoders());

const FOUR_SECONDS = 64_216; // 4 s, and what the encoder added to fill its last frame.

t.test('a live recording with unknown sizes and 60 ms blocks is decoded, nothing left over', async (t) => {
  const { pcm, formats, decoder, longest } = await decodeAll(fixture('voice-60ms-live.webm'));
  t.equal(pcm.length, FOUR_SECONDS);
  t.strictSame(formats, ['webm']);
  t.equal(decoder.badPackets + decoder.resyncs + decoder.pendingBytes, 0);
  t.ok(longest <= 8000);
  t.ok(decoder.decodeMs > 0);
});

for (const name of ['voice-60ms-live.webm', 'voice-20ms.webm', 'voice-20ms.opus', 'voice-60ms-short-pages.ogg']) {
  t.test(`${name} gives the same samples however it is cut`, async (t) => {
    const bytes = fixture(name);
    const whole = await decodeAll(bytes);
    t.equal(whole.pcm.length, FOUR_SECONDS);
    t.ok(identical((await decodeAll(bytes, [1])).pcm, whole.pcm), 'one byte at a time');
    const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(sizes, async (cuts) => {
        const { pcm } = await decodeAll(bytes, cuts);
        return identical(pcm, whole.pcm);
      }),
      { numRuns: 12 },
    );
  });
}

t.test('pre-skip is taken off: with none declared there are 104 samples more', async (t) => {
  const packets = packetsOf(fixture('voice-20ms.webm'));
  const declared = await decodeAll(webmOf(packets, { opusHead: opusHead(1, 0, 312) }));
  const none = await decodeAll(webmOf(packets, { opusHead: opusHead(1, 0, 0) }));
  t.equal(none.pcm.length - declared.pcm.length, 104);
  t.ok(identical(none.pcm.subarray(104), declared.pcm));
});

t.test('stereo is mixed down: both sides are there, at half', async (t) => {
  const { pcm } = await decodeAll(fixture('tones-stereo.webm'));
  t.ok(Math.abs(amplitudeAt(pcm, 440) - 0.25) < 0.01);
  t.ok(Math.abs(amplitudeAt(pcm, 1000) - 0.25) < 0.01);
  t.ok(amplitudeAt(pcm, 1500) < 0.001);
});

t.test('known and unknown sizes, simple blocks and groups give the same samples', async (t) => {
  const packets = packetsOf(fixture('voice-20ms.webm'));
  const reference = await decodeAll(webmOf(packets));
  t.equal(reference.pcm.length, FOUR_SECONDS);
  for (const shape of [{ unknownSizes: true }, { groups: true }, { unknownSizes: true, groups: true }]) {
    const { pcm, decoder } = await decodeAll(webmOf(packets, shape), [777]);
    t.ok(identical(pcm, reference.pcm), JSON.stringify(shape));
    t.equal(decoder.resyncs, 0);
  }
});

t.test('a header again in mid-stream starts a new decode, also when it cuts a block in two', async (t) => {
  const bytes = fixture('voice-60ms-live.webm');
  const cut = bytes.length - 150;
  const { pcm, restarts, formats } = await decodeAll(Buffer.concat([bytes.subarray(0, cut), bytes]), [4096]);
  t.equal(restarts, 1);
  t.strictSame(formats, ['webm', 'webm']);
  t.ok(pcm.length >= 2 * FOUR_SECONDS - 2 * 960 && pcm.length < 2 * FOUR_SECONDS);
});

t.test('ten damaged kilobytes of a minute cost less than a second', async (t) => {
  const packets = packetsOf(fixture('voice-60ms-live.webm'));
  const minute = Array.from({ length: 15 }, () => packets).flat();
  const bytes = webmOf(minute, { unknownSizes: true, packetsPerCluster: 500, packetMs: 60 });
  const whole = await decodeAll(bytes);
  const lost = (10_240 / bytes.length) * whole.pcm.length;
  const damages: [string, (at: number) => number][] = [
    ['zeros', () => 0],
    ['0x55', () => 0x55],
    ['ones', () => 0xff],
    ['noise', (at) => (Math.imul(at, 2_654_435_761) >>> 13) & 0xff],
    ['flips', (at) => (bytes[at] ?? 0) ^ (at % 7 === 0 ? 0x10 : 0)],
  ];
  for (const [name, value] of damages) {
    const damaged = Buffer.from(bytes);
    for (let at = 100_000; at < 110_240; at += 1) damaged[at] = value(at);
    const { pcm, decoder } = await decodeAll(damaged, [4096]);
    t.ok(decoder.resyncs > 0, `${name}: ${decoder.resyncs} resyncs`);
    t.ok(whole.pcm.length - pcm.length < lost + 16_000, `${name}: lost ${(whole.pcm.length - pcm.length) / 16_000} s`);
  }
  const without = Buffer.concat([bytes.subarray(0, 100_000), bytes.subarray(110_240)]);
  const { pcm } = await decodeAll(without, [4096]);
  t.ok(whole.pcm.length - pcm.length < lost + 4000, 'dropped');
});

t.test('a block that claims its neighbours is looked into: they are heard', async (t) => {
  const packets = packetsOf(fixture('voice-20ms.webm')).slice(0, 40);
  const bytes = webmOf(packets, { unknownSizes: true });
  const liar = bytes.indexOf(packets[20] ?? Buffer.alloc(0)) - 8;
  bytes.writeUInt32BE(bytes.readUInt32BE(liar) + 200, liar);
  const { pcm, decoder } = await decodeAll(bytes);
  t.equal(decoder.resyncs, 1);
  t.equal(pcm.length, packets.length * 320 - 104);
});

t.test('one flipped byte anywhere loses less than half a second', async (t) => {
  const bytes = fixture('voice-20ms.webm');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 300, max: bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, bits) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ bits;
        const { pcm } = await decodeAll(damaged, [500]);
        return Math.abs(pcm.length - FOUR_SECONDS) < 8000;
      },
    ),
    { numRuns: 50 },
  );
  t.pass();
});

/** Each of these once lost a second or all of it: a header's size reaching into the audio, names and numbers made of damage. */
const HEADER_DAMAGE = [
  [312, 216, 'the size of an element that is passed over'],
  [308, 84, 'a second track number'],
  [308, 5, 'a second codec'],
  [311, 103, 'a codec name out of nothing'],
  [344, 255, 'a pre-skip of more than a second'],
  [15_056, 167, 'the size of a block near the end'],
] as const;

for (const [at, bits, what] of HEADER_DAMAGE) {
  t.test(`damage that makes ${what} loses less than half a second`, async (t) => {
    const damaged = fixture('voice-20ms.webm');
    damaged[at] = (damaged[at] ?? 0) ^ bits;
    const { pcm, unsupported } = await decodeAll(damaged, [500]);
    t.strictSame(unsupported, []);
    t.ok(Math.abs(pcm.length - FOUR_SECONDS) < 8000, `${pcm.length} samples`);
  });
}

t.test('a stream joined in the middle is heard from the next block on', async (t) => {
  const bytes = fixture('voice-60ms-live.webm');
  const declared = { format: 'webm' } as const;
  const { pcm, decoder } = await decodeAll(bytes.subarray(bytes.length >> 1), [100], { declared });
  t.ok(pcm.length > FOUR_SECONDS * 0.4, `${pcm.length} samples`);
  t.equal(decoder.badPackets, 0);
});

t.test('blocks or clusters at the very start are WebM without being declared', async (t) => {
  const packets = packetsOf(fixture('voice-20ms.webm'));
  const clusters = webmOf(packets, { header: false, unknownSizes: true });
  const blocks = clusters.subarray(clusters.indexOf(Buffer.from([0xa3, 0x10])));
  for (const bytes of [clusters, blocks]) {
    const { pcm, formats } = await decodeAll(bytes, [7]);
    t.strictSame(formats, ['webm']);
    t.equal(pcm.length, packets.length * 320);
  }
});

t.test('what is no plain Opus is named', async (t) => {
  t.strictSame((await decodeAll(fixture('voice-vorbis.webm'), [999])).unsupported, ['webm A_VORBIS']);
  const packets = packetsOf(fixture('voice-20ms.webm'));
  const many = await decodeAll(webmOf(packets, { opusHead: opusHead(255, 255) }));
  t.strictSame(many.unsupported, ['opus multicanal']);
  t.equal(many.pcm.length, 0);
});

t.test('lacing is refused block by block, without a sound', async (t) => {
  const packets = packetsOf(fixture('voice-20ms.webm'));
  const { pcm, decoder, unsupported } = await decodeAll(webmOf(packets, { flags: 0x84 }), [600]);
  t.equal(pcm.length, 0);
  t.ok(decoder.resyncs > 0);
  t.strictSame(unsupported, []);
});

t.test('random bytes behind a header never throw, print or pile up', async (t) => {
  const printed: unknown[] = [];
  const print = console.error;
  console.error = (...words: unknown[]) => printed.push(words);
  t.teardown(() => {
    console.error = print;
  });
  const packets = packetsOf(fixture('voice-20ms.webm'));
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 4000 }),
    fc.constantFrom(webmHeader(), webmOf(packets.slice(0, 5), { header: false }), Buffer.from('1f43b675', 'hex')),
    fc.uint8Array({ minLength: 1, maxLength: 60 }).map((body) => webmOf([Buffer.from(body)], { header: false })),
    fc.integer({ min: 1, max: 70 }).map((count) => Buffer.from([0xa3, 0x10, 0, 0, count, 0x81, 0, 0, 0x80])),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 20 }), fc.integer({ min: 1, max: 5000 }), async (parts, size) => {
      const bytes = Buffer.concat([webmHeader(), ...parts]);
      const { decoder, longest } = await decodeAll(bytes, [size]);
      return decoder.pendingBytes <= 5000 && longest <= 8000;
    }),
    { numRuns: 50 },
  );
  t.strictSame(printed, []);
});
