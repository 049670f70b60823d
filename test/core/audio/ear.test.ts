import fc from 'fast-check';
import t from 'tap';
import { DEFAULT_VAD_SETTINGS } from '../../../core/audio/settings.ts';
import { conversation } from '../../helpers/conversation.ts';
import { detectors, hearAll, listen, loudnessVad, speech, toFloat, toInt16, tones } from '../../helpers/ear.ts';
import { mixAtSnr, pinkNoise, rms, seededRandom } from '../../helpers/noises.ts';

const MS = 16;

t.test('every sentence of the conversation is found, with either VAD, and nothing else is', async (t) => {
  const { silero, webrtc, cleaner } = await detectors(t);
  const { pcm, script } = conversation();
  for (const detector of [silero, webrtc]) {
    const utterances = await hearAll(listen(detector, { cleaner }), toFloat(pcm));
    for (const { startMs, endMs, text } of script.utterances) {
      const over = utterances.filter((u) => u.startSample < endMs * MS && u.speechEndSample > startMs * MS);
      t.ok(over.length > 0, `${detector.name}: ${text}`);
      t.ok(Math.abs((over[0]?.startSample ?? 0) / MS + 600 - startMs) < 250, 'begins a pre-roll before it');
      t.ok(Math.abs((over.at(-1)?.speechEndSample ?? 0) / MS - endMs) < 350, 'ends with it');
      t.ok(over.every((u) => u.features.class === 'fala' && u.features.pitchMean !== null));
    }
    const cut = utterances.filter(({ overlapsPrevious }) => overlapsPrevious).length;
    t.equal(utterances.length - cut, script.utterances.length, 'one utterance for each');
  }
});

t.test('at 5 dB Silero still finds every sentence', async (t) => {
  const { silero } = await detectors(t);
  const { pcm, script } = conversation();
  const clean = toFloat(pcm);
  const noisy = mixAtSnr(clean, pinkNoise(160_000, seededRandom(5)), 5, speechRms(clean, script.utterances));
  const utterances = await hearAll(listen(silero), noisy);
  for (const { startMs, endMs, text } of script.utterances) {
    t.ok(
      utterances.some((u) => u.startSample < endMs * MS && u.speechEndSample > startMs * MS),
      text,
    );
  }
});

t.test('SNR tells a clean sentence from the same one at 5 dB', async (t) => {
  const { silero } = await detectors(t);
  const { pcm, utterances } = speech();
  const noise = pinkNoise(160_000, seededRandom(6));
  const at = async (snrDb: number) =>
    (await hearAll(listen(silero), mixAtSnr(pcm, noise, snrDb, speechRms(pcm, utterances)))).map((u) => u.features);
  for (const features of await at(40)) t.ok(features.snrDb > 15, `clean: ${features.snrDb.toFixed(1)} dB`);
  for (const features of await at(5)) {
    t.ok(features.snrDb >= 2 && features.snrDb <= 8, `at 5 dB: ${features.snrDb.toFixed(1)} dB`);
  }
});

t.test('in a long silence the VAD is given nothing', async (t) => {
  const detector = loudnessVad();
  const heard = listen(detector);
  await hearAll(heard, tones([60, 0]));
  t.equal(detector.vad.frames, 0);
  t.same(heard.events, []);
});

t.test(
  'the gate opens the VAD with its pre-roll, without a hole, and shuts 900 ms after the last loud frame',
  async (t) => {
    const detector = loudnessVad();
    const { ear } = listen(detector);
    const pcm = tones([3, 0], [1, 0.3], [4, 0], [0.9, 0.3], [3, 0]);
    for (let at = 0; at < pcm.length; at += 480) ear.push(pcm.subarray(at, at + 480), 0);
    // 20 frames of pre-roll, then 1 s (0.9 s) of tone, then 30 frames.
    t.ok(Math.abs(detector.vad.frames - (20 + 34 + 30) - (20 + 30 + 30)) <= 4, `${detector.vad.frames} frames`);
    t.equal(detector.vad.resets, 2);
  },
);

t.test('an utterance is pre-roll, speech and hang-over, handed over once and in order', async (t) => {
  const pcm = tones([2, 0], [1.5, 0.3], [3, 0]);
  const heard = listen(loudnessVad());
  const [utterance] = await hearAll(heard, pcm);
  t.match(utterance, { segment: 1, cutReason: 'silence_end', silenceFramesAtCut: 30, overlapsPrevious: false });
  t.equal(utterance?.startSample, 66 * 480 - 20 * 480);
  t.ok(Math.abs((utterance?.speechEndSample ?? 0) - 3.5 * 16_000) < 480);
  t.same(heard.audio.get(1), toInt16(pcm.subarray(utterance?.startSample, utterance?.endSample)));
  t.equal(utterance?.framesLen, (heard.audio.get(1)?.length ?? 0) / 480);
  t.same(utterance?.speechRanges, [[0.6, 2.13]]);
});

t.test('speech shorter than the minimum is never announced', async (t) => {
  const heard = listen(loudnessVad());
  await hearAll(heard, tones([2, 0], [0.1, 0.3], [2, 0], [0.09, 0.3], [2, 0], [0.2, 0.3], [2, 0]));
  t.same(heard.events, ['start 1', 'end 1 silence_end'], 'only the 200 ms');
});

t.test('past the limit a batch utterance is cut, and the next repeats the overlap', async (t) => {
  const pcm = tones([1, 0], [18, 0.3], [2, 0]);
  const heard = listen(loudnessVad());
  const utterances = await hearAll(heard, pcm);
  t.same(
    utterances.map(({ cutReason }) => cutReason),
    ['safety_limit', 'safety_limit', 'silence_end'],
  );
  t.same(
    utterances.map(({ overlapsPrevious }) => overlapsPrevious),
    [false, true, true],
  );
  t.equal(utterances[0]?.framesLen, 266);
  for (const [index, next] of utterances.entries()) {
    if (index > 0) t.equal(next.startSample, (utterances[index - 1]?.endSample ?? 0) - 27 * 480);
    t.same(heard.audio.get(next.segment), toInt16(pcm.subarray(next.startSample, next.endSample)));
  }
});

t.test('a forced cut at the very end of speech leaves no utterance of mere overlap', async (t) => {
  const heard = listen(loudnessVad(), { settings: { segmentLimitFrames: 60, overlapFrames: 10 } });
  await hearAll(heard, tones([3, 0], [1.2, 0.3], [3, 0]));
  t.same(heard.events, ['start 1', 'end 1 safety_limit']);
});

t.test('one frame of speech after a forced cut is not lost', async (t) => {
  const heard = listen(loudnessVad(), { settings: { segmentLimitFrames: 60, overlapFrames: 10 } });
  await hearAll(heard, tones([3, 0], [1.26, 0.3], [3, 0]));
  t.same(heard.events, ['start 1', 'end 1 safety_limit', 'start 2', 'end 2 silence_end']);
});

t.test('a streamed utterance is cut only at the hard limit, without overlap', async (t) => {
  const heard = listen(loudnessVad(), { mode: 'stream', settings: { hardLimitMs: 12_000 } });
  const [first, second] = await hearAll(heard, tones([1, 0], [16, 0.3], [2, 0]));
  t.match(first, { cutReason: 'safety_limit', framesLen: 400 });
  t.match(second, { overlapsPrevious: false, startSample: first?.endSample });
});

t.test('past the length limit a streamed utterance becomes two where its text is final', async (t) => {
  const pcm = tones([1, 0], [12, 0.3], [2, 0]);
  const heard = listen(loudnessVad(), { mode: 'stream', settings: { segmentLimitFrames: 200 } });
  const at = (seconds: number) => Math.round(seconds * 16_000);
  heard.ear.push(pcm.subarray(0, at(5)), 0);
  const split = (segment: number, through: number, from: number) => {
    const start = heard.starts.at(-1)?.startSample ?? 0;
    return heard.ear.split(segment, { through: through - start, from: from - start });
  };
  t.notOk(split(1, at(4), at(3.5)), 'it is not too long yet');
  heard.ear.push(pcm.subarray(at(5), at(9)), 0);
  t.notOk(split(2, at(8), at(7.5)), 'it is none that is open');
  t.ok(split(1, at(8), at(7.5)));
  t.same(heard.events, ['start 1', 'end 1 safety_limit', 'start 2'], 'at once, and nothing between');
  t.notOk(split(2, at(8.5), at(8)), 'the second is not too long yet');
  const [first, second] = await hearAll(heard, pcm.subarray(at(9)));
  t.match(first, { endSample: at(8), speechEndSample: at(8), cutReason: 'safety_limit' });
  t.match(second, { startSample: at(7.5), overlapsPrevious: true, cutReason: 'silence_end' });
  t.ok(Math.abs((second?.speechEndSample ?? 0) - at(13)) < 1000);
  const told = [...(heard.audio.get(1) ?? []), ...(heard.audio.get(2) ?? [])];
  t.same(told, toInt16(pcm.subarray(first?.startSample, second?.endSample)), 'each sample is told once');
});

t.test('one that becomes two and ends at that moment has nothing that is no number', async (t) => {
  const pcm = tones([1, 0], [8, 0.3]);
  const heard = listen(loudnessVad(), { mode: 'stream', settings: { segmentLimitFrames: 200 } });
  heard.ear.push(pcm, 0);
  await new Promise(setImmediate);
  const start = heard.starts[0]?.startSample ?? 0;
  t.ok(heard.ear.split(1, { through: 120_000 - start, from: 112_000 - start }));
  await heard.ear.flush('disconnect');
  const [, second] = heard.utterances;
  t.match(second, { startSample: 112_000, endSample: pcm.length - (pcm.length % 480), framesLen: 0 });
  for (const [name, value] of Object.entries(second?.features ?? {})) t.notOk(Number.isNaN(value), name);
});

t.test('a gap closes what is open and moves audio time on', async (t) => {
  const heard = listen(loudnessVad());
  heard.ear.push(tones([1, 0], [1.01, 0.3]), 0);
  heard.ear.gap(5000);
  await hearAll(heard, tones([1, 0.3], [2, 0]));
  const [before, after] = heard.utterances;
  t.match(before, { cutReason: 'gap', endSample: Math.round(2.01 * 16_000) });
  t.match(after, { cutReason: 'silence_end', startSample: Math.round(7.01 * 16_000) });
});

t.test('what was only late goes on from the cut: a word that stood there is whole behind it', async (t) => {
  const heard = listen(loudnessVad());
  heard.ear.push(tones([1, 0], [1.01, 0.3]), 0);
  heard.ear.fallSilent();
  t.match(heard.utterances, [{ cutReason: 'gap', endSample: Math.round(2.01 * 16_000) }]);
  heard.ear.push(tones([0.5, 0.3]), 0);
  t.equal(heard.starts.length, 1, 'what follows waits');
  heard.ear.goOn(0);
  await hearAll(heard, tones([0.5, 0.3], [2, 0]));
  const second = heard.utterances[1];
  t.match(second, { cutReason: 'silence_end', overlapsPrevious: true, speechEndSample: 101 * 480 });
  const overlap = 27 * 480;
  t.equal(second?.startSample, Math.round(2.01 * 16_000) - overlap);
  t.same(heard.audio.get(2)?.slice(0, overlap), heard.audio.get(1)?.slice(-overlap));
});

t.test('speech that was not announced yet when its sound was held up loses nothing', async (t) => {
  const pcm = tones([1, 0], [0.6, 0.3], [2, 0]);
  const heard = listen(loudnessVad());
  heard.ear.push(pcm.subarray(0, 36 * 480), 0);
  heard.ear.fallSilent();
  heard.ear.push(pcm.subarray(36 * 480), 0);
  heard.ear.goOn(0);
  await heard.ear.flush('client_end');
  const whole = listen(loudnessVad());
  const [expected] = await hearAll(whole, pcm);
  t.same(
    heard.utterances.map(({ startSample, endSample }) => [startSample, endSample]),
    [[expected?.startSample, expected?.endSample]],
  );
});

t.test(
  'a pause whose sound never comes: what follows stands behind it in time, and nothing reaches back',
  async (t) => {
    const heard = listen(loudnessVad());
    heard.ear.push(tones([1, 0], [1.01, 0.3]), 0);
    heard.ear.fallSilent();
    heard.ear.push(tones([0.5, 0.3]), 0);
    heard.ear.goOn(5000);
    await hearAll(heard, tones([0.5, 0.3], [2, 0]));
    t.match(heard.utterances[1], { overlapsPrevious: false, startSample: Math.round(7.01 * 16_000) });
    t.equal(heard.utterances[1]?.speechEndSample, 101 * 480 + 80_000);
  },
);

t.test('a VAD that is still behind when late sound comes cuts nothing at all', async (t) => {
  const detector = loudnessVad();
  detector.vad.held = [];
  const heard = listen(detector);
  heard.ear.push(tones([1, 0], [1.01, 0.3]), 0);
  heard.ear.fallSilent();
  heard.ear.push(tones([1, 0.3], [2, 0]), 0);
  heard.ear.goOn(0);
  const flushed = heard.ear.flush('client_end');
  while (detector.vad.held.length > 0) detector.vad.held.shift()?.();
  await flushed;
  t.same(
    heard.utterances.map(({ cutReason, speechEndSample }) => [cutReason, speechEndSample]),
    [['silence_end', 101 * 480]],
  );
});

t.test('flush closes what is open with its reason, to the last sample', async (t) => {
  const pcm = tones([1, 0], [1.003, 0.3]);
  const heard = listen(loudnessVad());
  const [utterance] = await hearAll(heard, pcm, 'disconnect');
  t.match(utterance, { cutReason: 'disconnect', endSample: pcm.length });
  t.same(heard.audio.get(1), toInt16(pcm.subarray(utterance?.startSample)));
  await heard.ear.flush('disconnect');
  t.equal(heard.utterances.length, 1, 'a second flush finds nothing');
});

t.test('flush waits for the answers of a VAD that takes its time', async (t) => {
  const { silero } = await detectors(t);
  const { pcm, utterances } = speech();
  const heard = listen(silero);
  heard.ear.push(pcm.subarray(0, (utterances[0]?.endMs ?? 0) * MS), 0);
  t.same(heard.events, []);
  await heard.ear.flush('client_end');
  t.same(heard.events, ['start 1', 'end 1 client_end']);
});

t.test('the times of an utterance are those of the frames that carried it', async (t) => {
  let now = 1_000_000;
  const clock = { now: () => now, date: () => new Date(Date.UTC(2026, 0, 1) + now), after: () => () => {} };
  const heard = listen(loudnessVad(), { clock });
  const pcm = tones([1.2, 0], [1.2, 0.3], [3, 0]);
  for (let at = 0; at < pcm.length; at += 480) {
    now += 30;
    heard.ear.push(pcm.subarray(at, at + 480), now);
  }
  const [utterance] = heard.utterances;
  t.equal(utterance?.cutAtMs, 1_000_000 + 1200 + 1200 + 900);
  t.equal(utterance?.receivedAt.getTime(), Date.UTC(2026, 0, 1) + (utterance?.cutAtMs ?? 0));
  t.equal((utterance?.receivedAt.getTime() ?? 0) - (utterance?.speechEndAt.getTime() ?? 0), 900);
});

t.test('new settings hold from the next utterance on', async (t) => {
  const heard = listen(loudnessVad());
  heard.ear.push(tones([1, 0], [1, 0.3]), 0);
  heard.ear.update({ ...DEFAULT_VAD_SETTINGS, silenceFramesNeeded: 10 });
  await hearAll(heard, tones([2, 0], [1, 0.3], [2, 0]));
  t.same(
    heard.utterances.map(({ silenceFramesAtCut }) => silenceFramesAtCut),
    [30, 10],
  );
  t.same(
    heard.utterances.map(({ settings }) => settings.silenceFramesNeeded),
    [30, 10],
  );
});

t.test('however the audio is chunked, the utterances are the same and hold every sample once', async (t) => {
  const { webrtc, cleaner } = await detectors(t);
  const { pcm } = speech();
  const whole = listen(webrtc, { cleaner });
  const expected = await hearAll(whole, pcm);
  t.equal(expected.length, 3);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 5, maxLength: 40 }), async (sizes) => {
      const heard = listen(webrtc, { cleaner });
      for (let at = 0, turn = 0; at < pcm.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        heard.ear.push(pcm.subarray(at, at + size), 0);
        at += size;
      }
      await heard.ear.flush('client_end');
      t.same(heard.utterances.map(place), expected.map(place));
      for (const { segment, startSample, endSample } of heard.utterances) {
        t.same(heard.audio.get(segment), toInt16(pcm.subarray(startSample, endSample)));
      }
    }),
    { numRuns: 8 },
  );
});

function place(utterance: { startSample: number; endSample: number; speechEndSample: number; features: object }) {
  const { startSample, endSample, speechEndSample, features } = utterance;
  return { startSample, endSample, speechEndSample, features };
}

function speechRms(pcm: Float32Array, spans: { startMs: number; endMs: number }[]): number {
  const powers = spans.map(({ startMs, endMs }) => rms(pcm.subarray(startMs * MS, endMs * MS)) ** 2);
  return Math.sqrt(powers.reduce((sum, power) => sum + power, 0) / powers.length);
}
