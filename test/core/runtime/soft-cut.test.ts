import t, { type Test } from 'tap';
import type { SttBounds } from '../../../core/runtime/bounds.ts';
import type { SttRunner, UtteranceFeed } from '../../../core/runtime/stt-runner.ts';
import type { Routed, SttOutcome } from '../../../core/runtime/types.ts';
import { FACTS, FRAME, type RuntimeHouse, sttHouse } from '../../helpers/runtime-house.ts';
import { answers, echo, fault, type StreamScript, scriptedStt } from '../../helpers/scripted-provider.ts';

/** Words of 300 ms, named by their place in what was spoken; finals of two words each, said 300 ms after they end. */
const WORD = 4800;
const LATE = WORD;

/** A vendor that closes its own finals while speech goes on, with times; the rest comes with the marker. */
function finals(more: StreamScript = {}): StreamScript {
  const said = new Map<object, number>();
  return {
    ...more,
    push: (stream, pcm) => {
      more.push?.(stream, pcm);
      const from = said.get(stream) ?? 0;
      const to = from + 2 * WORD;
      if (stream.heard.length < to + LATE) return;
      said.set(stream, to);
      stream.say({ type: 'final', text: words(stream.heard.slice(from, to)), startMs: from / 16, endMs: to / 16 });
    },
    finalize: (stream, marker) => {
      const from = said.get(stream) ?? 0;
      said.set(stream, stream.heard.length);
      stream.say({ type: 'final', text: words(stream.heard.slice(from)) });
      stream.say({ type: 'done', marker });
    },
  };
}

/** Each word that is there whole, by its number in what was spoken: sample n of all has the value n / 100. */
function words(samples: ArrayLike<number>): string {
  const first = Math.round((samples[0] ?? 0) * 100);
  const out: string[] = [];
  for (let word = Math.ceil(first / WORD); (word + 1) * WORD <= first + samples.length; word++) out.push(`p${word}`);
  return out.join(' ');
}

/** A session that cuts what is longer than `limitMs` where its text is final. */
class Cutting {
  readonly runner: SttRunner;
  readonly outcomes: Promise<SttOutcome>[] = [];
  readonly cuts: { segment: number; through: number; from: number }[] = [];
  #feed: UtteranceFeed | undefined;
  #segment = 0;
  #samples = 0;
  #spoken = 0;

  constructor(
    house: RuntimeHouse,
    options: { limitMs?: number; route?: () => Routed; bounds?: Partial<SttBounds> } = {},
  ) {
    const { limitMs = 2000, route = () => house.routed('stream') } = options;
    this.runner = house.runner(options.bounds, route, {
      finalThrough: (segment, cut) => {
        if (segment !== this.#segment || this.#samples < limitMs * 16) return;
        this.cuts.push({ segment, ...cut });
        this.end();
        this.begin();
      },
    });
    this.house = house;
  }

  readonly house: RuntimeHouse;

  begin(): void {
    this.#segment += 1;
    this.#samples = 0;
    this.#feed = this.runner.begin(this.#segment).feed;
  }

  end(): void {
    if (this.#feed) this.outcomes.push(this.#feed.end(FACTS));
    this.#feed = undefined;
  }

  async speak(frames: number): Promise<void> {
    const frame = new Int16Array(FRAME);
    for (let index = 0; index < frames; index++) {
      for (let at = 0; at < FRAME; at++) frame[at] = Math.floor((this.#spoken + at) / 100);
      this.#spoken += FRAME;
      this.#samples += FRAME;
      this.#feed?.push(frame);
      await this.house.clock.advance(30);
    }
  }

  async finished(t: Test): Promise<SttOutcome[]> {
    this.end();
    const outcomes = await this.house.clock.until(Promise.all(this.outcomes));
    await this.house.clock.until(this.runner.close());
    t.equal(this.house.pool.usedBytes, 0);
    t.equal(this.house.clock.pending, 0);
    return outcomes;
  }
}

const allWords = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`).join(' ');
const textOf = (outcomes: SttOutcome[]) => outcomes.map(({ transcript }) => transcript?.text).join(' ');

t.test('an utterance that is too long is answered as far as its text is final, and goes on', async (t) => {
  const a = scriptedStt('a', { stream: finals() });
  const cutting = new Cutting(sttHouse([a]));
  cutting.begin();
  await cutting.speak(100);
  t.equal(cutting.outcomes.length, 1, 'while speech goes on');
  const [first] = await Promise.all(cutting.outcomes);
  t.match(first, { status: 'answered', lostMs: 0, transcript: { text: 'p0 p1 p2 p3 p4 p5' } });
  await cutting.speak(100);
  const outcomes = await cutting.finished(t);
  t.ok(outcomes.length >= 3);
  t.equal(textOf(outcomes), allWords(20), 'each word once');
  t.equal(a.streams.length, 1, 'one stream');
  t.equal(a.streams[0]?.heard.length, 200 * FRAME, 'each sample once');
  t.same(a.streams[0]?.markers.length, 1, 'finished once, at the end');
  t.match(
    outcomes.map(({ continues = false }) => continues),
    [false, ...outcomes.slice(1).map(() => true)],
  );
  const usage = outcomes.flatMap(({ attempts }) => attempts.flatMap((attempt) => attempt.usage));
  t.equal(Math.round(usage.reduce((sum, { quantity }) => sum + quantity, 0) * 1000), 6000, 'billed once');
  t.ok((first?.attempts[0]?.usage[0]?.quantity ?? 0) > 2, 'each part what the vendor was given for it');
});

t.test('what the next one holds begins half a second before the cut', async (t) => {
  const a = scriptedStt('a', { stream: finals() });
  const cutting = new Cutting(sttHouse([a]));
  cutting.begin();
  await cutting.speak(80);
  t.match(cutting.cuts[0], { segment: 1, through: 6 * WORD, from: 6 * WORD - 8000 });
  await cutting.speak(80);
  const begins = cutting.cuts[0]?.from ?? 0;
  t.equal((begins + (cutting.cuts[1]?.through ?? 0)) % (2 * WORD), 0, 'the second cut is at the end of a word too');
  await cutting.finished(t);
});

t.test(
  'the stream dies after a cut: the rest is heard again from before it, nothing that was answered is',
  async (t) => {
    const a = scriptedStt('a', {
      stream: finals({
        push: (stream) => {
          if (stream.heard.length >= 100 * FRAME) stream.end(fault('connection'));
        },
      }),
    });
    const b = scriptedStt('b', { batch: answers });
    const cutting = new Cutting(sttHouse([a, b]));
    cutting.begin();
    await cutting.speak(120);
    const [first, second] = await cutting.finished(t);
    t.match(first, { address: 'stt/a', transcript: { text: 'p0 p1 p2 p3 p4 p5' } });
    t.match(second, { address: 'stt/b', status: 'answered' });
    t.notOk(second?.continues, 'its sound repeats what is before the cut');
    const heard = b.calls[0]?.pcm;
    t.equal(heard?.length, 120 * FRAME - 6 * WORD + 8000);
    t.equal(heard?.[0], (6 * WORD - 8000) / 100);
    t.equal(second?.transcript?.text, echo(heard ?? []));
  },
);

t.test('who is asked may change at a cut: the rest is heard by the new one, whole', async (t) => {
  const a = scriptedStt('a', { stream: finals() });
  const b = scriptedStt('b', { stream: finals() });
  const house = sttHouse([a, b]);
  let isSwitched = false;
  const route = () => {
    const { decision } = house.routed('stream');
    return { decision, candidates: [house.candidate(isSwitched ? 'stt/b' : 'stt/a')] };
  };
  const cutting = new Cutting(house, { route });
  cutting.begin();
  await cutting.speak(50);
  isSwitched = true;
  await cutting.speak(50);
  const outcomes = await cutting.finished(t);
  t.match(outcomes, [{ address: 'stt/a' }, { address: 'stt/b' }]);
  t.notOk(outcomes[1]?.continues);
  t.equal(b.streams[0]?.heard[0], (6 * WORD - 8000) / 100);
  t.equal(b.streams[0]?.heard.length, 100 * FRAME - 6 * WORD + 8000);
  t.ok((outcomes[1]?.transcript?.text ?? '').endsWith('p9'));
});

t.test('… also by one that gets whole segments', async (t) => {
  const a = scriptedStt('a', { stream: finals() });
  const b = scriptedStt('b', { batch: answers });
  const house = sttHouse([a, b]);
  let begun = 0;
  const route = () => {
    const isFirst = begun++ === 0;
    const candidates = [house.candidate(isFirst ? 'stt/a' : 'stt/b')];
    return { ...house.routed(isFirst ? 'stream' : 'segment'), candidates };
  };
  const cutting = new Cutting(house, { route });
  cutting.begin();
  await cutting.speak(100);
  const outcomes = await cutting.finished(t);
  t.match(outcomes[1], { status: 'answered', address: 'stt/b', lostMs: 0, decision: { mode: 'segment' } });
  t.notOk(outcomes[1]?.continues);
  t.ok((a.streams[0]?.heard.length ?? 0) < 75 * FRAME, 'the stream it was on gets no more of it');
});

t.test('a final without words cuts nothing', async (t) => {
  const a = scriptedStt('a', {
    stream: {
      push: (stream) => stream.say({ type: 'final', text: '', endMs: stream.heard.length / 16 }),
      finalize: (stream, marker) => stream.say({ type: 'done', marker }),
    },
  });
  const cutting = new Cutting(sttHouse([a]));
  cutting.begin();
  await cutting.speak(100);
  const outcomes = await cutting.finished(t);
  t.match(outcomes, [{ status: 'empty' }]);
  t.equal(outcomes.length, 1);
});

t.test('nobody cuts: it stays one utterance', async (t) => {
  const a = scriptedStt('a', { stream: finals() });
  const cutting = new Cutting(sttHouse([a]), { limitMs: 60_000 });
  cutting.begin();
  await cutting.speak(150);
  const outcomes = await cutting.finished(t);
  t.equal(outcomes.length, 1);
  t.equal(textOf(outcomes), allWords(15));
});

t.test('one that ends in the midst of a cut, with nobody going on, keeps all its words', async (t) => {
  const a = scriptedStt('a', { stream: finals() });
  const house = sttHouse([a]);
  let feed: UtteranceFeed | undefined;
  let end: Promise<SttOutcome> | undefined;
  const runner = house.runner({}, () => house.routed('stream'), {
    finalThrough: () => {
      end ??= feed?.end(FACTS);
    },
  });
  feed = runner.begin(1).feed;
  const frame = new Int16Array(FRAME);
  for (let index = 0; index < 40; index++) {
    for (let at = 0; at < FRAME; at++) frame[at] = Math.floor((index * FRAME + at) / 100);
    feed.push(frame);
    await house.clock.advance(30);
  }
  const outcome = await house.clock.until(end ?? Promise.reject(new Error('no final came')));
  t.equal(outcome.transcript?.text, 'p0 p1 p2', 'what was pushed after the final as well');
  await house.clock.until(runner.close());
});

t.test(
  'a stream whose session is nearly over is not gone on with: it is renewed at the end of the utterance',
  async (t) => {
    const a = scriptedStt('a', { stream: finals() }, { maxSessionMs: 8000 });
    const cutting = new Cutting(sttHouse([a]));
    cutting.begin();
    await cutting.speak(190);
    const before = cutting.cuts.length;
    t.ok(before >= 2);
    await cutting.speak(110);
    t.equal(cutting.cuts.length, before, 'none in the last quarter of the session');
    const outcomes = await cutting.finished(t);
    t.equal(textOf(outcomes), allWords(30));
  },
);

t.test('what was cut short says nothing of how long the vendor takes', async (t) => {
  const a = scriptedStt('a', { stream: finals() });
  const house = sttHouse([a]);
  const cutting = new Cutting(house);
  cutting.begin();
  await cutting.speak(2000);
  t.ok(cutting.cuts.length > 20);
  t.equal(house.latencies.p95Ms(house.candidate('stt/a'), 'stream', 2000), null);
  await cutting.finished(t);
});
