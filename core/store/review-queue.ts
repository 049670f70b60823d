import type { Database } from './database.ts';
import type { InteractionFilter } from './interaction-filter.ts';
import { InteractionSearch } from './interaction-search.ts';
import type { Interactions, ListedInteraction } from './interactions.ts';
import { type Page, readCursor, toPage } from './page.ts';

/**
 * Why somebody should look at an utterance, the most useful first: a card that nobody rated; words that were heard badly,
 * by the vendor's own account or by the rules'; a second provider that heard others; a card that somebody else found
 * wrong or unsafe, for a second opinion.
 */
export const REASONS = ['card', 'doubt', 'shadow', 'reported'] as const;
export type Reason = (typeof REASONS)[number];

/** An utterance that waits, each once, under the first reason that it has. */
export interface Waiting {
  reason: Reason;
  row: ListedInteraction;
}

/** Which utterances wait, and whose turn it is. */
export interface QueueFilter extends Pick<InteractionFilter, 'clientId' | 'counterId' | 'provider' | 'from' | 'to'> {
  /** Only those. */
  reason?: Reason | undefined;
  /** Author whose own reviews are done. */
  reviewer: string;
}

/** What to review next. */
export class ReviewQueue {
  readonly #search: InteractionSearch;
  readonly #interactions: Interactions;

  constructor(db: Database, interactions: Interactions) {
    this.#search = new InteractionSearch(db);
    this.#interactions = interactions;
  }

  /** Reason by reason, each newest first. @throws BaltoError `BALTO_CURSOR_INVALID`. */
  async page({ reason, reviewer, ...filter }: QueueFilter, limit: number, cursor?: string): Promise<Page<Waiting>> {
    const after = readCursor(cursor, ['number', 'number', 'number']);
    const rows: { place: { at: Date; id: number }; turn: number }[] = [];
    for (const [turn, each] of REASONS.entries()) {
      if ((reason !== undefined && reason !== each) || turn < (after?.[0] ?? 0) || rows.length > limit) continue;
      const asked = await this.#search.prepare({ ...filter, ...waitingFor(each, reviewer, reason !== undefined) });
      const from = after?.[0] === turn ? { at: new Date(after[1]), id: after[2] } : null;
      const { places } = await this.#search.page(asked, limit + 1 - rows.length, from);
      rows.push(...places.map((place) => ({ place, turn })));
    }
    const page = toPage(
      rows,
      limit,
      (row) => row,
      ({ turn, place }) => [turn, place.at.getTime(), place.id],
    );
    const found = await this.#interactions.at(
      page.items.map(({ place }) => place),
      filter.clientId,
    );
    const byId = new Map(found.map((row) => [row.id, row]));
    const items = page.items.flatMap(({ place, turn }) => {
      const row = byId.get(place.id);
      return row ? [{ reason: REASONS[turn] ?? 'card', row }] : [];
    });
    return { items, next: page.next };
  }
}

/** What waits for a reason; `alone`: whatever other reason it has. */
function waitingFor(reason: Reason, reviewer: string, alone: boolean): InteractionFilter {
  const unseen = { reviewed: false, hasText: true };
  switch (reason) {
    case 'card':
      return { ...unseen, card: true };
    case 'doubt':
      return { ...unseen, doubt: 'doubt', ...(!alone && { card: false }) };
    case 'shadow':
      return { ...unseen, doubt: 'shadow', ...(!alone && { card: false, notDoubt: 'doubt' }) };
    case 'reported':
      return { verdicts: ['errada', 'insegura'], hasText: true, notReviewedBy: reviewer };
  }
}
