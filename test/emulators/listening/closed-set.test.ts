import t from 'tap';
import { airConditioner, beep, printer, seededRandom } from '../../fixtures/conversation/noise.ts';
import { conversation, type ScriptUtterance } from '../../helpers/conversation.ts';
import { ClosedSet } from './closed-set.ts';

const { script, pcm } = conversation();
const closedSet = new ClosedSet(pcm, script);

/** An utterance as the segmenter cuts it: pre-roll and hang-over around it. */
function cut(line: ScriptUtterance, audio = pcm): Int16Array {
  return audio.slice((line.startMs - 600) * 16, (line.endMs + 900) * 16);
}

/** Another microphone: no bass, little treble, half as loud, its own noise. */
function otherMicrophone(audio: Int16Array): Int16Array {
  const random = seededRandom(11);
  let low = 0;
  let bass = 0;
  return audio.map((sample) => {
    low += 0.6 * (sample - low);
    bass += 0.08 * (low - bass);
    return (low - bass) / 2 + (random() - 0.5) * 300;
  });
}

t.test('every phrase is recognised through another microphone, with word times', async (t) => {
  const audio = otherMicrophone(pcm);
  const errors: number[] = [];
  for (const line of script.utterances) {
    const recognised = closedSet.recognise(cut(line, audio), 16_000);
    t.equal(recognised?.text, line.text);
    for (const [index, word] of (recognised?.words ?? []).entries()) {
      errors.push(Math.abs(word.startMs - ((line.words[index]?.startMs ?? 0) - line.startMs + 600)));
    }
  }
  const half = errors.sort((a, b) => a - b)[errors.length >> 1] ?? Number.NaN;
  t.comment(`word starts: median error ${half} ms, largest ${errors.at(-1)} ms`);
  t.ok(half < 30);
});

t.test('the two parts of a forced cut give their own words', async (t) => {
  const long = script.utterances[3]!;
  const from = (long.startMs - 600) * 16;
  const first = closedSet.transcribe(pcm.slice(from, from + 127_680), 16_000);
  const second = closedSet.transcribe(pcm.slice(from + 114_720, (long.endMs + 900) * 16), 16_000);
  t.ok(long.text.startsWith(first.text) && first.words.length > 15, first.text);
  t.ok(long.text.endsWith(second.text) && second.words.length >= 3, second.text);
});

t.test('several phrases in one piece are told apart by their pauses', async (t) => {
  const lines = script.utterances.slice(4, 7);
  const audio = pcm.slice((lines[0]!.startMs - 300) * 16, (lines[2]!.endMs + 300) * 16);
  t.equal(closedSet.transcribe(audio, 16_000).text, lines.map(({ text }) => text).join(' '));
});

t.test('what is no phrase of the conversation is not recognised', async (t) => {
  const random = seededRandom(4);
  const sounds: Record<string, Int16Array> = {
    silence: new Int16Array(32_000),
    'air conditioner': toPcm(airConditioner(48_000, 16_000, 0.02, random)),
    printer: toPcm(printer(16_000, 0.3, random)),
    beep: toPcm(beep(16_000, 0.3)),
    'speech backwards': cut(script.utterances[3]!).reverse(),
  };
  for (const [name, sound] of Object.entries(sounds)) t.equal(closedSet.recognise(sound, 16_000), null, name);
});

t.test('48 kHz is recognised as 16 kHz is', async (t) => {
  const line = script.utterances[9]!;
  const audio = cut(line);
  const fast = Int16Array.from({ length: audio.length * 3 }, (_, index) => audio[Math.floor(index / 3)]!);
  t.equal(closedSet.transcribe(fast, 48_000).text, line.text);
});

t.test('a stream guesses while speech goes on, and take gives the phrase with times of the stream', async (t) => {
  const stream = closedSet.openStream(16_000);
  const [first, second] = [script.utterances[1]!, script.utterances[4]!];
  const audio = otherMicrophone(cut(first));
  const guesses = new Set<string>();
  for (let at = 0; at < audio.length; at += 800) {
    stream.push(audio.subarray(at, at + 800));
    guesses.add(stream.partial());
  }
  t.ok([...guesses].filter((guess) => guess && first.text.startsWith(guess)).length >= 5, [...guesses].join(' | '));
  t.equal(stream.take().text, first.text);
  t.equal(stream.partial(), '');
  stream.push(cut(second));
  const heard = stream.take();
  t.equal(heard.text, second.text);
  t.ok(Math.abs((heard.words[0]?.startMs ?? 0) - audio.length / 16 - 600) < 60, 'counted from the start of the stream');
});

t.test('a second of audio costs less than 50 ms', async (t) => {
  const audio = cut(script.utterances[7]!);
  const times = [1, 2, 3].map(() => {
    const startedAt = performance.now();
    closedSet.recognise(audio, 16_000);
    return (performance.now() - startedAt) / (audio.length / 16_000);
  });
  t.comment(`ms per second of audio: ${times.map((ms) => ms.toFixed(1)).join(' ')}`);
  t.ok(Math.min(...times) < 50);
});

function toPcm(sound: Float32Array): Int16Array {
  return Int16Array.from(sound, (sample) => sample * 32_767);
}
