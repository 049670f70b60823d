import { randomUUID } from 'node:crypto';
import type { EarListener, Utterance, UtteranceStart } from '../audio/types.ts';
import type { SttOutcome } from '../runtime/types.ts';
import { storeAfterwards } from './afterwards.ts';
import type { CounterConfig, SessionDeps, Transcriber, UtteranceFeed } from './deps.ts';
import { type DeviceNews, NO_NEWS, WireNews } from './device-news.ts';
import { Dialogue, type Heard } from './dialogue.ts';
import { factsOf } from './facts.ts';
import { Listening } from './listening.ts';
import { SpokenOrder } from './order.ts';
import type { RowOrigin } from './row.ts';
import { type ConversationOptions, DEVICE_KEEPS_MS, type SavedConversation } from './saved-conversation.ts';
import { effectiveVad } from './settings.ts';
import { StateTeller } from './state-teller.ts';
import { StreamPlace } from './stream-place.ts';
import type { CounterIdentity, CounterSession, CounterTransport, Handshake } from './types.ts';
import { UnderWay } from './under-way.ts';

/**
 * One counter's conversation, in the order things happen: bytes → samples → utterances → text → context → card.
 * Nothing here waits on the audio path; what waits (vendors, disk) comes back through {@link SpokenOrder}.
 */
export class Conversation implements CounterSession {
  readonly sessionId: string;
  readonly news: DeviceNews;
  readonly #deps: SessionDeps;
  readonly #seen: { sessionId: string; counterId: string; clientId: string };
  readonly #origin: RowOrigin;
  /** What of the stream is stored; null where it ends with its connection. */
  readonly #place: StreamPlace | null;
  readonly #listening: Listening;
  readonly #config: CounterConfig;
  readonly #transcriber: Transcriber;
  readonly #feeds = new Map<number, UtteranceFeed>();
  readonly #state: StateTeller;
  readonly #order: SpokenOrder<Heard>;
  readonly #dialogue: Dialogue;
  readonly #onChange: (isCard: boolean) => void;
  /** Answers and rows still under way; bounded by the runtime's utterances in flight. */
  readonly #underWay = new UnderWay((code) => this.#deps.log.error({ ...this.#seen, code }, 'session work failed'));
  /** `fim`s, one after the other; apart from `#underWay`, which each of them waits for. */
  #flushing: Promise<void> = Promise.resolve();
  #ended: Promise<void> | null = null;
  #isAbandoned = false;

  constructor(
    deps: SessionDeps,
    identity: CounterIdentity,
    handshake: Handshake,
    transport: CounterTransport,
    { saved, onChange = () => {} }: ConversationOptions = {},
  ) {
    const { protocol } = handshake;
    this.#deps = deps;
    this.sessionId = saved?.sessionId ?? randomUUID();
    this.#seen = { sessionId: this.sessionId, counterId: identity.counterId, clientId: identity.clientId };
    this.news = protocol === 2 ? new WireNews(transport) : NO_NEWS;
    this.#place = protocol === 2 ? new StreamPlace(handshake.audio, saved?.place) : null;
    const settingsOf = ({ clientVad, presetVad }: Pick<CounterIdentity, 'clientVad' | 'presetVad'>) =>
      effectiveVad(deps.environmentVad, clientVad, handshake.vad, presetVad);
    const from = { isPaused: this.#place?.isPaused ?? false, isAway: saved !== undefined };
    this.#state = new StateTeller(from, (state) => deps.observer.emit('state', { ...this.#seen, state }));
    this.#config = deps.follow(identity, (tuning) => this.#listening.update(settingsOf(tuning)));
    const { ear } = this.#config;
    this.#origin = { ...this.#seen, vadAggressiveness: ear.vad.instance.aggressiveness ?? null };
    this.#listening = new Listening({
      deps,
      ear,
      settings: settingsOf(identity),
      declared: handshake.audio,
      listener: this.#listener(),
      meter: deps.observer.levels.open(identity.counterId),
      transport,
      place: this.#place,
      onFormat: (format) => deps.observer.emit('format', { ...this.#seen, format }),
    });
    this.#transcriber = deps.createTranscriber(this.#config, {
      partial: (segment, text) => this.#partial(segment, text),
      finalThrough: (segment, cut) => this.#listening.split(segment, cut),
    });
    this.#order = new SpokenOrder<Heard>({
      clock: deps.clock,
      holdMs: deps.options.orderWaitMs,
      apply: (heard, late) => this.#underWay.add(this.#apply(heard, late)),
    });
    this.#onChange = onChange;
    const told = { transport, protocol, news: this.news, onCard: () => onChange(true) };
    this.#dialogue = new Dialogue({ deps, origin: this.#origin, ...told });
    if (saved) this.#dialogue.restore(saved.dialogue);
    deps.observer.emit('opened', { ...this.#seen, counterName: identity.counterName, protocol });
    this.#state.look();
  }

  /** Bytes of the stream received. */
  get bytes(): number {
    return this.#listening.bytes;
  }

  /** Audio time received, in milliseconds. */
  get heardMs(): number {
    return this.#listening.heardMs;
  }

  /** The configuration in force now. */
  get configVersion(): number {
    return this.#config.effective().version;
  }

  /** Addresses that this counter's utterances and questions may go to. */
  uses(kind: string, address: string): boolean {
    const configured = this.#config.effective().configured as Record<string, readonly { address: string }[]>;
    return configured[kind]?.some((each) => each.address === address) ?? false;
  }

  /** 1. Bytes → samples → utterances. */
  audio(bytes: Uint8Array): void {
    if (!this.#ended) this.#listening.audio(bytes);
  }

  command(message: Record<string, unknown>): void {
    if (this.#ended) return;
    const { comando } = message;
    if (comando === 'pausar') this.#pause();
    else if (comando === 'retomar') this.#resume();
    else if (comando === 'fim') this.#flushing = this.#underWay.guarded(this.#flushing.then(() => this.#flush()));
    else if (comando === 'recebido') this.#dialogue.cards.received(Number(message['interactionId']));
  }

  end(why: 'disconnect' | 'client_end' | 'drain'): Promise<void> {
    // A counter that is gone can wait until a vendor is back; a process that ends cannot.
    if (why === 'drain') this.#transcriber.finish();
    this.#ended ??= this.#finish(why);
    return this.#ended;
  }

  /** The connection broke, and the device may come back: nothing is said meanwhile, and nothing is over. */
  leave(): void {
    if (this.#ended) return;
    this.#listening.leave();
    this.#state.away(true);
  }

  /** A connection is there again. `missed`: bytes that its device has lost meanwhile. */
  comeBack(missed: number): void {
    if (this.#ended) return;
    if (missed > 0) this.#lost(0, this.bytes > 0 ? (missed * this.heardMs) / this.bytes : 0);
    this.#listening.comeBack(missed);
    this.#state.away(false);
    this.news.repeat();
    this.#dialogue.repeat();
  }

  /** All that another process needs, as of this moment; null: there is nothing to go on with. */
  save(): SavedConversation | null {
    const place = this.#listening.save(DEVICE_KEEPS_MS);
    return place && { sessionId: this.sessionId, place, dialogue: this.#dialogue.save() };
  }

  /**
   * Another process goes on. With `patience` what is being answered is waited for; then nothing more is heard, asked or
   * written here, and what is not stored is given up: it will be heard again. Resolves with the last state.
   */
  async handOver(patience: Promise<unknown>): Promise<SavedConversation | null> {
    if (this.#ended) return null;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#ended = promise;
    this.#listening.stop();
    await Promise.race([this.#underWay.settled(), patience]);
    this.#isAbandoned = true;
    await this.#dialogue.abandon();
    const saved = this.save();
    for (const feed of this.#feeds.values()) feed.cancel();
    this.#feeds.clear();
    this.#order.close();
    await this.#letGo();
    resolve();
    return saved;
  }

  /** 2. Samples → utterances: what the ear tells, it tells here, synchronously and in order. */
  #listener(): EarListener {
    return {
      start: (start) => this.#begin(start),
      audio: (segment, pcm) => this.#feeds.get(segment)?.push(pcm),
      cancel: (segment) => {
        this.#feeds.get(segment)?.cancel();
        this.#feeds.delete(segment);
        this.#place?.ledger.cancel(segment);
        this.#state.ended(segment);
      },
      end: (utterance) => this.#complete(utterance),
      degraded: (what, by, cause) => {
        this.#deps.log.warn({ ...this.#seen, what, by, cause }, 'a provider of the ear failed and was replaced');
        this.#deps.observer.emit('degraded', { ...this.#seen, what, by });
        this.news.provider({ kind: what, address: what, what: 'degraded' });
      },
      recovered: (what) => {
        this.#deps.log.info({ ...this.#seen, what }, 'a provider of the ear is in use again');
        this.#deps.observer.emit('recovered', { ...this.#seen, what });
      },
    };
  }

  #begin({ segment, startSample, overlapsPrevious }: UtteranceStart): { mode: 'segment' | 'stream' } {
    const { mode, feed } = this.#transcriber.begin(segment);
    this.#feeds.set(segment, feed);
    this.#place?.ledger.begin(segment, startSample, overlapsPrevious);
    this.#state.began(segment);
    return { mode };
  }

  #partial(segment: number, text: string): void {
    const masked = this.#dialogue.partial(text);
    this.#deps.observer.emit('partial', { ...this.#seen, segment, text: masked });
    this.news.partial(segment, masked);
  }

  /** 3. Utterance → text: transcribed side by side, applied in the order spoken. */
  #complete(utterance: Utterance): void {
    const { segment } = utterance;
    this.#state.ended(segment);
    const feed = this.#feeds.get(segment);
    if (!feed) return;
    const lateMs = this.#listening.lateness.behindMs;
    this.#place?.ledger.end(segment, utterance.endSample);
    this.#order.expect(segment);
    const answered = (outcome: SttOutcome) => {
      this.#feeds.delete(segment);
      if (!this.#isAbandoned) this.#order.answer(segment, { utterance, outcome, lateMs });
    };
    this.#underWay.add(feed.end(factsOf(utterance), utterance).then(answered));
  }

  /** 4. and 5. Text → row → context → card. */
  async #apply(heard: Heard, late: boolean): Promise<void> {
    const { utterance, outcome } = heard;
    const { segment } = utterance;
    const now = this.#deps.clock.now();
    try {
      const writing = this.#dialogue.write(heard);
      if (outcome.status === 'lost') this.#lost(segment, outcome.lostMs);
      else this.news.lost(0);
      const written = await writing;
      void this.#underWay.guarded(storeAfterwards(this.#deps, this.#origin, written.row, written.outcome));
      this.#dialogue.take(heard, written, late, now);
      this.#place?.ledger.stored(segment);
      this.#onChange(false);
    } catch (error) {
      this.#place?.ledger.failed(segment);
      throw error;
    }
  }

  #lost(segment: number, lostMs: number): void {
    this.#deps.log.error({ ...this.#seen, segment, lostMs }, 'audio lost');
    this.#deps.observer.emit('lost', { ...this.#seen, segment, lostMs });
    this.news.lost(lostMs);
  }

  #pause(): void {
    this.#listening.pause();
    this.#state.paused(true);
    this.news.listening(true);
  }

  #resume(): void {
    const droppedBytes = this.#listening.resume();
    this.#state.paused(false);
    if (droppedBytes > 0) this.#deps.log.info({ ...this.#seen, droppedBytes }, 'listening resumed');
    this.news.listening(false);
  }

  /** `fim`: what was heard so far is finished and answered; the connection stays. */
  async #flush(): Promise<void> {
    await this.#listening.flush('client_end');
    await this.#underWay.settled();
    await this.#dialogue.flush();
  }

  /** Finishes, transcribes and stores; the model is not called for a counter that is gone. */
  async #finish(why: 'disconnect' | 'client_end' | 'drain'): Promise<void> {
    if (why === 'disconnect') this.#dialogue.leave();
    await this.#listening.end(why === 'client_end' ? 'client_end' : 'disconnect');
    await this.#underWay.settled();
    this.#order.close();
    await this.#underWay.settled();
    if (why !== 'disconnect') await this.#dialogue.flush();
    await this.#dialogue.close();
    await this.#flushing;
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    await this.#transcriber.close();
    this.#config.leave();
    this.#listening.close();
    this.#deps.observer.emit('closed', this.#seen);
  }
}
