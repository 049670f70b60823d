import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import { IN_INDEX_ORDER, type ReplayPeriod } from './replay.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';

/** One transcribed utterance, as far as its provider's figures go. */
export interface RoutedUtterance {
  id: number;
  atMs: number;
  clientId: string;
  /** Address that answered; null: nobody. */
  address: string | null;
  mode: string | null;
  /** Who might have answered, as the decision was stored; null: none was. */
  candidates: string[] | null;
  durationMs: number;
  /** From the end of speech to its text; null: not known. */
  latencyMs: number | null;
  /** What transcribing it was billed, comparisons aside. */
  costMicroUsd: number;
  feedback: string | null;
}

export interface RoutedPage {
  utterances: RoutedUtterance[];
  /** Where the next page goes on; null: this was the last. */
  next: { at: Date; id: number } | null;
}

const PAGE_ROWS = 500;

/** Real utterances of a period, the newest first, a page at a time: none holds the embedded database's connection long. */
export async function routedUtterances(
  db: Database,
  { clientId, from, to }: ReplayPeriod,
  after: RoutedPage['next'],
): Promise<RoutedPage> {
  const client = clientId === null ? sql`` : sql`and i.cliente_id = ${cleanText(clientId)}`;
  const beyond = after === null ? sql`` : sql`and (i.timestamp, i.id) < (${after.at}, ${after.id})`;
  const read = async (trx: Transaction<Tables>) => {
    await IN_INDEX_ORDER.execute(trx);
    return await sql<RoutedUtterance & { at: Date; isReal: boolean }>`
      with p as (
        select * from interacoes i where i.timestamp >= ${from} and i.timestamp < ${to} ${client} ${beyond}
        order by i.timestamp desc, i.id desc limit ${PAGE_ROWS})
      select i.id, i.timestamp as at, (date_part('epoch', i.timestamp) * 1000)::float8 as "atMs",
        i.cliente_id as "clientId", coalesce(i.decisao->>'address', 'stt/' || i.modelo_stt) as address,
        i.decisao->>'mode' as mode, i.decisao->'candidates' as candidates, i.segment_duration_ms as "durationMs",
        (date_part('epoch', i.ts_transcription_ready - coalesce(i.ts_speech_end, i.ts_audio_received)) * 1000)::int
          as "latencyMs",
        (select coalesce(sum(u.cost_micro_usd), 0)::bigint from usage_ledger u
          where u.interacao_id = i.id and u.cliente_id = i.cliente_id and u.kind = 'stt' and u.purpose <> 'shadow')
          as "costMicroUsd",
        i.resultado_feedback as feedback,
        i.interaction_type <> 'mock_voice' and i.segment_duration_ms is not null as "isReal"
      from p i order by i.timestamp desc, i.id desc`.execute(trx);
  };
  const { rows } = await (clientId === null ? db.system(read) : db.tenant(clientId, read));
  const last = rows.at(-1);
  return {
    utterances: rows.flatMap(({ at: _at, isReal, ...each }) => (isReal ? [each] : [])),
    next: last && rows.length === PAGE_ROWS ? { at: last.at, id: last.id } : null,
  };
}
