import { cardMessage, recommendationText } from '../pharmacy/card.ts';
import type { ConversationContext, Taken } from '../pharmacy/context.ts';
import type { Recommendation } from '../pharmacy/recommend.ts';
import type { Interaction } from '../store/interaction.ts';
import type { Cards } from './cards.ts';
import type { SessionDeps } from './deps.ts';
import { mockStatus } from './mock.ts';
import type { CardSeen, Waterfall } from './observer.ts';
import { later, type RowOrigin, usageEntries } from './row.ts';
import type { RowReference } from './row-reference.ts';

/** When a turn began, and when its answer was there. */
interface Answered {
  startedMs: number;
  startedAt: Date;
  answeredMs: number;
}

/** Rows a context can still name; older ones can be in no send. */
const REMEMBERED_ROWS = 200;

/**
 * The model's turn: takes what the context gathered, asks, writes the result into the newest row, sends the card.
 * At most one at a time per counter; text that comes meanwhile waits in the context.
 */
export class Turns {
  readonly #deps: SessionDeps;
  readonly #origin: RowOrigin;
  readonly #context: ConversationContext;
  readonly #cards: Cards;
  readonly #protocol: 1 | 2;
  readonly #rows = new Map<number, RowReference>();
  readonly #aborted = new AbortController();
  #gone = false;
  #isAbandoned = false;
  #running: Promise<void> | null = null;
  /** An answer on its way into the row and to the device. */
  #answering: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | undefined;

  constructor(options: {
    deps: SessionDeps;
    origin: RowOrigin;
    context: ConversationContext;
    cards: Cards;
    protocol: 1 | 2;
  }) {
    this.#deps = options.deps;
    this.#origin = options.origin;
    this.#context = options.context;
    this.#cards = options.cards;
    this.#protocol = options.protocol;
  }

  /** The row of a segment is in the journal. */
  remember(row: RowReference): void {
    this.#rows.set(row.segment, row);
    if (this.#rows.size > REMEMBERED_ROWS) {
      const oldest = this.#rows.keys().next().value;
      if (oldest !== undefined) this.#rows.delete(oldest);
    }
  }

  /** Rows of these segments, as far as they are remembered. */
  rowsOf(segments: readonly number[]): RowReference[] {
    return segments.flatMap((segment) => this.#rows.get(segment) ?? []);
  }

  /** The context said "send". */
  start(): void {
    if (this.#running || this.#gone || this.#deps.options.neverRecommend) return;
    const taken = this.#context.take(this.#deps.clock.now());
    if (!taken) return;
    this.#running = this.#run(taken)
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#running = null;
        this.#context.release();
        this.arm();
      });
  }

  /** Text may wait: sends it when its time comes. One timer, re-armed after each change of the context. */
  arm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const due = this.#context.dueAtMs();
    if (due === null || this.#running || this.#gone) return;
    const now = this.#deps.clock.now();
    this.#cancelTimer = this.#deps.clock.after(Math.max(0, due - now), () => {
      this.#cancelTimer = undefined;
      if (this.#context.onTimer(this.#deps.clock.now()).action === 'send') this.start();
      else this.arm();
    });
  }

  /** `fim`: whatever waits is answered now. */
  async flush(): Promise<void> {
    await this.#running;
    this.start();
    await this.#running;
  }

  /** The counter is gone: the model is not called again. A call under way ends, and its card is stored unsent. */
  leave(): void {
    this.#gone = true;
    this.#cancelTimer?.();
  }

  /** Waits for the call under way; after this nothing is written any more. */
  async close(): Promise<void> {
    this.leave();
    await this.#running;
    this.#aborted.abort();
  }

  /** Another process goes on: nothing more is asked or written here, but what is being written this moment. */
  async abandon(): Promise<void> {
    this.leave();
    this.#isAbandoned = true;
    await this.#answering;
    this.#aborted.abort();
  }

  async #run(taken: Taken): Promise<void> {
    const row = this.#rows.get(taken.segments.at(-1) ?? -1);
    if (!row) return;
    const startedMs = this.#deps.clock.now();
    const startedAt = this.#deps.clock.date();
    const recommendation = await this.#deps.recommend({
      clientId: this.#origin.clientId,
      counterId: this.#origin.counterId,
      text: taken.text,
      history: taken.history,
      doubtful: taken.doubtful,
      signal: this.#aborted.signal,
    });
    if (this.#isAbandoned) return;
    const at = { startedMs, startedAt, answeredMs: this.#deps.clock.now() };
    const answering = this.#answer(taken, recommendation, row, at);
    this.#answering = answering.catch(() => {}); // its failure is told by who waits for it
    await answering;
  }

  /** Writes the result into the row, then sends the card: what cannot be stored is not sent. */
  async #answer(taken: Taken, recommendation: Recommendation, row: RowReference, at: Answered): Promise<void> {
    const { interactionId } = row;
    const card = cardMessage(recommendation, { interactionId, baseText: taken.text, protocol: this.#protocol });
    const fields = this.#fields(taken, recommendation, row);
    const gate = gateColumn(taken, recommendation, row.filters);
    const usage = usageEntries(
      this.#origin,
      interactionId,
      'llm',
      recommendation.attempts,
      this.#deps.clock.date(),
      `${this.#origin.sessionId}:${row.segment}`,
      this.#deps.prices,
    );
    let delivery = this.#deliverable(card, taken, row);
    const patch = (entrega: string): Partial<Interaction> => ({ ...fields, gate: { ...gate, entrega } });
    await this.#deps.append({ type: 'patch', interactionId, fields: patch(delivery), usage });
    if (delivery === 'enviado' && card) delivery = this.#cards.deliver(this.#onItsWay(card, row, taken));
    const sentAt = later(this.#deps.clock.date(), fields.tsAiResponse ?? fields.tsAiRequest ?? row.readyAt);
    const sentMs = this.#deps.clock.now();
    try {
      if (delivery === 'enviado') await this.#deps.append({ type: 'sent', interactionId, at: sentAt });
      else if (delivery === 'balcao_ausente' || delivery === 'aguarda_retomada') {
        await this.#deps.append({ type: 'patch', interactionId, fields: patch(delivery), usage: [] });
      }
    } finally {
      this.#report(row, taken, recommendation, card, delivery, { ...at, sentMs });
    }
  }

  #onItsWay(message: Record<string, unknown>, { interactionId, spokenAtMs }: RowReference, { conversation }: Taken) {
    return { message, interactionId, spokenAtMs, conversation };
  }

  /** A card from before a conversation boundary, or too old, is stored and not sent: nobody shows one customer's need to the next. */
  #deliverable(card: object | null, taken: Taken, newest: RowReference): CardSeen['delivery'] {
    if (!card) return 'nada_a_sugerir';
    if (this.#gone) return 'balcao_ausente';
    if (taken.conversation !== this.#context.conversation) return 'outra_conversa';
    const age = this.#deps.clock.now() - newest.spokenAtMs;
    return age > this.#deps.options.cardMaxAgeMs ? 'antigo' : 'enviado';
  }

  #fields(taken: Taken, recommendation: Recommendation, row: RowReference): Partial<Interaction> {
    const cost = row.costMicroUsd + recommendation.costMicroUsd;
    const { tsAiRequest, tsAiResponse } = recommendation;
    const request = tsAiRequest && later(tsAiRequest, row.readyAt);
    return {
      transcript: taken.text,
      transcriptNormalized: recommendation.normalized,
      transcriptClassification: recommendation.classification && JSON.stringify(recommendation.classification),
      recommendation: recommendationText(recommendation),
      modelRawResponse: recommendation.raw,
      ...(recommendation.source === 'simulado' ? { mockStatus: mockStatus(true) } : {}),
      tsAiRequest: request,
      tsAiResponse: tsAiResponse && later(tsAiResponse, request ?? row.readyAt),
      costMicroUsd: cost,
      estimatedCost: cost / 1e6,
      promptVersion: recommendation.promptVersion,
      listVersion: recommendation.listVersion,
      candidates: recommendation.candidates,
    };
  }

  #report(
    row: RowReference,
    taken: Taken,
    recommendation: Recommendation,
    card: Record<string, unknown> | null,
    delivery: CardSeen['delivery'],
    at: Answered & { sentMs: number },
  ): void {
    const { tsAiRequest, tsAiResponse } = recommendation;
    const llm = tsAiRequest && tsAiResponse ? tsAiResponse.getTime() - tsAiRequest.getTime() : 0;
    // Retrieving candidates comes before the question; with nobody to ask it belongs to what answered instead.
    const retrieval = tsAiRequest ? Math.max(0, tsAiRequest.getTime() - at.startedAt.getTime()) : 0;
    const waterfall: Waterfall = {
      hangOver: row.cutAtMs - row.spokenAtMs,
      decode: row.decodeMs,
      vad: row.vadMs,
      stt: row.readyAtMs - row.cutAtMs,
      context: at.startedMs - row.readyAtMs + retrieval,
      llm,
      gate: Math.max(0, at.answeredMs - at.startedMs - retrieval - llm),
      sent: at.sentMs - at.answeredMs,
    };
    this.#deps.observer.emit('card', {
      sessionId: this.#origin.sessionId,
      counterId: this.#origin.counterId,
      clientId: this.#origin.clientId,
      interactionId: row.interactionId,
      segments: taken.segments,
      card,
      delivery,
      source: recommendation.source,
      reason: typeof card?.['explicacao'] === 'string' ? card['explicacao'] : null,
      gate: recommendation.gate,
      waterfall,
      attempts: recommendation.attempts,
      costMicroUsd: row.costMicroUsd + recommendation.costMicroUsd,
    });
  }

  #failed(error: unknown): void {
    this.#deps.log.error(
      { sessionId: this.#origin.sessionId, code: (error as { code?: unknown } | null)?.code ?? 'unknown' },
      'a recommendation turn failed',
    );
  }
}

/** `portao`, apart from what became of the card. */
function gateColumn(taken: Taken, recommendation: Recommendation, filters: unknown): Record<string, unknown> {
  return {
    filtros: filters,
    decisoes: recommendation.gate,
    fonte: recommendation.source,
    ...basisColumns(recommendation),
    segmentos: taken.segments,
    tentativas: recommendation.attempts.map(({ usage: _usage, ...attempt }) => attempt),
  };
}

/** What the choice rests on: quotes, needs, and the leaflet versions its items were chosen by. */
function basisColumns({ evidence, basis }: Recommendation): Record<string, unknown> {
  if (!basis) return {};
  return {
    evidencias: evidence.map(({ type, quote, found }) => ({ tipo: type, trecho: quote, dito: found })),
    necessidades: basis.needs,
    alcance: basis.allowance,
    duvidas: basis.doubtful,
    bulas: basis.leaflets.map(({ candidateId, fields, version }) => ({
      candidato_id: candidateId,
      campos: fields,
      bula_versao: version,
    })),
  };
}
