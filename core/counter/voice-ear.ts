import type { Utterance } from '../audio/types.ts';
import { CORE_SAMPLE_RATE_HZ, type Word } from '../contracts/index.ts';
import { type BlockHolder, type BlockPool, UtteranceAudio } from '../runtime/ring.ts';
import type { SttOutcome, VoiceFinding, VoiceVerdict } from '../runtime/types.ts';
import type { Interaction } from '../store/interaction.ts';
import type { SessionDeps, Transcriber, UtteranceFeed } from './deps.ts';
import type { VoiceSeat } from './voice-desk.ts';

/** More says no more about who speaks. */
const MOST_SAMPLES = 20 * CORE_SAMPLE_RATE_HZ;

/** A stretch of an utterance, in samples from its first. */
type Stretch = [from: number, to: number];

/**
 * The same transcriber, which also lets somebody look for who speaks: beside the transcription, on sound of its own, and
 * never in its way. Where the vendor told several voices apart, only the one that spoke longest is looked for.
 */
export function withVoices(inner: Transcriber, seat: VoiceSeat, pool: BlockPool, waitsForLabels: boolean): Transcriber {
  const life = new AbortController();
  const searches = new Set<VoiceSearch>();
  return {
    begin(segment) {
      const begun = inner.begin(segment);
      if (!seat.isNeeded()) return begun;
      const search = new VoiceSearch(seat, pool, life.signal);
      searches.add(search);
      void search.done.then(() => searches.delete(search));
      return { ...begun, feed: heardBy(begun.feed, search, waitsForLabels) };
    },
    finish() {
      life.abort();
      inner.finish();
    },
    async close() {
      const [asked, open] = [[...searches].filter(({ isAnswered }) => isAnswered), [...searches]];
      await Promise.all(asked.map(({ done }) => done));
      for (const search of open) search.cancel();
      seat.leave();
      await inner.close();
    },
  };
}

function heardBy(feed: UtteranceFeed, search: VoiceSearch, waitsForLabels: boolean): UtteranceFeed {
  return {
    push(pcm) {
      feed.push(pcm);
      search.push(pcm);
    },
    cancel() {
      feed.cancel();
      search.cancel();
    },
    async end(facts, utterance) {
      const ending = feed.end(facts, utterance);
      if (!utterance) return await ending;
      search.end(utterance);
      if (!waitsForLabels) search.start();
      const outcome = await ending;
      search.answered(outcome);
      return { ...outcome, voice: search };
    },
  };
}

/** The search for one utterance's voice. */
class VoiceSearch implements VoiceFinding, BlockHolder {
  found: VoiceVerdict | null | undefined;
  readonly done: Promise<VoiceVerdict | null>;
  readonly #resolve: (verdict: VoiceVerdict | null) => void;
  readonly #seat: VoiceSeat;
  readonly #pool: BlockPool;
  readonly #life: AbortSignal;
  readonly #audio: UtteranceAudio;
  #pushed = 0;
  #utterance: Utterance | undefined;
  #tries = 0;
  #isAnswered = false;
  #isOver = false;

  constructor(seat: VoiceSeat, pool: BlockPool, life: AbortSignal) {
    this.#seat = seat;
    this.#pool = pool;
    this.#life = life;
    this.#audio = new UtteranceAudio(pool);
    const { promise, resolve } = Promise.withResolvers<VoiceVerdict | null>();
    this.done = promise;
    this.#resolve = resolve;
    pool.enter(this);
  }

  /** What was said is there: it ends by itself, soon. */
  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  push(pcm: Int16Array): void {
    if (this.#pushed < MOST_SAMPLES) this.#audio.append(pcm);
    this.#pushed += pcm.length;
  }

  cancel(): void {
    this.#tell(null);
  }

  /** Others need the memory more: nobody is looked for. */
  evict(): void {
    this.#tell(null);
  }

  end(utterance: Utterance): void {
    this.#utterance = utterance;
  }

  /** Looks for whoever speaks, in all that is speech. */
  start(): void {
    const ranges = this.#utterance?.speechRanges ?? [];
    void this.#look(ranges.map(([startS, endS]) => [startS * CORE_SAMPLE_RATE_HZ, endS * CORE_SAMPLE_RATE_HZ]));
  }

  /** What was said is there: with several voices in it, only the one that spoke longest counts. */
  answered(outcome: SttOutcome): void {
    if (this.#isOver) return;
    this.#isAnswered = true;
    const words = dominantWords(outcome.transcript?.words ?? []);
    if (words) {
      const missing = outcome.continues ? this.#missing() : 0;
      const at = (ms: number) => (ms * CORE_SAMPLE_RATE_HZ) / 1000 - missing;
      void this.#look(words.map(({ startMs, endMs }) => [at(startMs), at(endMs)]));
    } else if (this.#tries === 0) this.start();
    else if (this.found !== undefined) this.#tell(this.found);
  }

  async #look(stretches: Stretch[]): Promise<void> {
    if (this.#isOver) return;
    const mine = ++this.#tries;
    this.found = undefined;
    const pcm = this.#cut(stretches);
    const at = this.#utterance?.receivedAt;
    const verdict =
      pcm.length === 0 || !at || this.#life.aborted ? null : await this.#seat.identify(pcm, at, this.#life);
    if (mine !== this.#tries || this.#isOver) return;
    this.found = verdict;
    // Labels may still come, and name another stretch of it.
    if (this.#isAnswered) this.#tell(verdict);
  }

  /** Samples of it that were heard before it began: it goes on from another one. */
  #missing(): number {
    const { startSample = 0, endSample = 0 } = this.#utterance ?? {};
    return Math.max(0, endSample - startSample - this.#pushed);
  }

  #cut(stretches: Stretch[]): Int16Array {
    const { samples } = this.#audio;
    const kept = stretches
      .map(([from, to]) => [clamp(from, samples), clamp(to, samples)] as const)
      .filter(([from, to]) => to > from);
    const pcm = new Int16Array(kept.reduce((sum, [from, to]) => sum + to - from, 0));
    let filled = 0;
    for (const [from, to] of kept) {
      this.#audio.copyTo(pcm.subarray(filled), from, to - from);
      filled += to - from;
    }
    return pcm;
  }

  #tell(verdict: VoiceVerdict | null): void {
    this.#isOver = true;
    this.found = verdict;
    this.#resolve(verdict);
    this.#audio.release();
    this.#pool.leave(this);
  }
}

/** The words of the voice that spoke longest, where several are told apart; null: there is one, or nobody says. */
export function dominantWords(words: readonly Word[]): readonly Word[] | null {
  const labelled = words.filter(({ speaker }) => speaker !== undefined);
  const bySpeaker = [...Map.groupBy(labelled, ({ speaker }) => speaker).values()];
  if (bySpeaker.length < 2) return null;
  const spokenMs = (said: readonly Word[]) => said.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  return bySpeaker.reduce((most, said) => (spokenMs(said) > spokenMs(most) ? said : most));
}

/** `funcionario_id` and `speaker_data` of a verdict. */
export function voiceColumns(verdict: VoiceVerdict | null | undefined) {
  return {
    employeeId: verdict?.employee?.id ?? null,
    speakerData: verdict && verdict.scores.length > 0 ? JSON.stringify(verdict.scores) : null,
  };
}

/** Writes who spoke into a row that was there before anybody knew. Rejects when it cannot be journalled. */
export async function storeVoice(
  { append }: Pick<SessionDeps, 'append'>,
  row: Pick<Interaction, 'id' | 'employeeId' | 'speakerData'>,
  { voice }: SttOutcome,
): Promise<void> {
  const fields = voiceColumns(await voice?.done);
  if (fields.employeeId === row.employeeId && fields.speakerData === row.speakerData) return;
  await append({ type: 'patch', interactionId: row.id, fields, usage: [] });
}

function clamp(sample: number, samples: number): number {
  return Math.round(Math.min(Math.max(sample, 0), samples));
}
