import t, { type Test } from 'tap';
import type { Cleaner } from '../../../core/contracts/index.ts';
import {
  type Detector,
  type Heard,
  hearAll,
  listen,
  loudnessVad,
  ScriptedVad,
  toInt16,
  tones,
} from '../../helpers/ear.ts';

const ROBUST = { robustToNoise: true, thresholds: { on: 0.5, off: 0.35 } };
const PCM = tones([1, 0], [2, 0.3], [2, 0], [2, 0.3], [2, 0]);

/** A clock that stands still until the test moves it. */
function handClock() {
  let now = 0;
  const timers: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    date: () => new Date(now),
    after(ms: number, run: () => void) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    advance(ms: number) {
      const end = now + ms;
      for (let next = due(end); next; next = due(end)) {
        now = Math.max(now, next.at);
        timers.splice(timers.indexOf(next), 1);
        next.run();
      }
      now = end;
    },
  };
  function due(end: number) {
    return timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

function failing(how: 'NaN' | 'throw' | 'open', after = 40): Detector {
  const vad = new ScriptedVad((_frame, index) => {
    if (index < after) return 1;
    if (how === 'NaN') return Number.NaN;
    throw new RangeError('o cliente disse: gone');
  });
  if (how === 'open')
    vad.open = () => {
      throw Object.assign(new Error('o cliente disse: no binary'), { code: 'unsupported' });
    };
  return { name: how, vad, capabilities: ROBUST };
}

const CAUSES = { NaN: 'nan', throw: 'RangeError', open: 'unsupported' };

for (const how of ['NaN', 'throw', 'open'] as const) {
  t.test(`a VAD that fails (${how}) is replaced, the cause is told by name, and nothing spoken is lost`, async (t) => {
    const spare = loudnessVad();
    const heard = listen(failing(how), {
      fallbackVad: spare.vad,
      fallbackVadCapabilities: spare.capabilities,
      fallbackVadName: 'reserva',
    });
    await hearAll(heard, PCM);
    t.same(
      heard.events.filter((event) => event.startsWith('degraded')),
      ['degraded vad reserva'],
    );
    t.same(heard.causes, [CAUSES[how]]);
    t.same(
      heard.utterances.map(({ cutReason }) => cutReason),
      ['silence_end', 'silence_end'],
    );
    covers(t, heard, PCM, 1, 3);
    covers(t, heard, PCM, 5, 7);
  });
}

t.test('a VAD that answers nothing for 2 s while frames wait is replaced', async (t) => {
  const clock = handClock();
  const silent = new ScriptedVad(() => 0);
  silent.held = [];
  const spare = loudnessVad();
  const heard = listen(
    { name: 'silent', vad: silent, capabilities: ROBUST },
    {
      clock,
      fallbackVad: spare.vad,
      fallbackVadCapabilities: spare.capabilities,
    },
  );
  heard.ear.push(PCM, 0);
  const flushed = heard.ear.flush('client_end');
  clock.advance(1900);
  t.same(heard.events, []);
  clock.advance(200);
  await flushed;
  t.equal(heard.events[0], 'degraded vad VAD reserva');
  t.same(heard.causes, ['stall']);
  t.equal(heard.utterances.length, 2);
  covers(t, heard, PCM, 1, 3);
});

t.test('a VAD that is slow but answers is not replaced', async (t) => {
  const clock = handClock();
  const slow = new ScriptedVad((frame) => (frame.some((value) => Math.abs(value) > 0.02) ? 1 : 0));
  slow.held = [];
  const heard = listen({ name: 'slow', vad: slow, capabilities: ROBUST }, { clock });
  heard.ear.push(PCM, 0);
  const flushed = heard.ear.flush('client_end');
  for (let answers = slow.held; answers.length > 0; answers = slow.held) {
    slow.held = [];
    clock.advance(1500);
    for (const answer of answers) answer();
  }
  await flushed;
  t.same(
    heard.events.filter((event) => event.startsWith('degraded')),
    [],
  );
  t.equal(heard.utterances.length, 2);
});

t.test('with no VAD left, what is loud is cut every 5 s with 0.8 s of overlap', async (t) => {
  const heard = listen(failing('NaN', 0));
  const pcm = tones([1, 0], [12, 0.3], [2, 0]);
  await hearAll(heard, pcm);
  t.equal(heard.events[0], 'degraded vad segmentos fixos de 5 s');
  t.same(heard.utterances.map(({ framesLen }) => framesLen).slice(0, 2), [167, 167]);
  const [first, second] = heard.utterances;
  t.equal((first?.endSample ?? 0) - (second?.startSample ?? 0), 27 * 480);
  covers(t, heard, pcm, 1, 13);
});

t.test('a cleaner that throws is dropped, and the ear goes on with the raw signal', async (t) => {
  let calls = 0;
  const cleaner: Cleaner = {
    sampleRateHz: 16_000,
    frameSamples: 512,
    delaySamples: 384,
    open: () => ({
      process(input, output) {
        if (++calls > 20) throw new Error('broken');
        output.set(input);
      },
      reset() {},
      close() {},
    }),
  };
  const heard = listen(loudnessVad(), { cleaner, cleanerFor: { vad: true, stt: true } });
  await hearAll(heard, PCM);
  t.same(
    heard.events.filter((event) => event.startsWith('degraded')),
    ['degraded cleaner sinal cru'],
  );
  t.same(heard.causes, ['Error']);
  t.equal(heard.utterances.length, 2);
  covers(t, heard, PCM, 5, 7);
});

t.test('where STT hears the cleaned signal, it is in time with the raw one', async (t) => {
  const delay = 384;
  const cleaner: Cleaner = {
    sampleRateHz: 16_000,
    frameSamples: 512,
    delaySamples: delay,
    open() {
      const queue: number[] = new Array(delay).fill(0);
      return {
        process(input, output) {
          for (const value of input) queue.push(-value);
          for (let i = 0; i < output.length; i++) output[i] = queue.shift() ?? 0;
        },
        reset() {},
        close() {},
      };
    },
  };
  for (const vad of [true, false]) {
    const heard = listen(loudnessVad(), { cleaner, cleanerFor: { vad, stt: true } });
    await hearAll(heard, PCM.subarray(0, 6.5 * 16_000));
    t.equal(heard.utterances.length, 2);
    for (const { segment, startSample, endSample, features } of heard.utterances) {
      const turned = toInt16(PCM.subarray(startSample, endSample)).map((value) => -value || 0);
      t.same(heard.audio.get(segment), turned);
      t.ok(Math.abs(features.cleanerGainDb ?? 99) < 1);
    }
  }
});

/** Everything from second `from` to second `to` was handed over, as it was pushed. */
function covers(t: Test, heard: Heard, pcm: Float32Array, from: number, to: number): void {
  const inside = heard.utterances.filter((u) => u.startSample < to * 16_000 && u.endSample > from * 16_000);
  const start = Math.min(...inside.map(({ startSample }) => startSample));
  const end = Math.max(...inside.map(({ endSample }) => endSample));
  t.ok(start <= from * 16_000 && end >= to * 16_000, `${from}–${to} s is covered`);
  for (const [index, next] of inside.entries()) {
    t.ok(index === 0 || next.startSample <= (inside[index - 1]?.endSample ?? 0), 'without a hole');
    t.same(heard.audio.get(next.segment), toInt16(pcm.subarray(next.startSample, next.endSample)), 'sample by sample');
  }
}
