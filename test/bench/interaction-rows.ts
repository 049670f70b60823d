import { sql } from 'kysely';
import type { Database } from '../../core/store/database.ts';

/** Words of a counter, from the commonest on: the nth is said about n times less often than the first. */
export const COMMON =
  'bom dia remedio dor cabeca receita tosse preco quero obrigado dipirona febre crianca garganta caixa'.split(' ');

/** Clients among which the rows are spread; the first has half of them. */
export const CLIENTS = 20;
const CHUNK = 50_000;

/**
 * Writes so many interactions of a year, with texts of the usual length: words by Zipf's law, real ones first, names of
 * medicines among them, and one utterance in a hundred thousand says `zolpidem`. The index is written after the rows, as
 * a migration does it.
 */
export async function fillInteractions(db: Database, rows: number, say: (line: string) => void): Promise<void> {
  const work = (text: string) =>
    db.kysely.connection().execute(async (one) => {
      await sql`set statement_timeout = 0`.execute(one);
      await sql`set session_replication_role = replica`.execute(one);
      await sql.raw(text).execute(one);
      await sql`reset session_replication_role`.execute(one);
    });
  const real = COMMON.map((word) => `'${word}'`).join(',');
  await work(`create unlogged table medida_palavras as
    select n, coalesce((array[${real}])[n], 'palavra' || translate(n::text, '0123456789', 'abcdefghij')) as palavra
    from generate_series(1, 30000) n`);
  await work('create unique index on medida_palavras (n)');
  for (let from = 1; from <= rows; from += CHUNK) {
    const to = Math.min(rows, from + CHUNK - 1);
    await work(`
      insert into interacoes (id, cliente_id, balcao_id, sessao_id, segmento, chave_idempotencia, timestamp,
        transcricao_completa, recomendacao_gerada, resultado_feedback, modelo_stt, snr, interaction_type, funcionario_id,
        segment_duration_ms, custo_micro_usd, custo_estimado, ts_audio_received, ts_speech_end, ts_transcription_sent,
        ts_transcription_ready, ts_ai_request, ts_ai_response, ts_client_sent, config_snapshot, speech_ranges, decisao, portao)
      select i, 'c' || k.c, 'b' || k.c || '-' || (i % 10), 's' || (i / 40), i % 40, 'm:' || i,
        timestamptz '2025-11-21' + i * (interval '365 days' / ${rows}),
        t.texto || case when i % 100000 = 77 then ' zolpidem' else '' end,
        case when i % 4 = 0 then 'S: Pastilha para garganta | S: Soro fisiológico' when i % 4 = 1 then 'Nenhuma' end,
        case i % 40 when 0 then 'aceito' when 4 then 'recusado' else 'processado' end,
        (array['elevenlabs','deepgram','assemblyai'])[1 + i % 3], 18.5,
        case when i % 50 = 0 then 'discarded_ia' when i % 20000 = 9 then 'perdida' else 'valid' end,
        case when i % 3 = 0 then (i % 60)::int end, 4200, 2100, 0.0021, z, z, z, z + interval '700 ms',
        z + interval '710 ms', z + interval '1500 ms', z + interval '1510 ms',
        repeat('{"thresholdMultiplier":1.5,"minEnergy":50}', 8), '{"ranges":[[0,1.2]],"speech_pct":80}',
        jsonb_build_object('address', 'stt/' || (array['elevenlabs:scribe_v2','deepgram:nova-3','assemblyai'])[1 + i % 3],
          'rule', 'curtas', 'mode', 'segment', 'version', 3, 'candidates', jsonb_build_array('stt/elevenlabs', 'stt/deepgram'),
          'rejected', '[]'::jsonb, 'attempts', jsonb_build_array(jsonb_build_object('address', 'stt/x', 'durationMs', 700))),
        '{"decisoes":[],"fonte":"catalogue"}'::jsonb
      from generate_series(${from}, ${to}) i,
        lateral (select case when i % 2 = 0 then 1 else 2 + (i / 2) % ${CLIENTS - 1} end as c) k,
        lateral (select timestamptz '2025-11-21' + i * (interval '365 days' / ${rows}) as z) q,
        lateral (
          select string_agg(p.palavra, ' ') as texto
          from (select floor(exp(random() * ln(30000)))::int as n from generate_series(1, 8 + i % 23) offset 0) w
          join medida_palavras p on p.n = w.n) t`);
    say(`${to} rows`);
  }
  await work('drop table medida_palavras');
  const indexes = await sql<{ name: string; definition: string }>`
    select indexname as name, indexdef as definition from pg_indexes
    where tablename = 'interacoes_busca' and indexname <> 'interacoes_busca_pkey'`.execute(db.kysely);
  for (const { name } of indexes.rows) await work(`drop index ${name}`);
  await work(`
    insert into interacoes_busca (id, cliente_id, timestamp, documento)
    select i.id, i.cliente_id, i.timestamp, balto_interacao_documento(i) from interacoes i`);
  for (const { definition } of indexes.rows) await work(definition);
  say('index written');
  await work('vacuum analyze interacoes');
  await work('vacuum analyze interacoes_busca');
}
