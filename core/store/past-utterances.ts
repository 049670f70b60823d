import { sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import { IN_INDEX_ORDER } from './replay.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';

/** What an utterance was, and who answered it; nothing of what was said. */
export interface PastUtteranceRow {
  id: number;
  at: Date;
  clientId: string;
  counterId: string;
  durationMs: number;
  snrDb: number | null;
  heardAs: string | null;
  /** Address that transcribed it, or that answered (`llm`); null: nobody. */
  answered: string | null;
}

/** Utterances looked at for one page of real ones: simulated ones stand among them. */
const LOOKED_AT = 500;

/** The newest real utterances of everybody, a client or a counter, newest first. */
export async function pastUtterances(
  db: Database,
  of: { clientId: string | null; counterId: string | null; kind: 'stt' | 'llm' },
  limit: number,
): Promise<PastUtteranceRow[]> {
  const client = of.clientId === null ? sql`` : sql`and i.cliente_id = ${cleanText(of.clientId)}`;
  const counter = of.counterId === null ? sql`` : sql`and i.balcao_id = ${cleanText(of.counterId)}`;
  const answered =
    of.kind === 'stt'
      ? sql`coalesce(i.decisao->>'address', 'stt/' || i.modelo_stt)`
      : sql`(select u.provider from usage_ledger u where u.interacao_id = i.id and u.cliente_id = i.cliente_id
          and u.kind = 'llm' and u.purpose in ('answer', 'retry') order by u.id desc limit 1)`;
  const read = async (trx: Transaction<Tables>) => {
    await IN_INDEX_ORDER.execute(trx);
    return await sql<PastUtteranceRow>`
      with p as (
        select * from interacoes i where true ${client} ${counter} order by i.timestamp desc, i.id desc limit ${LOOKED_AT})
      select i.id, i.timestamp as at, i.cliente_id as "clientId", i.balcao_id as "counterId",
        i.segment_duration_ms as "durationMs", i.snr as "snrDb", i.audio_classification as "heardAs",
        ${answered} as answered
      from p i where i.segment_duration_ms is not null and i.interaction_type <> 'mock_voice'
      order by i.timestamp desc, i.id desc limit ${limit}`.execute(trx);
  };
  const { rows } = await (of.clientId === null ? db.system(read) : db.tenant(of.clientId, read));
  return rows;
}
