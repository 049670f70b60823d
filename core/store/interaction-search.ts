import { sql } from 'kysely';
import { BaltoError } from '../contracts/index.ts';
import type { Database } from './database.ts';
import {
  answers,
  type InteractionFilter,
  isPlain,
  type PreparedFilter,
  prepared,
  typedWords,
  within,
  withinAnyhow,
  wordsQuery,
} from './interaction-filter.ts';
import { cleanText } from './text.ts';

/** Where an interaction stands in the order of time. */
export interface Place {
  at: Date;
  id: number;
}

/** What was found, newest first. */
export interface Found {
  places: Place[];
  /** Whether more may follow. */
  more: boolean;
}

/** Rows the first look takes, newest first: a page of what one utterance in a hundred says is among them. */
const FIRST_STEP = 5000;
/** The same of one client, whose rows lie scattered among those of others: each is a page to be read. */
const FIRST_STEP_OF_ONE = 1500;
/** Rows one query walks at most: none may hold the embedded database's one connection for long. */
const MOST_STEP = 20_000;
/** Hits that are gathered and sorted at most; of a word with more, a page is never far. */
const MOST_HITS = 10_000;
/** Of what was said lately: documents whose words a slip is held against. */
const VOCABULARY_ROWS = 1000;
const LEAST_ALIKE = 0.4;

/**
 * Finds interactions by words and filters, newest first, in a time that does not depend on how many there are: it walks
 * from the newest on, and where the first thousands hold no page of hits, what is asked for is rare: then the text index
 * gathers all of it. Where that finds too many to sort, it is not rare after all, and the walk goes on
 * (docs/decisions/0205). Each step is a transaction of its own.
 */
export class InteractionSearch {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Ready to be asked for one page after another. */
  async prepare(filter: InteractionFilter): Promise<PreparedFilter> {
    if (filter.text === undefined) return prepared(filter, undefined);
    const typed = typedWords(filter.text);
    const { rows } = await this.#db.system((trx) =>
      sql<{ words: string }>`select ${wordsQuery(typed)} as words`.execute(trx),
    );
    return prepared(filter, rows[0]?.words ?? '');
  }

  /**
   * The first page. Where nothing is found and a word that was typed stands nowhere, what is found by the one most like it:
   * `asked` goes on with that, and `corrected` says so.
   */
  async first(
    filter: InteractionFilter,
    limit: number,
  ): Promise<{ asked: PreparedFilter; found: Found; corrected: string | null }> {
    const asked = await this.prepare(filter);
    const found = await this.page(asked, limit, null);
    const text = found.places.length > 0 ? null : await this.#corrected(filter);
    if (text !== null) {
      const instead = await this.prepare({ ...filter, text });
      const better = await this.page(instead, limit, null);
      if (better.places.length > 0) return { asked: instead, found: better, corrected: text };
    }
    return { asked, found, corrected: null };
  }

  /** The next `limit` after a place. */
  async page(filter: PreparedFilter, limit: number, after: Place | null): Promise<Found> {
    if (filter.query === null) return { places: [], more: false };
    if (isPlain(filter.filter)) {
      const { places, last } = await this.#walk(filter, limit, after, limit);
      return { places, more: last !== null };
    }
    const step = filter.filter.clientId === undefined ? FIRST_STEP : FIRST_STEP_OF_ONE;
    const first = await this.#walk(filter, step, after, limit);
    if (first.places.length >= limit || first.last === null) {
      return { places: first.places, more: first.places.length >= limit };
    }
    const rare = await this.#gather(filter, limit - first.places.length, first.last);
    const found = rare ?? (await this.#walkOn(filter, limit - first.places.length, first.last));
    return { places: [...first.places, ...found.places], more: found.more };
  }

  /**
   * What was typed with each word that stands nowhere put right, after the words of what was said lately and the catalogue's; null where none
   * is like it.
   */
  async #corrected({ text, clientId }: InteractionFilter): Promise<string | null> {
    if (text === undefined) return null;
    const { words, begun } = typedWords(text);
    const typed = [
      ...words.map((word) => ({ word, rest: '' })),
      ...(begun === '' ? [] : [{ word: begun, rest: begun }]),
    ];
    let isChanged = false;
    const right: string[] = [];
    for (const { word, rest } of typed) {
      const better = /\s/.test(word) || word.length < 4 ? null : await this.#alike(word, rest, clientId);
      if (better !== null) isChanged = true;
      right.push(better ?? (/\s/.test(word) ? `"${word}"` : word));
    }
    return isChanged ? right.join(' ') : null;
  }

  /** A word as it is said, where this one never is; `begun` is the word where more of it may follow. */
  #alike(word: string, begun: string, clientId: string | undefined): Promise<string | null> {
    return this.#db.system(async (trx) => {
      await IN_INDEX.execute(trx);
      const whoseText = clientId === undefined ? null : cleanText(clientId);
      const whose = whoseText === null ? sql`` : sql`and s.cliente_id || '' = ${whoseText}`;
      const known = await sql`
        select 1 from interacoes_busca s
        where s.documento @@ balto_consulta(${begun === '' ? [word] : []}::text[], ${begun}) ${whose} limit 1`.execute(
        trx,
      );
      if (known.rows.length > 0) return null;
      const { rows } = await sql<{ word: string }>`
        with asked as materialized (select balto_sem_acento(${word}) as word),
        said as (
          select v.word, v.ndoc from asked a, ts_stat(format(
            'select documento from interacoes_busca s where %s order by s.timestamp desc, s.id desc limit ${sql.raw(String(VOCABULARY_ROWS))}',
            case when ${whoseText}::text is null then 'true'
              else format('s.cliente_id = %L', ${whoseText}::text) end), 'b') v
          where abs(length(v.word) - length(a.word)) <= 3
        ), sold as (
          select p.busca_nome from asked a, produtos p
          where a.word <% p.busca_nome and (p.cliente_id is null or p.cliente_id = ${whoseText}) limit 50
        ), known as (
          select word, ndoc from said union all select regexp_split_to_table(busca_nome, '[^[:alnum:]]+'), 0 from sold
        ), alike as (
          select k.word, k.ndoc, similarity(k.word, a.word) as likeness from asked a, known k
          where k.word ~ '^[[:alnum:]]{3,40}$')
        select word from alike where likeness >= ${LEAST_ALIKE} order by likeness desc, ndoc desc, word limit 1`.execute(
        trx,
      );
      return rows[0]?.word ?? null;
    });
  }

  /** Looks at the next `rows` rows, or fewer where they hold a page; `last` is where it ended, null at the very end. */
  #walk(filter: PreparedFilter, rows: number, after: Place | null, limit: number) {
    const next = sql`
      from interacoes_busca s where ${within(filter.filter)} ${beyond(after)} order by s.timestamp desc, s.id desc`;
    return this.#db.system(async (trx) => {
      await IN_ORDER.execute(trx);
      const found = await sql<Place>`
        select w.at, w.id from (select s.timestamp as at, s.id, ${answers(filter)} as hit ${next} limit ${rows}) w
        where w.hit limit ${limit}`.execute(trx);
      const places = found.rows;
      if (places.length === limit) return { places, last: places.at(-1) ?? null };
      const end = await sql<Place>`select s.timestamp as at, s.id ${next} limit 1 offset ${rows - 1}`.execute(trx);
      return { places, last: end.rows[0] ?? null };
    });
  }

  async #walkOn(filter: PreparedFilter, limit: number, from: Place): Promise<Found> {
    const places: Place[] = [];
    let after: Place | null = from;
    while (after !== null && places.length < limit) {
      const step: { places: Place[]; last: Place | null } = await this.#walk(
        filter,
        MOST_STEP,
        after,
        limit - places.length,
      );
      places.push(...step.places);
      after = step.last;
    }
    return { places, more: places.length >= limit };
  }

  /** All there is, by the text index; null: too much of it. */
  #gather(filter: PreparedFilter, limit: number, after: Place): Promise<Found | null> {
    return this.#db.system(async (trx) => {
      await IN_INDEX.execute(trx);
      const { rows } = await sql<Place & { hits: number }>`
        with hits as materialized (
          select s.timestamp as at, s.id from interacoes_busca s
          where ${answers(filter)} and ${withinAnyhow(filter.filter)}
            and (s.timestamp + interval '0', s.id) < (${after.at}, ${after.id})
          limit ${MOST_HITS + 1})
        select at, id, (select count(*)::int from hits) as hits from hits
        order by at desc, id desc limit ${limit}`.execute(trx);
      if ((rows[0]?.hits ?? 0) > MOST_HITS) return null;
      return { places: rows.map(({ at, id }) => ({ at, id })), more: rows.length >= limit };
    });
  }
}

/** Reads where a page ended. @throws BaltoError `BALTO_CURSOR_INVALID`, field `cursor`. */
export function parsePlace(cursor: string): { place: Place; text: string | undefined } {
  const [, time, id, text] =
    /^(\d{1,15})\.(\d{1,10})(?: (.{1,400}))?$/su.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (time !== undefined && id !== undefined && Number(id) <= 2_147_483_647 && Number(time) <= 8.64e15)
    return { place: { at: new Date(Number(time)), id: Number(id) }, text };
  throw new BaltoError({ code: 'BALTO_CURSOR_INVALID', field: 'cursor', message: 'Cursor de página inválido.' });
}

/** @param text what is searched in place of what was typed; undefined: what was typed. */
export function writePlace({ at, id }: Place, text?: string): string {
  return Buffer.from(`${at.getTime()}.${id}${text === undefined ? '' : ` ${text}`}`).toString('base64url');
}

function beyond(after: Place | null) {
  return after === null ? sql`` : sql`and (s.timestamp, s.id) < (${after.at}, ${after.id})`;
}

/** The embedded database gathers no statistics, and the other one is wrong about two words at once: said which way to go. */
const IN_ORDER = sql`
  select set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true),
    set_config('enable_sort', 'off', true), set_config('jit', 'off', true),
    set_config('max_parallel_workers_per_gather', '0', true)`;

const IN_INDEX = sql`
  select set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true),
    set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)`;
