import { type RawBuilder, sql } from 'kysely';
import type { Interaction } from './interaction.ts';
import type { Verdict } from './reviews-table.ts';
import { cleanText } from './text.ts';

/** What speaks against a transcript: its vendor was not sure of it; a second provider heard other words. */
export type Doubt = 'doubt' | 'shadow';

/** What interactions may be narrowed by, wherever they are listed, exported or reviewed. Absent: everything. */
export interface InteractionFilter {
  clientId?: string | undefined;
  counterId?: string | undefined;
  /** Recognised by voice. */
  employeeId?: number | undefined;
  /** `stt/acme`, whatever the model, or `stt/acme:model`. */
  provider?: string | undefined;
  /** Included. */
  from?: Date | undefined;
  /** Not included. */
  to?: Date | undefined;
  /** Words of what was said or suggested; the last one may be unfinished. Several in quotes stand beside each other. */
  text?: string | undefined;
  type?: Interaction['interactionType'] | undefined;
  /** What the counter said of the card, or what the pipeline did with the utterance. */
  feedback?: string | undefined;
  /** Whether something was suggested. */
  card?: boolean | undefined;
  /** Whether somebody has reviewed it. */
  reviewed?: boolean | undefined;
  /** What a review in force says of the card: one of these. */
  verdicts?: readonly Verdict[] | undefined;
  /** Heard badly, by a vendor's own account, or differently by a second one. */
  doubt?: Doubt | undefined;
  /** Not what this says. */
  notDoubt?: Doubt | undefined;
  /** Whether its words are still there. */
  hasText?: boolean | undefined;
  /** Author of whom no review of it is in force. */
  notReviewedBy?: string | undefined;
}

/** More words than anybody types; what is beyond them is not looked at. */
const MOST_WORDS = 12;

/** Takes apart what was typed: quotes hold words together. A space at the end says that the last word is whole. */
export function typedWords(text: string): { words: string[]; begun: string } {
  const words = [...cleanText(text).matchAll(/"([^"]*)"?|[^\s"]+/gu)]
    .map(([whole, quoted]) => ({ text: (quoted ?? whole).trim(), quoted: quoted !== undefined }))
    .filter((each) => /[\p{L}\p{N}]/u.test(each.text))
    .slice(0, MOST_WORDS);
  const last = words.at(-1);
  const isBegun = last !== undefined && !last.quoted && /[\p{L}\p{N}]$/u.test(text) && last.text.length >= 3;
  return { words: (isBegun ? words.slice(0, -1) : words).map((each) => each.text), begun: isBegun ? last.text : '' };
}

/** Parts of a `tsquery` that ask for all of a filter but its words. */
function marksOf(filter: InteractionFilter): string[] {
  const {
    clientId,
    counterId,
    employeeId,
    provider,
    type,
    feedback,
    card,
    reviewed,
    verdicts,
    doubt,
    notDoubt,
    hasText,
  } = filter;
  const marks = [
    clientId !== undefined && `u:${clientId}`,
    counterId !== undefined && `b:${counterId}`,
    employeeId !== undefined && `e:${employeeId}`,
    provider !== undefined && `p:${provider}`,
    type !== undefined && `t:${type}`,
    feedback !== undefined && `f:${feedback}`,
    card !== undefined && `c:${card ? 'yes' : 'no'}`,
    reviewed !== undefined && `r:${reviewed ? 'yes' : 'no'}`,
    doubt !== undefined && `q:${doubt}`,
    hasText !== undefined && `x:${hasText ? 'yes' : 'no'}`,
  ];
  return [
    ...marks.flatMap((mark) => (mark === false ? [] : [lexeme(mark)])),
    ...(verdicts === undefined ? [] : [`(${verdicts.map((verdict) => lexeme(`v:${verdict}`)).join(' | ')})`]),
    ...(notDoubt === undefined ? [] : [`!${lexeme(`q:${notDoubt}`)}`]),
  ];
}

/** Text of a `tsquery` for these words alone; `''` where they hold nothing that could be found. */
export function wordsQuery({ words, begun }: ReturnType<typeof typedWords>): RawBuilder<string> {
  return sql<string>`balto_consulta(${words}::text[], ${begun})::text`;
}

/** A filter, made ready to be asked of `interacoes_busca as s`. */
export interface PreparedFilter {
  filter: InteractionFilter;
  /** Text of a `tsquery`; `''`: every document. Null: the words typed can be found nowhere. */
  query: string | null;
}

/** @param words text of a `tsquery`, as {@link wordsQuery} gives it; undefined: no word was typed. */
export function prepared(filter: InteractionFilter, words: string | undefined): PreparedFilter {
  if (words === '') return { filter, query: null };
  return { filter, query: [...marksOf(filter), ...(words === undefined ? [] : [`(${words})`])].join(' & ') };
}

/** Whether a document answers it, and when; the part of a filter that needs the time of no index. */
export function answers({ query, filter: { notReviewedBy } }: PreparedFilter): RawBuilder<boolean> {
  if (query === null) return sql<boolean>`false`;
  return all([
    query !== '' && sql`s.documento @@ ${query}::tsquery`,
    notReviewedBy !== undefined &&
      sql`not exists (select 1 from avaliacoes a
        where a.interacao_id = s.id and a.autor = ${notReviewedBy} and a.substituida_em is null)`,
  ]);
}

/** Whose and when, as an index in the order of time has it. */
export function within({ clientId, from, to }: InteractionFilter): RawBuilder<boolean> {
  return all([
    clientId !== undefined && sql`s.cliente_id = ${cleanText(clientId)}`,
    from !== undefined && sql`s.timestamp >= ${from}`,
    to !== undefined && sql`s.timestamp < ${to}`,
  ]);
}

/** The same, where an index in the order of time must not be taken. */
export function withinAnyhow({ clientId, from, to }: InteractionFilter): RawBuilder<boolean> {
  return all([
    clientId !== undefined && sql`s.cliente_id || '' = ${cleanText(clientId)}`,
    from !== undefined && sql`s.timestamp + interval '0' >= ${from}`,
    to !== undefined && sql`s.timestamp + interval '0' < ${to}`,
  ]);
}

/** Whether the filter asks for nothing but whose and when. */
export function isPlain(filter: InteractionFilter): boolean {
  const { clientId: _client, from: _from, to: _to, ...rest } = filter;
  return Object.values(rest).every((value) => value === undefined);
}

function all(conditions: (RawBuilder<unknown> | false)[]): RawBuilder<boolean> {
  const asked = conditions.filter((each) => each !== false);
  return asked.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(asked, sql` and `)})`;
}

/** A mark of the document, as `tsquery` reads it back, whatever is in it. */
function lexeme(mark: string): string {
  return `' ${cleanText(mark).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
