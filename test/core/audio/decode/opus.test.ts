import fc from 'fast-check';
import { OpusDecoder } from 'opus-decoder';
import t from 'tap';
import { warmOpus } from '../../../../core/audio/decode/index.ts';
import { acquireOpus, OpusStream, releaseOpus } from '../../../../core/audio/decode/opus.ts';
import { isOpusPacket } from '../../../../core/audio/decode/opus-packet.ts';
import { fixture, packetsOf } from '../../../helpers/audio-bytes.ts';

t.test('what passes is never refused by the decoder, which would print; what does not would be', async (t) => {
  const decoder = new OpusDecoder({ channels: 1, sampleRate: 16_000, preSkip: 0 });
  await decoder.ready;
  const print = console.error;
  console.error = () => undefined;
  t.teardown(() => {
    console.error = print;
    decoder.free();
  });
  const code3 = fc.tuple(fc.nat(255), fc.nat(255), fc.uint8Array({ maxLength: 60 })).map(([toc, count, rest]) => {
    return Uint8Array.from([toc | 3, count, ...rest]);
  });
  const long = fc.tuple(fc.nat(255), fc.integer({ min: 1200, max: 3000 })).map(([toc, length]) => {
    return Uint8Array.from({ length }, (_, index) => (index === 0 ? toc : (index * 37) & 0xff));
  });
  const packets = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 80 }), code3, long);
  fc.assert(
    fc.property(packets, (packet) => isOpusPacket(packet) === (decoder.decodeFrame(packet).errors.length === 0)),
    { numRuns: 1500 },
  );
  t.notOk(isOpusPacket(new Uint8Array(0)));
});

t.test('an empty packet invents nothing, one too large is counted, a bad one too', async (t) => {
  await warmOpus(1);
  const decoder = acquireOpus();
  if (!decoder) return t.fail('no decoder is warm');
  let samples = 0;
  const stream = new OpusStream(decoder, (pcm) => {
    samples += pcm.length;
  });
  stream.packet(new Uint8Array(0));
  t.equal(samples, 0);
  stream.packet(new Uint8Array(5000));
  t.equal(stream.badPackets, 1);
  const [first] = packetsOf(fixture('voice-20ms.webm'));
  if (first) stream.packet(first);
  t.equal(samples, 320);
  stream.close();
  return undefined;
});

t.test('a decoder taken is replaced, ready for the next counter', async (t) => {
  await warmOpus(2);
  const taken = acquireOpus();
  t.ok(taken);
  await warmOpus(2);
  const others = [acquireOpus(), acquireOpus()];
  t.ok(others[0] && others[1] && others[0] !== others[1] && others[0] !== taken);
  for (const decoder of [taken, ...others]) if (decoder) releaseOpus(decoder);
});
