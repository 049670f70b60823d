import t, { type Test } from 'tap';
import { classify, FeatureMeter } from '../../../core/audio/features.ts';
import { PitchTracker } from '../../../core/audio/pitch.ts';
import { quietestTenth, SilenceMeter, snrDb } from '../../../core/audio/snr.ts';
import { Spectrum } from '../../../core/audio/spectrum.ts';
import type { Features } from '../../../core/audio/types.ts';
import { seededRandom, whiteNoise } from '../../helpers/noises.ts';

t.test('a voiced tone: level, pitch, spectrum and class', async (t) => {
  const features = measure(1, (time) => 0.5 * pulse(time, 150), { noisePower: 1e-6 });
  t.equal(features.durationMs, 990);
  near(t, features.pitchMean, 150, 2);
  t.ok((features.pitchStd ?? 99) < 2);
  t.equal(features.clippingRatio, 0);
  near(t, features.dcOffset, 0, 0.01);
  near(t, features.bandEnergyLow + features.bandEnergyMid + features.bandEnergyHigh, 1, 1e-6);
  t.equal(features.class, 'fala');
});

t.test('pitch is right from 60 to 390 Hz, and absent in noise', async (t) => {
  for (const hz of [60, 85, 120, 180, 240, 310, 390]) {
    near(t, measure(1, (time) => 0.4 * pulse(time, hz)).pitchMean, hz, hz * 0.03);
  }
  const noise = whiteNoise(16_000, seededRandom(8));
  t.equal(measure(1, (_time, i) => 0.3 * (noise[i] as number)).pitchMean, null);
});

t.test('a sine of known level, frequency and offset', async (t) => {
  const features = measure(1, (time) => 0.1 + 0.5 * Math.sin(2 * Math.PI * 1000 * time));
  near(t, features.peakDbfs, 20 * Math.log10(0.6), 0.05);
  near(t, features.dcOffset, 0.1, 0.001);
  near(t, features.zcr, 2000 / 16_000, 0.003);
  near(t, features.spectralCentroid, 1000, 15);
  near(t, features.spectralCentroidMean, 1000, 15);
  near(t, features.energyRmsMean, 32768 * Math.sqrt(0.01 + 0.125), 30);
  t.ok(features.bandEnergyMid > 0.98);
});

t.test('clipping is the share of samples above 0.995', async (t) => {
  const features = measure(1, (_time, i) => (i % 10 === 0 ? -1 : 0.5));
  near(t, features.clippingRatio, 0.1, 0.001);
});

t.test('what one utterance had does not reach the next', async (t) => {
  const meter = new FeatureMeter(new Spectrum(), new PitchTracker());
  const first = run(meter, 1, (time) => 0.5 * pulse(time, 150));
  run(meter, 2, (time) => Math.sin(2 * Math.PI * 3000 * time));
  t.same(
    run(meter, 1, (time) => 0.5 * pulse(time, 150)),
    first,
  );
});

t.test('SNR follows its formula and its clamps', async (t) => {
  near(t, snrDb(1.1e-3, 1e-4), 10, 1e-9);
  t.equal(snrDb(1, 0), 60);
  t.equal(snrDb(1e-4, 1e-3), -10);
});

t.test('silence next to speech is not noise', async (t) => {
  const meter = new SilenceMeter();
  for (let i = 0; i < 40; i++) meter.add(1e-6, false);
  for (let i = 0; i < 4; i++) meter.add(1e-3, false);
  meter.add(0.1, true);
  for (let i = 0; i < 4; i++) meter.add(1e-3, false);
  near(t, meter.power(), 1e-6, 1e-9);
});

t.test('noise is that of the last second, and unknown before enough of it was heard', async (t) => {
  const meter = new SilenceMeter();
  for (let i = 0; i < 13; i++) meter.add(1e-6, false);
  t.equal(meter.power(), undefined);
  for (let i = 0; i < 100; i++) meter.add(1e-4, false);
  near(t, meter.power(), 1e-4, 1e-9);
  t.equal(quietestTenth(Float64Array.of(5, 1, 4, 2, 3), 5), 1);
});

t.test('the class follows the rules in their order', async (t) => {
  const of = (snr: number, pitch: number | null, zcr: number, rms = 1000) =>
    classify({ snrDb: snr, pitchMean: pitch, zcr, energyRmsMean: rms });
  t.equal(of(13, 120, 0.3), 'fala');
  t.equal(of(6, 120, 0.3), 'fala_com_ruido');
  t.equal(of(4, 120, 0.2), 'ruido');
  t.equal(of(4, 120, 0.2, 100), 'silencio_com_ruido');
  t.equal(of(4, null, 0.1), 'ruido');
  t.equal(of(4, 120, 0.1), 'fala');
  t.equal(of(20, null, 0.1), 'ruido');
});

/** Glottal-like pulses: a sum of harmonics below 3 kHz. */
function pulse(time: number, hz: number): number {
  let sum = 0;
  for (let k = 1; k * hz < 3000; k++) sum += Math.cos(2 * Math.PI * k * hz * time) / k;
  return sum / 4;
}

function measure(seconds: number, wave: (time: number, i: number) => number, context = {}): Features {
  return run(new FeatureMeter(new Spectrum(), new PitchTracker()), seconds, wave, context);
}

function run(
  meter: FeatureMeter,
  seconds: number,
  wave: (time: number, i: number) => number,
  context: { noisePower?: number } = {},
): Features {
  meter.begin();
  const frame = new Int16Array(480);
  for (let at = 0; at + 480 <= seconds * 16_000; at += 480) {
    for (let i = 0; i < 480; i++) frame[i] = Math.max(-32768, Math.min(32767, wave((at + i) / 16_000, at + i) * 32768));
    const rms = Math.sqrt(frame.reduce((sum, value) => sum + value * value, 0) / 480);
    meter.add(frame, 480, rms, true);
  }
  return meter.finish({ noisePower: context.noisePower, cleanerGainDb: null });
}

function near(t: Test, actual: number | null | undefined, wanted: number, within: number): void {
  t.ok(actual !== null && actual !== undefined && Math.abs(actual - wanted) <= within, `${actual} is near ${wanted}`);
}
