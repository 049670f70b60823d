import type { Utterance } from '../audio/types.ts';
import { ConversationContext, type SavedContext } from '../pharmacy/context.ts';
import type { SttOutcome } from '../runtime/types.ts';
import type { Interaction } from '../store/interaction.ts';
import { Cards, type PendingCard } from './cards.ts';
import type { SessionDeps } from './deps.ts';
import type { DeviceNews } from './device-news.ts';
import { doubtfulWords } from './doubtful.ts';
import { type RowOrigin, usageEntries, utteranceRow } from './row.ts';
import { clockPair, restoreRow, rowReference, type SavedRow, saveRow } from './row-reference.ts';
import { maskedOutcome, type PreviousText, TextReader } from './text.ts';
import { Turns } from './turn.ts';
import type { CounterTransport } from './types.ts';

/** An utterance with what its vendors made of it. */
export interface Heard {
  utterance: Utterance;
  outcome: SttOutcome;
  /** Milliseconds between its being said and its arrival, beyond the usual. */
  lateMs: number;
}

/** An utterance in the journal. */
export interface Written {
  row: Interaction;
  text: string;
  filters: unknown;
  /** Masked, the second provider's answer too. */
  outcome: SttOutcome;
}

/** What was said so far as plain data, for another process to go on with. It holds people's words. */
export interface SavedDialogue {
  /** Wall clock, in milliseconds. */
  savedAtMs: number;
  previous: PreviousText;
  context: SavedContext;
  /** Of the utterances that wait to be sent to the model. */
  rows: SavedRow[];
  cards: PendingCard[];
}

const SAMPLES_PER_MS = 16;

/**
 * The last steps of a conversation: text → row → context → model → card. The row is in the journal before the context
 * may ask a model about it.
 */
export class Dialogue {
  readonly cards: Cards;
  readonly #deps: SessionDeps;
  readonly #origin: RowOrigin;
  readonly #news: DeviceNews;
  readonly #reader: TextReader;
  readonly #context = new ConversationContext();
  readonly #turns: Turns;
  /** Notes of cards that were sent late, on their way to the journal. */
  #notes: Promise<void> = Promise.resolve();

  constructor(options: {
    deps: SessionDeps;
    origin: RowOrigin;
    transport: CounterTransport;
    protocol: 1 | 2;
    news: DeviceNews;
    /** A card is on its way, or has arrived. */
    onCard(): void;
  }) {
    const { deps, origin, transport, protocol } = options;
    this.#deps = deps;
    this.#origin = origin;
    this.#news = options.news;
    this.#reader = new TextReader(deps.filters(origin.clientId), deps.options.simulated, deps.masker(origin.clientId));
    this.cards = new Cards({
      transport,
      protocol,
      clock: deps.clock,
      maxAgeMs: deps.options.cardMaxAgeMs,
      onChange: options.onCard,
      onLateSent: (interactionId) => this.#sentLate(interactionId),
    });
    this.#turns = new Turns({ deps, origin, context: this.#context, cards: this.cards, protocol });
  }

  /** A part of what is being said, with nothing in it that tells people apart. */
  partial(text: string): string {
    return this.#reader.partial(text);
  }

  /** 4. Text → row. Resolves with it, and with what was heard as it may be kept, once it is in the journal. */
  async write({ utterance, outcome: heardAs, lateMs }: Heard): Promise<Written> {
    const read = this.#reader.read(utterance, heardAs);
    const outcome = maskedOutcome(heardAs, read.mask);
    const heard = { utterance, outcome, lateMs };
    const id = this.#deps.nextId();
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
    const { sessionId, counterId, clientId } = this.#origin;
    const seen = { sessionId, counterId, clientId, segment: utterance.segment };
    this.#deps.observer.emit('utterance', {
      ...seen,
      interactionId: id,
      text: read.text,
      rules: read.rules,
      utterance,
      outcome,
    });
    this.#news.final(utterance.segment, read.text, outcome.voice?.found?.employee?.name ?? speakerOf(outcome));
    await written;
    return { row, text: read.text, filters: read.filters, outcome };
  }

  /** 5. Context: whether the model is asked now. A late utterance joins the history and triggers nothing. */
  take(heard: Heard, written: Written, late: boolean, now: number): void {
    this.#turns.remember(rowReference(written.row, heard, written.filters, now));
    if (written.text !== '' && this.#gather(heard, written.text, late, now)) this.#turns.start();
    this.#turns.arm();
  }

  /** Whatever waits is answered now. */
  flush(): Promise<void> {
    return this.#turns.flush();
  }

  /** The counter is gone: the model is not called again. */
  leave(): void {
    this.#turns.leave();
  }

  /** Waits for the call under way; after this nothing is written any more. */
  async close(): Promise<void> {
    await this.#turns.close();
    await this.#notes;
  }

  /** Another process goes on: see {@link Turns.abandon}. */
  async abandon(): Promise<void> {
    await this.#turns.abandon();
    await this.#notes;
  }

  /** A connection is there again. */
  repeat(): void {
    this.cards.repeat(this.#context.conversation);
  }

  save(): SavedDialogue {
    const clock = clockPair(this.#deps.clock);
    const context = this.#context.save(clock.nowMs);
    const rows = this.#turns.rowsOf(context.waiting.map(({ segment }) => segment));
    return {
      savedAtMs: clock.wallMs,
      previous: this.#reader.previous,
      context,
      rows: rows.map((row) => saveRow(row, clock)),
      cards: this.cards.pending,
    };
  }

  /** Goes on where another process stopped. */
  restore(saved: SavedDialogue): void {
    const clock = clockPair(this.#deps.clock);
    this.#reader.previous = saved.previous;
    this.#context.restore(saved.context, clock.nowMs, Math.max(0, clock.wallMs - saved.savedAtMs));
    for (const row of saved.rows) this.#turns.remember(restoreRow(row, clock));
    this.cards.restore(saved.cards);
    this.#turns.arm();
  }

  #gather({ utterance, outcome }: Heard, text: string, late: boolean, now: number): boolean {
    const said = {
      segment: utterance.segment,
      text,
      startMs: utterance.startSample / SAMPLES_PER_MS,
      endMs: utterance.speechEndSample / SAMPLES_PER_MS,
      doubtful: doubtfulWords(outcome.transcript, text),
    };
    if (late) {
      this.#context.addLate(said);
      return false;
    }
    return this.#context.apply(said, now).action === 'send';
  }

  #sentLate(interactionId: number): void {
    const note = this.#deps
      .append({ type: 'sent', interactionId, at: this.#deps.clock.date() })
      .catch((error: unknown) =>
        this.#deps.log.error({ code: (error as { code?: unknown }).code }, 'that a card was sent was not stored'),
      );
    this.#notes = this.#notes.then(() => note);
  }
}

/** Who spoke, where one voice did and its label holds for the whole session; else nobody. */
function speakerOf({ transcript }: SttOutcome): string | null {
  if (transcript?.speakerScope !== 'session') return null;
  const speakers = new Set(transcript.words?.map(({ speaker }) => speaker));
  const [speaker] = speakers;
  return speakers.size === 1 && speaker ? speaker : null;
}
