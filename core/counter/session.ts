import { randomUUID } from 'node:crypto';
import type { EarListener, Utterance, UtteranceStart } from '../audio/types.ts';
import { ConversationContext } from '../pharmacy/context.ts';
import type { SttOutcome } from '../runtime/types.ts';
import type { CounterConfig, SessionDeps, Transcriber, UtteranceFeed } from './deps.ts';
import { factsOf } from './facts.ts';
import { Listening } from './listening.ts';
import { SpokenOrder } from './order.ts';
import { type RowOrigin, usageEntries, utteranceRow } from './row.ts';
import { effectiveVad } from './settings.ts';
import { storeShadow } from './shadow.ts';
import { TextReader } from './text.ts';
import { rowReference, Turns } from './turn.ts';
import type { CounterIdentity, CounterSession, CounterTransport, Handshake } from './types.ts';

/** An utterance with what its vendors made of it. */
interface Heard {
  utterance: Utterance;
  outcome: SttOutcome;
}

const SAMPLES_PER_MS = 16;

/**
 * One counter's conversation, in the order things happen: bytes → samples → utterances → text → context → card.
 * Nothing here waits on the audio path; what waits (vendors, disk) comes back through {@link SpokenOrder}.
 */
export class Conversation implements CounterSession {
  readonly sessionId = randomUUID();
  readonly #deps: SessionDeps;
  readonly #seen: { sessionId: string; counterId: string; clientId: string };
  readonly #origin: RowOrigin;
  readonly #listening: Listening;
  readonly #config: CounterConfig;
  readonly #transcriber: Transcriber;
  readonly #feeds = new Map<number, UtteranceFeed>();
  readonly #order: SpokenOrder<Heard>;
  readonly #reader: TextReader;
  readonly #context = new ConversationContext();
  readonly #turns: Turns;
  /** Answers and rows still under way; bounded by the runtime's utterances in flight. */
  readonly #underWay = new Set<Promise<void>>();
  /** `fim`s, one after the other; apart from `#underWay`, which each of them waits for. */
  #flushing: Promise<void> = Promise.resolve();
  #ended: Promise<void> | null = null;

  constructor(deps: SessionDeps, identity: CounterIdentity, handshake: Handshake, transport: CounterTransport) {
    this.#deps = deps;
    this.#seen = { sessionId: this.sessionId, counterId: identity.counterId, clientId: identity.clientId };
    const vadAggressiveness = deps.vad.instance.aggressiveness ?? null;
    this.#origin = { ...this.#seen, vadAggressiveness };
    const settingsOf = ({ clientVad, presetVad }: Pick<CounterIdentity, 'clientVad' | 'presetVad'>) =>
      effectiveVad(deps.environmentVad, clientVad, handshake.vad, presetVad);
    this.#listening = new Listening({
      deps,
      settings: settingsOf(identity),
      declared: handshake.audio,
      listener: this.#listener(),
      transport,
      place: null,
      onFormat: (format) => deps.observer.emit('format', { ...this.#seen, format }),
    });
    this.#config = deps.follow(identity, (tuning) => this.#listening.update(settingsOf(tuning)));
    this.#transcriber = deps.createTranscriber(this.#config, {
      partial: (segment, text) => deps.observer.emit('partial', { ...this.#seen, segment, text }),
    });
    this.#order = new SpokenOrder<Heard>({
      clock: deps.clock,
      holdMs: deps.options.orderWaitMs,
      apply: (heard, late) => this.#background(this.#apply(heard, late)),
    });
    this.#reader = new TextReader(deps.filters(identity.clientId), deps.options.simulated);
    this.#turns = new Turns({
      deps,
      origin: this.#origin,
      context: this.#context,
      transport,
      protocol: handshake.protocol,
    });
    deps.observer.emit('opened', this.#seen);
  }

  /** 1. Bytes → samples → utterances. */
  audio(bytes: Uint8Array): void {
    if (!this.#ended) this.#listening.audio(bytes);
  }

  command(message: Record<string, unknown>): void {
    if (this.#ended) return;
    if (message['comando'] === 'pausar') this.#listening.pause();
    else if (message['comando'] === 'retomar') this.#resume();
    else if (message['comando'] === 'fim') this.#flushing = this.#guarded(this.#flushing.then(() => this.#flush()));
  }

  end(why: 'disconnect' | 'client_end' | 'drain'): Promise<void> {
    // A counter that is gone can wait until a vendor is back; a process that ends cannot.
    if (why === 'drain') this.#transcriber.finish();
    this.#ended ??= this.#finish(why);
    return this.#ended;
  }

  /** 2. Samples → utterances: what the ear tells, it tells here, synchronously and in order. */
  #listener(): EarListener {
    return {
      start: (start) => this.#begin(start),
      audio: (segment, pcm) => this.#feeds.get(segment)?.push(pcm),
      cancel: (segment) => {
        this.#feeds.get(segment)?.cancel();
        this.#feeds.delete(segment);
      },
      end: (utterance) => this.#complete(utterance),
      degraded: (what, by, cause) => {
        this.#deps.log.warn({ ...this.#seen, what, by, cause }, 'a provider of the ear failed and was replaced');
        this.#deps.observer.emit('degraded', { ...this.#seen, what, by });
      },
      recovered: (what) => {
        this.#deps.log.info({ ...this.#seen, what }, 'a provider of the ear is in use again');
        this.#deps.observer.emit('recovered', { ...this.#seen, what });
      },
    };
  }

  #begin(start: UtteranceStart): { mode: 'segment' | 'stream' } {
    const { mode, feed } = this.#transcriber.begin(start.segment);
    this.#feeds.set(start.segment, feed);
    return { mode };
  }

  /** 3. Utterance → text: transcribed side by side, applied in the order spoken. */
  #complete(utterance: Utterance): void {
    const feed = this.#feeds.get(utterance.segment);
    this.#feeds.delete(utterance.segment);
    if (!feed) return;
    this.#order.expect(utterance.segment);
    const answer = feed.end(factsOf(utterance));
    this.#background(answer.then((outcome) => this.#order.answer(utterance.segment, { utterance, outcome })));
  }

  /** 4. Text → row and context. The row is in the journal before the context may ask a model about it. */
  async #apply(heard: Heard, late: boolean): Promise<void> {
    const { utterance, outcome } = heard;
    const read = this.#reader.read(utterance, outcome);
    const id = this.#deps.nextId();
    const now = this.#deps.clock.now();
    const row = utteranceRow(id, this.#origin, heard, read, this.#deps.load.last);
    const usage = usageEntries(
      this.#origin,
      id,
      'stt',
      outcome.attempts,
      this.#deps.clock.date(),
      row.idempotencyKey,
      this.#deps.prices,
    );
    const written = this.#deps.append({ type: 'interaction', interaction: row, usage });
    void this.#guarded(storeShadow(this.#deps, this.#origin, row, outcome));
    this.#deps.observer.emit('utterance', {
      ...this.#seen,
      segment: utterance.segment,
      interactionId: id,
      text: read.text,
      rules: read.rules,
      utterance,
      outcome,
    });
    if (outcome.status === 'lost') this.#lost(utterance.segment, outcome.lostMs);
    await written;
    this.#turns.remember(rowReference(row, heard, read.filters, now));
    if (read.text !== '' && this.#gather(utterance, read.text, late, now)) this.#turns.start();
    this.#turns.arm();
  }

  /** 5. Context: whether the model is asked now. A late utterance joins the history and triggers nothing. */
  #gather(utterance: Utterance, text: string, late: boolean, now: number): boolean {
    const said = {
      segment: utterance.segment,
      text,
      startMs: utterance.startSample / SAMPLES_PER_MS,
      endMs: utterance.speechEndSample / SAMPLES_PER_MS,
    };
    if (late) {
      this.#context.addLate(said);
      return false;
    }
    return this.#context.apply(said, now).action === 'send';
  }

  #lost(segment: number, lostMs: number): void {
    this.#deps.log.error({ ...this.#seen, segment, lostMs }, 'audio lost: no candidate answered within the bounds');
    this.#deps.observer.emit('lost', { ...this.#seen, segment, lostMs });
  }

  #resume(): void {
    const droppedBytes = this.#listening.resume();
    if (droppedBytes > 0) this.#deps.log.info({ ...this.#seen, droppedBytes }, 'listening resumed');
  }

  /** `fim`: what was heard so far is finished and answered; the connection stays. */
  async #flush(): Promise<void> {
    await this.#listening.flush('client_end');
    await this.#settled();
    await this.#turns.flush();
  }

  /** Finishes, transcribes and stores; the model is not called for a counter that is gone. */
  async #finish(why: 'disconnect' | 'client_end' | 'drain'): Promise<void> {
    if (why === 'disconnect') this.#turns.leave();
    await this.#listening.end(why === 'client_end' ? 'client_end' : 'disconnect');
    await this.#settled();
    this.#order.close();
    await this.#settled();
    if (why !== 'disconnect') await this.#turns.flush();
    await this.#turns.close();
    await this.#flushing;
    await this.#transcriber.close();
    this.#config.leave();
    this.#listening.close();
    this.#deps.observer.emit('closed', this.#seen);
  }

  async #settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Work that nobody awaits here. */
  #background(work: Promise<void>): void {
    const tracked = this.#guarded(work).finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
  }

  /** Its failure is logged once, by code, and never takes the process down. */
  #guarded(work: Promise<void>): Promise<void> {
    return work.catch((error: unknown) => {
      const code = (error as { code?: unknown } | null)?.code;
      this.#deps.log.error({ ...this.#seen, code: typeof code === 'string' ? code : 'unknown' }, 'session work failed');
    });
  }
}
