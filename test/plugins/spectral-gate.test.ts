import t from 'tap';
import type { Cleaner } from '../../core/contracts/index.ts';
import { spectralGateProvider } from '../../plugins/spectral-gate/cleaner.ts';
import { localContext, speech } from '../helpers/ear.ts';
import { mixAtSnr, pinkNoise, rms, scaled, seededRandom } from '../helpers/noises.ts';

t.test('its output lags by what it says, and a signal without noise passes unharmed', async (t) => {
  const cleaner = await open();
  const { pcm } = speech();
  const out = clean(cleaner, pcm);
  const error = rms(pcm.map((value, i) => (out[i + cleaner.delaySamples] ?? 0) - value).subarray(0, pcm.length - 1024));
  t.ok(20 * Math.log10(rms(pcm) / error) > 15, 'the difference is 15 dB below');
});

t.test('steady noise goes down by 10 dB and more, and speech at 5 dB gets 4 dB clearer', async (t) => {
  const cleaner = await open();
  const { pcm, utterances } = speech();
  const noise = pinkNoise(160_000, seededRandom(9));
  const out = clean(cleaner, scaled(noise, 0.1));
  t.ok(20 * Math.log10(rms(scaled(noise, 0.1)) / rms(out.subarray(48_000))) > 10);

  const spoken = utterances.map(({ startMs, endMs }) => [startMs * 16, endMs * 16] as const);
  const level = Math.sqrt(
    spoken.reduce((sum, [from, to]) => sum + rms(pcm.subarray(from, to)) ** 2, 0) / spoken.length,
  );
  const noisy = mixAtSnr(pcm, noise, 5, level);
  const cleaned = clean(cleaner, noisy).subarray(cleaner.delaySamples);
  const before = distance(noisy, pcm, spoken);
  const after = distance(cleaned, pcm, spoken);
  t.ok(before - after > 3, `${before.toFixed(1)} → ${after.toFixed(1)} dB of noise within speech`);
});

t.test('what it observed while nobody spoke makes it ready at once', async (t) => {
  const cleaner = await open();
  const noise = scaled(pinkNoise(64_000, seededRandom(10)), 0.1);
  const stream = cleaner.open();
  const size = cleaner.frameSamples;
  for (let at = 0; at < 32_000; at += size * 4) stream.observe?.(noise.subarray(at, at + size));
  const out = new Float32Array(size);
  let power = 0;
  for (let at = 32_000; at < 32_000 + size * 12; at += size) {
    stream.process(noise.subarray(at, at + size), out);
    if (at > 32_000 + size) power += rms(out) ** 2 / 10;
  }
  t.ok(10 * Math.log10(rms(noise) ** 2 / power) > 10);
});

t.test('streams do not hear each other, and output may be the input', async (t) => {
  const cleaner = await open();
  const { pcm } = speech();
  const alone = clean(cleaner, pcm.subarray(0, 51_200));
  const [a, b] = [cleaner.open(), cleaner.open()];
  const size = cleaner.frameSamples;
  const other = scaled(pinkNoise(51_200, seededRandom(11)), 0.3);
  const together = Float32Array.from(pcm.subarray(0, 51_200));
  for (let at = 0; at < 51_200; at += size) {
    const frame = together.subarray(at, at + size);
    a.process(frame, frame);
    b.process(other.subarray(at, at + size), new Float32Array(size));
  }
  t.same(together, alone);
  a.reset();
  t.same(
    clean({ ...cleaner, frameSamples: size, open: () => a } as Cleaner, pcm.subarray(0, 51_200)),
    alone,
    'as new after reset',
  );
});

async function open(): Promise<Cleaner> {
  return spectralGateProvider.create({}, {}, localContext());
}

function clean(cleaner: Cleaner, pcm: Float32Array): Float32Array {
  const stream = cleaner.open();
  const out = new Float32Array(pcm.length);
  const size = cleaner.frameSamples;
  for (let at = 0; at + size <= pcm.length; at += size)
    stream.process(pcm.subarray(at, at + size), out.subarray(at, at + size));
  return out;
}

/** Noise within the spans, in dB relative to `clean`. */
function distance(signal: Float32Array, clean: Float32Array, spans: (readonly [number, number])[]): number {
  let noise = 0;
  let speech = 0;
  for (const [from, to] of spans) {
    for (let i = from; i < to; i++) {
      noise += ((signal[i] ?? 0) - (clean[i] as number)) ** 2;
      speech += (clean[i] as number) ** 2;
    }
  }
  return 10 * Math.log10(noise / speech);
}
