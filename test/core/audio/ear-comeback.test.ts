import t, { type Test } from 'tap';
import type { Cleaner, CleanerStream } from '../../../core/contracts/index.ts';
import { type Heard, listen, loudnessVad, ScriptedVad, toInt16, tones } from '../../helpers/ear.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

const ROBUST = { robustToNoise: true, thresholds: { on: 0.5, off: 0.35 } };
const FRAGILE = { robustToNoise: false, thresholds: { on: 0.5, off: 0.35 } };

/** A VAD that can be broken and mended, with one behind it that works. */
function arrange(options: { fallback?: typeof ROBUST | null } & Parameters<typeof listen>[1] = {}) {
  const { fallback = ROBUST, ...rest } = options;
  const clock = new ManualClock();
  const state = { isBroken: false };
  const hears = (frame: Float32Array) => frame.some((value) => Math.abs(value) > 0.02);
  const vad = new ScriptedVad((frame) => (state.isBroken ? Number.NaN : Number(hears(frame))));
  const spare = loudnessVad();
  const heard = listen(
    { name: 'vad', vad, capabilities: ROBUST },
    {
      clock,
      ...(fallback ? { fallbackVad: spare.vad, fallbackVadCapabilities: fallback, fallbackVadName: 'reserva' } : {}),
      ...rest,
    },
  );
  const pushed: Float32Array[] = [];
  return {
    clock,
    state,
    vad,
    spare: spare.vad,
    heard,
    told: () => heard.events.filter((event) => /degraded|recovered/.test(event)),
    /** Speaks for `seconds` and is silent for two, as time passes. */
    async says(seconds: number, level = 0.3) {
      const pcm = tones([1, 0], [seconds, level], [2, 0]);
      pushed.push(pcm);
      for (let at = 0; at < pcm.length; at += 8000) {
        heard.ear.push(pcm.subarray(at, at + 8000), clock.now());
        await clock.advance(500);
      }
    },
    /** Everything that was loud reached the listener, sample by sample. */
    async wasHeard(t: Test) {
      await heard.ear.flush('client_end');
      const pcm = Float32Array.from(pushed.flatMap((each) => [...each]));
      coversAll(t, heard, pcm);
    },
  };
}

function coversAll(t: Test, heard: Heard, pcm: Float32Array): void {
  const told = new Uint8Array(pcm.length);
  for (const { segment, startSample, endSample } of heard.utterances) {
    told.fill(1, startSample, endSample);
    t.same(heard.audio.get(segment), toInt16(pcm.subarray(startSample, endSample)), `segment ${segment}`);
  }
  const missed = pcm.findIndex((value, at) => Math.abs(value) > 0.02 && told[at] === 0);
  t.equal(missed, -1, 'every loud sample is in an utterance');
}

t.test('a VAD that failed hears again from the first opening after half a minute', async (t) => {
  const { clock, state, says, told, vad, wasHeard } = arrange();
  await says(2);
  state.isBroken = true;
  await says(2);
  t.same(told(), ['degraded vad reserva']);
  state.isBroken = false;
  const { frames } = vad;
  await says(2);
  t.equal(vad.frames, frames, 'not at once');
  await clock.advance(30_000);
  await says(2);
  t.same(told(), ['degraded vad reserva', 'recovered vad']);
  t.ok(vad.frames > frames + 60);
  await wasHeard(t);
});

t.test('one that fails again rests twice as long; one that has worked begins anew', async (t) => {
  const { clock, state, says, told, vad } = arrange();
  state.isBroken = true;
  await says(1);
  for (const restS of [30, 60, 120]) {
    const { frames } = vad;
    await clock.advance(restS * 1000 - 6000);
    await says(1);
    t.equal(vad.frames, frames, `not before ${restS} s`);
    await clock.advance(6000);
    await says(1);
    t.ok(vad.frames > frames, `tried again after ${restS} s`);
  }
  state.isBroken = false;
  await clock.advance(240_000);
  await says(1);
  await says(1);
  state.isBroken = true;
  await says(1);
  state.isBroken = false;
  await clock.advance(30_000);
  await says(1);
  t.equal(told().at(-1), 'recovered vad');
  t.notMatch(told(), /fixos/, 'and the one behind it stands behind it again');
});

t.test('with no VAD left a counter in steady noise gets it back in the middle of the noise', async (t) => {
  const { state, says, told, heard, wasHeard } = arrange({ fallback: null });
  state.isBroken = true;
  await says(3);
  state.isBroken = false;
  await says(40);
  t.same(told(), ['degraded vad segmentos fixos de 5 s', 'recovered vad']);
  await wasHeard(t);
  const lengths = heard.utterances.map(({ framesLen }) => framesLen);
  t.ok(lengths.includes(167), 'cuts of 5 s while there was none');
  t.ok(
    lengths.some((frames) => frames > 167),
    'and as configured once there is one',
  );
});

t.test('when the one behind it fails too, the first is the one that comes back', async (t) => {
  const { clock, state, says, told, spare, wasHeard } = arrange();
  state.isBroken = true;
  await says(1);
  spare.open = () => {
    throw new Error('gone');
  };
  await clock.advance(31_000);
  await says(1);
  t.same(told(), ['degraded vad reserva', 'recovered vad', 'degraded vad segmentos fixos de 5 s']);
  state.isBroken = false;
  await clock.advance(61_000);
  await says(1);
  t.equal(told().at(-1), 'recovered vad');
  await wasHeard(t);
});

t.test('what other ears have seen fail is not tried, but never taken away either', async (t) => {
  const told: string[] = [];
  const resting = new Set(['vad', 'cleaner']);
  const health = {
    rests: (what: string) => resting.has(what),
    failed: (what: string, cause: string) => void told.push(`${what} failed ${cause}`),
    worked: (what: string) => void told.push(`${what} worked`),
  };
  const careful = arrange({ health });
  t.same(careful.told(), ['degraded vad reserva']);
  await careful.says(1);
  t.equal(careful.vad.frames, 0);
  t.same(told, [], 'nobody failed here');
  resting.clear();
  await careful.clock.advance(31_000);
  await careful.says(1);
  await careful.says(1);
  t.ok(careful.vad.frames > 0);
  t.same(told, ['vad worked']);
  careful.state.isBroken = true;
  await careful.says(1);
  t.same(told, ['vad worked', 'vad worked', 'vad failed nan']);

  resting.add('vad');
  const alone = arrange({ health, fallback: null });
  await alone.says(1);
  t.ok(alone.vad.frames > 0);
  t.same(alone.told(), []);
});

/** A cleaner that passes everything on until the test breaks it. */
function cleanerOf(broken: Partial<CleanerStream> = {}) {
  const state = { isBroken: false, opened: 0, opensNot: false };
  const cleaner: Cleaner = {
    sampleRateHz: 16_000,
    frameSamples: 480,
    delaySamples: 0,
    open() {
      if (state.opensNot) throw Object.assign(new Error('o cliente disse'), { code: 'ENOENT' });
      state.opened += 1;
      return {
        process(input, output) {
          output.set(input);
          if (state.isBroken) broken.process?.(input, output);
        },
        observe(input) {
          if (state.isBroken) broken.observe?.(input);
        },
        reset() {},
        close() {
          if (state.isBroken) broken.close?.();
        },
      };
    },
  };
  return { cleaner, state };
}

const explode = () => {
  throw new RangeError('o cliente disse');
};
const BREAKS: [how: string, broken: (clock: () => ManualClock) => Partial<CleanerStream>, cause: string][] = [
  ['throws', () => ({ process: explode }), 'RangeError'],
  ['throws while it only listens', () => ({ observe: explode }), 'RangeError'],
  ['throws as it is closed too', () => ({ process: explode, close: explode }), 'RangeError'],
  ['answers what is no number', () => ({ process: (_input, output) => void output.fill(Number.NaN) }), 'nan'],
  ['is slower than the audio', (clock) => ({ process: () => void clock().pass(31) }), 'stall'],
];

for (const [how, broken, cause] of BREAKS) {
  t.test(`a cleaner that ${how} is left out, nothing spoken is lost, and it comes back`, async (t) => {
    let clock = new ManualClock();
    const { cleaner, state } = cleanerOf(broken(() => clock));
    const ear = arrange({ cleaner, cleanerFor: { vad: true, stt: true } });
    clock = ear.clock;
    await ear.says(2);
    state.isBroken = true;
    await ear.says(4);
    t.same(ear.told(), ['degraded cleaner sinal cru']);
    t.same(ear.heard.causes, [cause]);
    state.isBroken = false;
    await clock.advance(31_000);
    await ear.says(2);
    t.same(ear.told(), ['degraded cleaner sinal cru', 'recovered cleaner']);
    t.equal(state.opened, 2);
    await ear.wasHeard(t);
  });
}

t.test('a cleaner that does not open is done without', async (t) => {
  const { cleaner, state } = cleanerOf();
  state.opensNot = true;
  const ear = arrange({ cleaner, cleanerFor: { vad: true, stt: true } });
  await ear.says(2);
  t.same([ear.told(), ear.heard.causes], [['degraded cleaner sinal cru'], ['ENOENT']]);
  await ear.wasHeard(t);
});

t.test('a VAD that needs no cleaner comes back without the one its stand-in needed', async (t) => {
  const { cleaner, state } = cleanerOf();
  const ear = arrange({ cleaner, cleanerFor: { vad: false, stt: false }, fallback: FRAGILE });
  ear.state.isBroken = true;
  await ear.says(2);
  t.equal(state.opened, 1, 'the stand-in is fooled by noise');
  ear.state.isBroken = false;
  await ear.clock.advance(31_000);
  const before = ear.heard.utterances.length;
  await ear.says(2);
  await ear.says(2);
  t.same(ear.told(), ['degraded vad reserva', 'recovered vad']);
  t.equal(ear.heard.utterances.length, before + 2, 'it waits for nobody’s cleaning');
});
