import t from 'tap';
import { wavFile } from '../../../core/contracts/index.ts';

t.test('a WAV file says its rate and length, and holds exactly the samples given', (test) => {
  const whole = Int16Array.from([9, 1, -2, 32_767, -32_768, 9]);
  const pcm = whole.subarray(1, 5);
  const file = Buffer.from(wavFile({ pcm, sampleRateHz: 8000 }));
  test.equal(file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16), 'RIFFWAVEfmt ');
  test.equal(file.readUInt32LE(4), file.length - 8);
  test.same([file.readUInt16LE(20), file.readUInt16LE(22), file.readUInt16LE(34)], [1, 1, 16]);
  test.same([file.readUInt32LE(24), file.readUInt32LE(28), file.readUInt16LE(32)], [8000, 16_000, 2]);
  test.same([file.toString('latin1', 36, 40), file.readUInt32LE(40)], ['data', 8]);
  test.same(
    [44, 46, 48, 50].map((at) => file.readInt16LE(at)),
    [1, -2, 32_767, -32_768],
  );
  test.end();
});
