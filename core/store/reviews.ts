import { sql } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import type { Alerts } from './alerts.ts';
import type { Audit } from './audit.ts';
import type { Author } from './config-versions.ts';
import type { Database } from './database.ts';
import { type Page, readCursor, toPage } from './page.ts';
import { type Review, toReview } from './reviews-table.ts';
import { cleanText } from './text.ts';

/** A review as somebody gives it. */
export type NewReview = Omit<Review, 'id' | 'author' | 'at' | 'replacedAt'>;

/** Rows a list or a summary looks at. `from` included, `to` not. */
export interface ReviewFilter {
  /** Null: of every client. */
  clientIds: string[] | null;
  from?: Date | undefined;
  to?: Date | undefined;
  interactionId?: number | undefined;
}

/** How one provider transcribed, as those who listened found it. */
export interface ProviderErrors {
  provider: string | null;
  reviews: number;
  /** Reviews that said the transcript was wrong, with or without what is right. */
  wrong: number;
  /** Of the utterances of which it is known what was said. */
  words: number;
  errors: number;
}

/** How useful the cards of one client were. */
export interface ClientVerdicts {
  clientId: string;
  util: number;
  errada: number;
  insegura: number;
}

/** What those who listened think of transcripts and cards. One review per person and utterance holds: the newest. */
export class Reviews {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #alerts: Alerts;
  readonly #clock: Clock;

  constructor(db: Database, audit: Audit, alerts: Alerts, clock: Clock) {
    this.#db = db;
    this.#audit = audit;
    this.#alerts = alerts;
    this.#clock = clock;
  }

  /** Takes the place of the author's earlier one, which is kept; an unsafe card raises an alert in the same step. */
  add(review: NewReview, by: Author): Promise<Review> {
    const { clientId, interactionId, recommendation } = review;
    const now = this.#clock.date();
    return this.#db.system(async (trx) => {
      // Two of one author at once: the second waits for the first, and takes its place.
      await sql`select pg_advisory_xact_lock(hashtext(${`review ${interactionId} ${by.actor}`}))`.execute(trx);
      await trx
        .updateTable('avaliacoes')
        .set({ substituida_em: now })
        .where('interacao_id', '=', interactionId)
        .where('autor', '=', by.actor)
        .where('substituida_em', 'is', null)
        .execute();
      const row = await trx
        .insertInto('avaliacoes')
        .values({
          cliente_id: clientId,
          interacao_id: interactionId,
          autor: by.actor,
          criado_em: now,
          transcricao_ok: review.transcriptOk,
          texto_corrigido: review.correctedText === null ? null : cleanText(review.correctedText),
          palavras: review.words,
          erros: review.errors,
          provedor: review.provider,
          recomendacao: recommendation,
          nota: review.note === null ? null : cleanText(review.note),
          substituida_em: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      const target = `interaction:${interactionId}`;
      if (recommendation === 'insegura')
        await this.#alerts.raiseIn(trx, { clientId, kind: 'review.insegura', subject: target });
      // What was said at the counter is no matter of the audit, which is kept for good.
      const after = { transcriptOk: review.transcriptOk, recommendation };
      await this.#audit.appendIn(trx, { ...by, clientId, action: 'review.add', target, after });
      return toReview(row);
    });
  }

  /** Newest first; with `history` also those that were replaced. */
  page(
    filter: ReviewFilter & { history?: boolean | undefined },
    limit: number,
    cursor?: string,
  ): Promise<Page<Review>> {
    const after = readCursor(cursor, ['number']);
    return this.#db.system(async (trx) => {
      let query = trx.selectFrom('avaliacoes').selectAll();
      if (filter.clientIds) query = query.where('cliente_id', 'in', filter.clientIds);
      if (filter.from) query = query.where('criado_em', '>=', filter.from);
      if (filter.to) query = query.where('criado_em', '<', filter.to);
      if (filter.interactionId !== undefined) query = query.where('interacao_id', '=', filter.interactionId);
      if (!filter.history) query = query.where('substituida_em', 'is', null);
      if (after) query = query.where('id', '<', after[0]);
      const rows = await query
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      return toPage(rows, limit, toReview, (row) => [row.id]);
    });
  }

  /** What the reviews of a period say of each provider and of each client's cards; the most reviewed first. */
  summary(filter: ReviewFilter): Promise<{ providers: ProviderErrors[]; clients: ClientVerdicts[] }> {
    const where = sql<boolean>`substituida_em is null
      and (${filter.clientIds}::text[] is null or cliente_id = any(${filter.clientIds}::text[]))
      and (${filter.from ?? null}::timestamptz is null or criado_em >= ${filter.from ?? null}::timestamptz)
      and (${filter.to ?? null}::timestamptz is null or criado_em < ${filter.to ?? null}::timestamptz)`;
    return this.#db.system(async (trx) => {
      const providers = await sql<ProviderErrors>`
        select provedor as provider, count(*)::int as reviews, count(*) filter (where not transcricao_ok)::int as wrong,
          coalesce(sum(palavras), 0)::int as words, coalesce(sum(erros), 0)::int as errors
        from avaliacoes where ${where} group by provedor order by reviews desc, provedor limit 500`.execute(trx);
      const clients = await sql<ClientVerdicts>`
        select cliente_id as "clientId", count(*) filter (where recomendacao = 'util')::int as util,
          count(*) filter (where recomendacao = 'errada')::int as errada,
          count(*) filter (where recomendacao = 'insegura')::int as insegura
        from avaliacoes where ${where} and recomendacao is not null
        group by cliente_id order by count(*) desc, cliente_id limit 500`.execute(trx);
      return { providers: providers.rows, clients: clients.rows };
    });
  }
}
