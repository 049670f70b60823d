import {
  type Clock,
  CORE_SAMPLE_RATE_HZ,
  ProviderError,
  type SttCapabilities,
  type SttDeadlines,
  type SttEvent,
  type SttStream,
} from '../contracts/index.ts';
import { type AttemptDeps, type AttemptInput, audioUsage } from './attempt.ts';
import { streamDeadlines } from './bounds.ts';
import { abortedError, toProviderError } from './deadline.ts';
import { LaneConnection } from './lane-connection.ts';
import { LaneFeed } from './lane-feed.ts';
import { finalFrom, textOf, usageFrom } from './plugin-answer.ts';
import { closeBounded, closeQuietly } from './stream-close.ts';
import { StreamTurn, type TurnLane, type TurnListener } from './stream-turn.ts';

/** The longest utterance and its answer: a stream with less life left is renewed before it gets one. */
const LONGEST_UTTERANCE_MS = 70_000;

/**
 * One live stream of a session, kept across utterances. Utterances go over it one after another, each followed by its
 * marker; one may still be spoken while the one before it is being answered. Any failure gives up the whole stream: every
 * utterance on it is replayed elsewhere, because nobody can tell which of them a damaged stream has heard.
 */
export class StreamLane implements TurnLane {
  readonly clock: Clock;
  readonly deadlines: SttDeadlines;
  readonly interim: boolean;
  /** Settings and keys it was opened with. */
  readonly configuration: string;
  readonly #capabilities: SttCapabilities;
  readonly #model: string;
  readonly #feed: LaneFeed;
  readonly #connection: LaneConnection;
  readonly #life = new AbortController();
  readonly #bornMs: number;
  readonly #onGone: (lane: StreamLane) => void;
  readonly #idleMs: number;
  /** Unanswered, in the order they were joined. */
  #turns: StreamTurn[] = [];
  #stream: SttStream | undefined;
  #state: 'connecting' | 'open' | 'closing' | 'gone' = 'connecting';
  #isRetired = false;
  #billedMs = 0;
  #cancelIdle: () => void = () => undefined;
  #closed: Promise<void> | undefined;

  constructor(deps: AttemptDeps, input: AttemptInput, onGone: (lane: StreamLane) => void) {
    const { capabilities, model, configuration } = input.described;
    this.clock = deps.clock;
    this.deadlines = streamDeadlines(capabilities.deadlines);
    this.interim = capabilities.interim;
    this.configuration = configuration;
    this.#capabilities = capabilities;
    this.#model = model;
    this.#bornMs = deps.clock.now();
    this.#onGone = onGone;
    this.#idleMs = closesAtOnce(capabilities) ? 0 : deps.bounds.idleCloseMs;
    this.#feed = new LaneFeed(deps.clock, capabilities, () => this.pump());
    this.#connection = new LaneConnection(deps, input, this.#feed, this.#life.signal);
    void this.#open();
  }

  /** Milliseconds its first utterance waited for a place at the credential. */
  get queueMs(): number {
    return this.#connection.queueMs;
  }

  /** Whether another utterance may join: not while one is still being spoken on it, nor beyond its session's length. */
  accepts(configuration: string): boolean {
    if (this.#state !== 'connecting' && this.#state !== 'open') return false;
    if (this.#capabilities.finalize === 'none' || this.#isRetired) return false;
    if (configuration !== this.configuration || this.#isOld) {
      this.#retire();
      return false;
    }
    return this.#turns.every((turn) => turn.isEnded);
  }

  /** Puts one more utterance on the stream. */
  join(turn: Pick<StreamTurn, 'audio' | 'marker'> & { listener: TurnListener }): StreamTurn {
    this.#cancelIdle();
    const joined = new StreamTurn({ ...turn, lane: this, model: this.#model });
    this.#turns.push(joined);
    this.pump();
    return joined;
  }

  /** Hands over what the ring holds; called at each frame, does nothing until a chunk is full. */
  pump(): void {
    if (this.#state !== 'open' || !this.#stream) return;
    try {
      for (let turn = this.#feeding(); turn; turn = this.#feeding()) {
        if (!this.#feed.pump(turn, this.#stream)) return;
        this.#finalize(turn, this.#stream);
      }
    } catch (error) {
      this.fail(toProviderError(error));
    }
  }

  /** Not when its session is nearly over: then a new stream has to take over at the end of the utterance. */
  mayContinue(turn: StreamTurn): boolean {
    return this.#state === 'open' && !this.#isOld && this.#turns.includes(turn);
  }

  replace(turn: StreamTurn, rest: StreamTurn): void {
    this.#turns[this.#turns.indexOf(turn)] = rest;
    this.bill(turn);
  }

  /** Gives the stream up: every utterance on it fails over. */
  fail(error: ProviderError): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    const turns = this.#turns;
    this.#turns = [];
    this.bill(turns[0]);
    for (const turn of turns) turn.onFail(error);
    this.#life.abort(error);
    void this.#release();
  }

  /** Ends it in good order; what is unanswered fails. Never throws, bounded. */
  close(): Promise<void> {
    if (this.#state === 'connecting' || this.#turns.length > 0) this.fail(abortedError());
    if (this.#state === 'open') this.#state = 'closing';
    return this.#release();
  }

  get #isOld(): boolean {
    const { maxSessionMs } = this.#capabilities;
    const margin = Math.min(LONGEST_UTTERANCE_MS, maxSessionMs / 4);
    return maxSessionMs > 0 && this.clock.now() - this.#bornMs + margin > maxSessionMs;
  }

  /** Utterances already on it are answered; no other may join. */
  #retire(): void {
    this.#isRetired = true;
    if (this.#turns.length === 0) void this.close();
  }

  async #open(): Promise<void> {
    try {
      const stream = await this.#connection.open(this.deadlines.connectMs);
      // Given up while the connection was on its way.
      if (this.#life.signal.aborted) return void closeQuietly(stream);
      this.#stream = stream;
      this.#billedMs = this.clock.now();
      this.#state = 'open';
      void this.#consume(stream);
      this.pump();
      this.#restIfIdle();
    } catch (error) {
      this.fail(toProviderError(error));
    }
  }

  async #consume(stream: SttStream): Promise<void> {
    try {
      for await (const event of stream) {
        // Late: every utterance it had is somebody else's by now.
        if (this.#state === 'gone') return;
        this.#onEvent(event);
      }
      this.#onOver();
    } catch (error) {
      this.fail(toProviderError(error));
    }
  }

  #onEvent(event: SttEvent): void {
    const turn = this.#turns[0];
    if (event.type === 'done') this.#onDone(event.marker);
    else if (event.type === 'usage') {
      const usage = usageFrom(event.usage) ?? [];
      this.#feed.billed(usage);
      turn?.onUsage(usage);
    } else if (turn && turn.cursor > 0) {
      if (event.type === 'partial') turn.onPartial(textOf(event.text));
      else if (event.type === 'final') turn.onFinal(finalFrom(event));
    }
  }

  /** One marker answers everything pushed before it. */
  #onDone(marker: number): void {
    for (;;) {
      const turn = this.#turns[0];
      if (!turn?.isFinalized || turn.marker > marker) break;
      this.#turns.shift();
      this.bill(turn);
      turn.onDone();
    }
    this.#restIfIdle();
  }

  /** The vendor closed. With `finalize: 'none'` that is how it says "done". */
  #onOver(): void {
    const turn = this.#turns[0];
    if (this.#capabilities.finalize === 'none' && turn?.isFinalized) {
      this.#turns.shift();
      this.bill(turn);
      turn.onDone();
    }
    this.fail(new ProviderError({ code: 'connection', message: 'o fornecedor fechou a conexão' }));
  }

  /** Called at each frame: a plain loop, nothing allocated. */
  #feeding(): StreamTurn | undefined {
    for (const turn of this.#turns) {
      if (turn.isFinalized) continue;
      if (!turn.isDropped || turn.cursor > 0) return turn;
      // Nothing of it was said to the vendor: as if it had never come.
      this.#turns = this.#turns.filter((each) => each !== turn);
      this.#restIfIdle();
    }
    return undefined;
  }

  #finalize(turn: StreamTurn, stream: SttStream): void {
    turn.finalized();
    if (this.#capabilities.finalize !== 'none') stream.finalize(turn.marker);
    else stream.close().catch((error: unknown) => this.fail(toProviderError(error)));
  }

  /** Where the plugin does not bill by itself, the audio it was given since the last bill goes to this utterance. */
  bill(turn: StreamTurn | undefined): void {
    const samples = this.#feed.takeUnbilled();
    const openMs = this.clock.now() - this.#billedMs;
    this.#billedMs = this.clock.now();
    if (!turn || turn.hasUsage) return;
    if (this.#capabilities.billing === 'audio') {
      turn.onUsage(audioUsage(this.#capabilities, this.#model, samples, CORE_SAMPLE_RATE_HZ));
    } else if (this.#stream) {
      turn.onUsage([{ unit: 'second', quantity: openMs / 1000, of: 'audio_in', model: this.#model }]);
    }
  }

  #restIfIdle(): void {
    if (this.#turns.length > 0 || this.#state !== 'open') return;
    this.#cancelIdle();
    if (this.#idleMs === 0 || this.#isRetired) void this.close();
    else this.#cancelIdle = this.clock.after(this.#idleMs, () => void this.close());
  }

  #release(): Promise<void> {
    this.#closed ??= this.#dispose();
    return this.#closed;
  }

  async #dispose(): Promise<void> {
    this.#cancelIdle();
    this.#onGone(this);
    if (this.#stream) await closeBounded(this.clock, this.#stream);
    this.#state = 'gone';
    this.#life.abort();
    this.#connection.release();
  }
}

/** Quiet costs money, or the vendor ends a quiet stream by itself, or it carries one utterance only. */
function closesAtOnce({ billing, idle, finalize }: SttCapabilities): boolean {
  return billing === 'session' || idle === 'close' || finalize === 'none';
}
