import t, { type Test } from 'tap';
import { CleaningLane } from '../../core/audio/cleaning-lane.ts';
import type { Cleaner, CleanerStream } from '../../core/contracts/index.ts';
import { rnnoiseProvider } from '../../plugins/rnnoise/cleaner.ts';
import { Downsampler, RESAMPLING_DELAY, Upsampler } from '../../plugins/rnnoise/resampler.ts';
import { localContext, speech } from '../helpers/ear.ts';
import { mixAtSnr, pinkNoise, printer, rms, scaled, seededRandom } from '../helpers/noises.ts';

t.test('its output lags by exactly what it says, and a signal without noise passes unharmed', async (t) => {
  const cleaner = await open(t);
  const { pcm } = speech();
  const out = clean(cleaner, pcm);
  const likeness = (delay: number) => {
    let sum = 0;
    for (let i = 0; i < pcm.length - 1000; i++) sum += (pcm[i] as number) * (out[i + delay] as number);
    return sum;
  };
  const delays = Array.from({ length: 800 }, (_, delay) => delay);
  const best = delays.reduce((most, delay) => (likeness(delay) > likeness(most) ? delay : most), 0);
  t.equal(best, cleaner.delaySamples);
  t.ok(-distance(out.subarray(cleaner.delaySamples), pcm, spans()) > 15, 'the difference is 15 dB below');
});

t.test('steady noise all but disappears; speech at 5 dB gets 4 dB clearer, beside a printer 2 dB', async (t) => {
  const cleaner = await open(t);
  const { pcm } = speech();
  const noise = pinkNoise(80_000, seededRandom(9));
  const quiet = clean(cleaner, scaled(noise, 0.1)).subarray(48_000);
  t.ok(20 * Math.log10(rms(scaled(noise, 0.1)) / rms(quiet)) > 25);
  const level = Math.sqrt(
    spans().reduce((sum, [from, to]) => sum + rms(pcm.subarray(from, to)) ** 2, 0) / spans().length,
  );
  for (const [sound, gainDb] of [
    [noise, 4],
    [printer(20), 2],
  ] as const) {
    const noisy = mixAtSnr(pcm, sound, 5, level);
    const cleaned = clean(cleaner, noisy).subarray(cleaner.delaySamples);
    const gain = distance(noisy, pcm, spans()) - distance(cleaned, pcm, spans());
    t.ok(gain > gainDb, `${gain.toFixed(1)} dB`);
  }
});

t.test('the core puts what it cleaned back to its place in time', async (t) => {
  const { pcm } = speech();
  const placed = new Float32Array(pcm.length + 1000);
  const lane = new CleaningLane(
    await open(t),
    () => 0,
    (offset, buffer, first, count) => {
      placed.set(buffer.subarray(first, first + count), offset);
    },
  );
  lane.begin(0);
  lane.accept(pcm, pcm.length);
  lane.drain(pcm.length);
  lane.close();
  t.ok(-distance(placed, pcm, spans()) > 15);
});

t.test('there and back through 48 kHz: flat to 7 kHz, nothing in the way, the delay it states', (t) => {
  for (const hz of [50, 1000, 4000, 7000]) {
    const tone = Float32Array.from({ length: 8000 }, (_, i) => Math.sin((2 * Math.PI * hz * i) / 16_000));
    const out = thereAndBack(tone);
    const error = tone.subarray(500, 7500).map((value, i) => (out[i + 500 + RESAMPLING_DELAY] as number) - value);
    t.ok(20 * Math.log10(rms(error)) < -55, `${hz} Hz`);
  }
  t.end();
});

t.test('streams do not hear each other, output may be the input, and after reset one is as new', async (t) => {
  const cleaner = await open(t);
  const pcm = speech().pcm.subarray(0, 32_000);
  const alone = clean(cleaner, pcm);
  const [a, b] = [cleaner.open(), cleaner.open()];
  const size = cleaner.frameSamples;
  const other = scaled(pinkNoise(32_000, seededRandom(11)), 0.3);
  const together = Float32Array.from(pcm);
  for (let at = 0; at < pcm.length; at += size) {
    const frame = together.subarray(at, at + size);
    a.process(frame, frame);
    b.process(other.subarray(at, at + size), new Float32Array(size));
  }
  t.same(together, alone);
  a.reset();
  t.same(through(a, size, pcm), alone);
});

t.test('nothing is allocated per frame', async (t) => {
  const stream = (await open(t)).open();
  const frame = scaled(pinkNoise(160, seededRandom(3)), 0.1);
  const run = (frames: number) => {
    for (let i = 0; i < frames; i++) stream.process(frame, frame);
  };
  run(2000);
  const before = process.memoryUsage();
  run(5000);
  const after = process.memoryUsage();
  const bytes = after.heapUsed + after.external - before.heapUsed - before.external;
  t.ok(bytes < 5000 * 32, `${bytes} bytes in 5,000 frames: a copy of one would be 640 each`);
});

t.test('a closed stream is silent, closes twice, and gives its memory back', async (t) => {
  const cleaner = await open(t);
  const stream = cleaner.open();
  stream.close();
  stream.close();
  const out = new Float32Array(160).fill(0.5);
  stream.process(new Float32Array(160).fill(0.5), out);
  stream.reset();
  t.ok(out.every((sample) => sample === 0));
  for (let i = 0; i < 5000; i++) cleaner.open().close();
});

t.test('its memory grows under open streams, and none of them notices', async (t) => {
  const cleaner = await open(t);
  const pcm = speech().pcm.subarray(0, 8000);
  const expected = clean(cleaner, pcm);
  const first = cleaner.open();
  t.same(through(first, 160, pcm), expected);
  first.reset();
  for (let i = 0; i < 2000; i++) cleaner.open();
  t.same(through(first, 160, pcm), expected);
  t.same(through(cleaner.open(), 160, pcm), expected);
});

async function open(t: Test): Promise<Cleaner> {
  const cleaner = await rnnoiseProvider.create({}, {}, localContext());
  t.teardown(() => cleaner.close?.());
  return cleaner;
}

function clean(cleaner: Cleaner, pcm: Float32Array): Float32Array {
  const stream = cleaner.open();
  const out = through(stream, cleaner.frameSamples, pcm);
  stream.close();
  return out;
}

function through(stream: CleanerStream, size: number, pcm: Float32Array): Float32Array {
  const out = new Float32Array(pcm.length);
  for (let at = 0; at + size <= pcm.length; at += size) {
    stream.process(pcm.subarray(at, at + size), out.subarray(at, at + size));
  }
  return out;
}

function thereAndBack(pcm: Float32Array): Float32Array {
  const [up, down, wide] = [new Upsampler(160), new Downsampler(160), new Float32Array(480)];
  const out = new Float32Array(pcm.length);
  for (let at = 0; at < pcm.length; at += 160) {
    up.process(pcm.subarray(at, at + 160), wide, 0, 1);
    down.process(wide, 0, out.subarray(at, at + 160), 1);
  }
  return out;
}

function spans(): (readonly [number, number])[] {
  return speech().utterances.map(({ startMs, endMs }) => [startMs * 16, endMs * 16] as const);
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
