import {
  type Clock,
  CORE_SAMPLE_RATE_HZ,
  type ProviderError,
  type SttDeadlines,
  type SttEvent,
  type Transcript,
  type Usage,
  type Word,
} from '../contracts/index.ts';
import { timeoutError } from './deadline.ts';
import type { UtteranceAudio } from './ring.ts';

type Final = Extract<SttEvent, { type: 'final' }>;

/** The stream a turn is on, as the turn sees it. */
export interface TurnLane {
  readonly clock: Clock;
  readonly deadlines: SttDeadlines;
  /** Whether the vendor speaks while speech goes on, so that its silence means something. */
  readonly interim: boolean;
  pump(): void;
  /** The turn is given up: what the vendor was given is billed to it now. */
  bill(turn: StreamTurn): void;
  /** Whether the utterance may end here, and another one go on in its place. */
  mayContinue(turn: StreamTurn): boolean;
  /** `rest` takes the place of `turn`, which is billed what was given so far. */
  replace(turn: StreamTurn, rest: StreamTurn): void;
  /** The turn missed a deadline: the whole stream is given up. */
  fail(error: ProviderError): void;
}

/** Who is told how a turn goes on. */
export interface TurnListener {
  /** Text so far, while speech goes on. */
  onPartial(text: string): void;
  /** Samples were handed over. */
  onGave(samples: number): void;
  /** While speech goes on: what was said up to this sample of the utterance will not change any more. */
  onFinalThrough(samples: number): void;
}

export type TurnEnd =
  /** `isCutShort`: the utterance goes on in another turn. */
  | { transcript: Transcript; usage: Usage[]; isCutShort: boolean }
  | { error: ProviderError; usage: Usage[]; hadOutput: boolean; wasSilent: boolean };

const SAMPLES_PER_MS = CORE_SAMPLE_RATE_HZ / 1000;
/** Backlog a vendor works off within its usual deadline; half of what is beyond is added to it. */
const USUAL_BACKLOG_MS = 2000;

/** One utterance on a stream: what was pushed of it, what was answered, and until when. Text is its finals, joined, once. */
export class StreamTurn {
  readonly audio: UtteranceAudio;
  readonly marker: number;
  readonly end: Promise<TurnEnd>;
  /** Samples pushed, at the core's rate. */
  cursor = 0;
  isEnded = false;
  isFinalized = false;
  /** Nobody wants the answer; the stream still owes a `done` before the next utterance's text can be told apart. */
  isDropped = false;
  readonly #lane: TurnLane;
  readonly #model: string;
  #listener: TurnListener | undefined;
  readonly #resolve: (end: TurnEnd) => void;
  readonly #finals: Final[] = [];
  #usage: Usage[] = [];
  #startMs = 0;
  #firstPushMs = 0;
  #outputMs = 0;
  #outputCursor = 0;
  #hadOutput = false;
  #isSettled = false;
  #cancelTimer: () => void = () => undefined;

  constructor(options: {
    lane: TurnLane;
    audio: UtteranceAudio;
    marker: number;
    model: string;
    listener?: TurnListener;
    /** Where it goes on from another turn: samples of `audio` pushed already, and the stream's time at its first one. */
    from?: { cursor: number; startMs: number };
  }) {
    this.audio = options.audio;
    this.marker = options.marker;
    this.#lane = options.lane;
    this.#model = options.model;
    this.#listener = options.listener;
    if (options.from) this.#begin(options.from.cursor, options.from.startMs);
    const { promise, resolve } = Promise.withResolvers<TurnEnd>();
    this.end = promise;
    this.#resolve = resolve;
  }

  /** Somebody else listens from now on. */
  listen(listener: TurnListener): void {
    this.#listener = listener;
  }

  /** Whether {@link continuedBy} may be called now: something was said, and the stream can go on with it. */
  get mayContinue(): boolean {
    return !this.#isSettled && !this.isEnded && this.#text() !== '' && this.#lane.mayContinue(this);
  }

  /**
   * Ends with what was answered so far. Everything after it belongs to the turn that is returned: it goes on on the same
   * stream, and `audio` holds the same sound from sample `from` of this one on.
   */
  continuedBy(audio: UtteranceAudio, from: number): StreamTurn {
    const rest = new StreamTurn({
      lane: this.#lane,
      audio,
      marker: this.marker,
      model: this.#model,
      from: { cursor: this.cursor - from, startMs: this.#startMs + from / SAMPLES_PER_MS },
    });
    this.#lane.replace(this, rest);
    this.#settle({ transcript: this.#transcript(), usage: this.#usage, isCutShort: true });
    return rest;
  }

  /** More audio is in the ring. */
  onAudio(): void {
    this.#lane.pump();
  }

  /** Speech is over: what is left is pushed and answered. */
  finish(): void {
    this.isEnded = true;
    this.#lane.pump();
  }

  /** Gives the turn up, not the stream. */
  drop(error: ProviderError): void {
    if (this.#isSettled) return;
    this.isDropped = true;
    this.isEnded = true;
    if (this.cursor > 0) this.#lane.bill(this);
    this.#settle({ error, usage: this.#usage, hadOutput: this.#hadOutput, wasSilent: false });
    this.#lane.pump();
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  get hasUsage(): boolean {
    return this.#usage.length > 0;
  }

  /** `samples` of it are on their way; `streamMs` is the stream's own time before them. */
  pushed(samples: number, streamMs: number): void {
    if (this.cursor === 0) this.#begin(0, streamMs);
    this.cursor += samples;
    this.#listener?.onGave(samples);
  }

  /** Everything is pushed and the vendor was asked to finish. */
  finalized(): void {
    this.isFinalized = true;
    const { deadlines, clock } = this.#lane;
    const backlogMs = this.cursor / SAMPLES_PER_MS - (clock.now() - this.#firstPushMs);
    const extraMs = Math.max(0, backlogMs - USUAL_BACKLOG_MS) / 2;
    const first = this.#hadOutput ? 0 : deadlines.firstOutputMs;
    this.#arm(Math.max(first, deadlines.finalizeMs) + extraMs);
  }

  onPartial(text: string): void {
    this.#output();
    if (!this.isDropped) this.#listener?.onPartial(this.#text(text));
  }

  onFinal(final: Final): void {
    this.#output();
    this.#finals.push(final);
    if (!this.isDropped && !this.isFinalized) this.#listener?.onPartial(this.#text());
    // It is answering: the rest of a long backlog may take as long again.
    if (this.isFinalized) this.#arm(this.#lane.deadlines.finalizeMs);
    else if (final.endMs !== undefined && this.mayContinue) this.#tellThrough(final.endMs);
  }

  onUsage(usage: Usage[]): void {
    this.#usage = this.#usage.concat(usage);
  }

  onDone(): void {
    this.#settle({ transcript: this.#transcript(), usage: this.#usage, isCutShort: false });
  }

  onFail(error: ProviderError): void {
    const wasSilent = error.code === 'timeout' && this.cursor > 0 && !this.#hadOutput;
    this.#settle({ error, usage: this.#usage, hadOutput: this.#hadOutput, wasSilent });
  }

  #begin(cursor: number, startMs: number): void {
    this.cursor = cursor;
    this.#outputCursor = cursor;
    this.#startMs = startMs;
    this.#firstPushMs = this.#lane.clock.now();
    this.#outputMs = this.#firstPushMs;
    if (this.#lane.interim) this.#watchOutputs(this.#lane.deadlines.betweenOutputsMs);
  }

  /** A vendor's times may be a little before what it was given first, or beyond what it was given last. */
  #tellThrough(streamMs: number): void {
    const samples = Math.round((streamMs - this.#startMs) * SAMPLES_PER_MS);
    if (samples > 0) this.#listener?.onFinalThrough(Math.min(samples, this.cursor));
  }

  #settle(end: TurnEnd): void {
    // A dropped turn is settled and still owes its `done`: its deadline stays armed until that comes.
    if (!this.isDropped || this.#isSettled) this.#cancelTimer();
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#resolve(end);
  }

  #output(): void {
    this.#hadOutput = true;
    this.#outputMs = this.#lane.clock.now();
    this.#outputCursor = this.cursor;
  }

  #arm(ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#lane.clock.after(ms, () => this.#lane.fail(timeoutError('a resposta ao fim da fala')));
  }

  /** A stall: speech was given, and nothing has come back for too long. One timer, looked at again rather than re-armed. */
  #watchOutputs(ms: number): void {
    this.#cancelTimer = this.#lane.clock.after(ms, () => {
      const limitMs = this.#lane.deadlines.betweenOutputsMs;
      const silentMs = this.#lane.clock.now() - this.#outputMs;
      const givenMs = (this.cursor - this.#outputCursor) / SAMPLES_PER_MS;
      if (silentMs >= limitMs && givenMs >= limitMs / 2) this.#lane.fail(timeoutError('resposta enquanto se fala'));
      else this.#watchOutputs(silentMs >= limitMs ? limitMs / 2 : limitMs - silentMs);
    });
  }

  #text(partial = ''): string {
    return [...this.#finals.map((final) => final.text), partial]
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .join(' ');
  }

  #transcript(): Transcript {
    const text = this.#text();
    const words = this.#finals.flatMap((final) => (final.words ?? []).map((word) => this.#ownTime(word)));
    const scored = this.#finals.map((final) => final.confidence).filter((score) => score !== undefined);
    const last = this.#finals.at(-1);
    const language = this.#finals.findLast((final) => final.language !== undefined)?.language;
    return {
      text,
      model: this.#finals.find((final) => final.model)?.model ?? this.#model,
      ...(words.length > 0 ? { words } : {}),
      ...(scored.length > 0 ? { confidence: scored.reduce((sum, each) => sum + each, 0) / scored.length } : {}),
      ...(language === undefined ? {} : { language }),
      ...(last?.requestId === undefined ? {} : { requestId: last.requestId }),
    };
  }

  /** Word times count this utterance's samples, not the stream's. */
  #ownTime(word: Word): Word {
    const shift = (ms: number) => Math.max(0, Math.round(ms - this.#startMs));
    return { ...word, startMs: shift(word.startMs), endMs: shift(word.endMs) };
  }
}
