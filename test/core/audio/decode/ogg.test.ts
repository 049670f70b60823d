import fc from 'fast-check';
import t from 'tap';
import { prepareDecoders } from '../../../../core/audio/decode/index.ts';
import { pageChecksum } from '../../../../core/audio/decode/ogg-page.ts';
import { decodeAll, fixture, opusHead } from '../../../helpers/audio-bytes.ts';

t.before(() => prepareDecoders());

const FOUR_SECONDS = 64_216;

/** The pages of an Ogg file. */
function pagesOf(bytes: Buffer): Buffer[] {
  const pages: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const next = bytes.indexOf('OggS', at + 4, 'latin1');
    const end = next < 0 ? bytes.length : next;
    pages.push(bytes.subarray(at, end));
    at = end;
  }
  return pages;
}

/** One page holding `body` as a single packet, with its checksum. */
function page(flags: number, sequence: number, body: Buffer): Buffer {
  const head = Buffer.alloc(28);
  head.write('OggS', 'latin1');
  head.writeUInt8(flags, 5);
  head.writeUInt32LE(77, 14);
  head.writeUInt32LE(sequence, 18);
  head.writeUInt8(1, 26);
  head.writeUInt8(body.length, 27);
  const whole = Buffer.concat([head, body]);
  whole.writeUInt32LE(pageChecksum(whole, 0, whole.length), 22);
  return whole;
}

t.test('the checksum is the one the tools write', (t) => {
  for (const bytes of pagesOf(fixture('voice-20ms.opus'))) {
    t.equal(bytes.readUInt32LE(22), pageChecksum(bytes, 0, bytes.length));
  }
  t.end();
});

t.test('a file is decoded whole, and a second one after it is a new decode', async (t) => {
  const bytes = fixture('voice-60ms-short-pages.ogg');
  const { pcm, formats, restarts, decoder } = await decodeAll(Buffer.concat([bytes, bytes]), [333]);
  t.equal(pcm.length, 2 * FOUR_SECONDS);
  t.strictSame(formats, ['ogg', 'ogg']);
  t.equal(restarts, 1);
  t.equal(decoder.badPackets + decoder.resyncs, 0);
});

t.test('a stream joined in the middle, declared or at a page', async (t) => {
  const bytes = fixture('voice-60ms-short-pages.ogg');
  const half = bytes.subarray(bytes.length >> 1);
  const declared = await decodeAll(half, [50], { declared: { format: 'ogg' } });
  t.ok(declared.pcm.length > FOUR_SECONDS * 0.4);
  const atPage = await decodeAll(half.subarray(half.indexOf('OggS')), [50]);
  t.strictSame(atPage.formats, ['ogg']);
  t.ok(atPage.pcm.length > FOUR_SECONDS * 0.4);
});

t.test('a flipped byte loses at most its page; in the sound, nothing', async (t) => {
  const bytes = fixture('voice-20ms.opus');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 200, max: bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      async (at, bits) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ bits;
        const { pcm } = await decodeAll(damaged, [500]);
        return FOUR_SECONDS - pcm.length <= 16_320 && pcm.length <= FOUR_SECONDS + 2000;
      },
    ),
    { numRuns: 50 },
  );
  const inSound = Buffer.from(bytes);
  for (let at = 6000; at < 6020; at += 1) inSound[at] = (inSound[at] ?? 0) ^ 0x3c;
  t.ok(FOUR_SECONDS - (await decodeAll(inSound)).pcm.length < 2000);
});

t.test('a page that claims 64 KiB is found out before they have come', async (t) => {
  const pages = pagesOf(fixture('voice-60ms-short-pages.ogg'));
  const liar = Buffer.from(pages[5] ?? []);
  liar[26] = 255;
  const bytes = Buffer.concat([...pages.slice(0, 5), liar, ...pages.slice(6)]);
  const { pcm, decoder } = await decodeAll(bytes, [200]);
  t.ok(pcm.length > FOUR_SECONDS - 5000);
  t.ok(decoder.resyncs > 0);
});

t.test('another codec, or many streams in one, is named', async (t) => {
  const vorbis = Buffer.concat([page(2, 0, Buffer.from('\x01vorbis\0\0\0\0', 'latin1')), page(0, 1, Buffer.alloc(30))]);
  t.strictSame((await decodeAll(vorbis, [9])).unsupported, ['ogg vorbis']);
  const many = Buffer.concat([page(2, 0, opusHead(6, 1)), page(0, 1, Buffer.from('OpusTags'))]);
  t.strictSame((await decodeAll(many)).unsupported, ['opus multicanal']);
});

t.test('random pages never throw or pile up', async (t) => {
  const pages = pagesOf(fixture('voice-20ms.opus'));
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc.constantFrom(...pages.slice(0, 3)),
    fc
      .tuple(fc.nat(7), fc.nat(9), fc.uint8Array({ maxLength: 255 }))
      .map(([flags, sequence, body]) => page(flags, sequence, Buffer.from(body))),
    fc.uint8Array({ minLength: 22, maxLength: 300 }).map((rest) => Buffer.concat([Buffer.from('OggS\0'), rest])),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 15 }), fc.integer({ min: 1, max: 5000 }), async (parts, size) => {
      const bytes = Buffer.concat([pages[0] ?? Buffer.alloc(0), ...parts]);
      const { decoder, longest } = await decodeAll(bytes, [size]);
      return decoder.pendingBytes <= 70_000 && longest <= 8000;
    }),
    { numRuns: 100 },
  );
  t.pass();
});
