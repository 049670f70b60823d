import { type Kysely, sql } from 'kysely';
import { createTable, isolateTenants } from './support/table.ts';

/** Words with their times, and a narrow table by which interactions are searched (docs/decisions/0205). */
export async function up(db: Kysely<unknown>): Promise<void> {
  // A million rows are read and written anew here: longer than any query may take.
  await sql`set local statement_timeout = 0`.execute(db);
  await sql`alter table interacoes add column palavras jsonb`.execute(db);
  await sql`
    comment on column interacoes.palavras is
      'Palavras desta fala com tempos, em ms desde o início dela: {confidence, doubtful, words: [{text, startMs, endMs, confidence, speaker}]}; as que foram mascaradas ou filtradas não têm texto.'`.execute(
    db,
  );
  await createTable(db, {
    name: 'interacoes_busca',
    meaning: 'Índice de busca das interações, mantido pelo banco; apagado com a interação.',
    columns: [
      ['id', 'integer primary key references interacoes on delete cascade deferrable', 'Interação.'],
      ['cliente_id', 'text not null', 'Cliente.'],
      ['timestamp', 'timestamptz(3) not null', 'Como em interacoes.timestamp.'],
      [
        'documento',
        'tsvector not null',
        'Palavras do que foi dito e sugerido, com acentos pelo radical e sem acentos por inteiro; e, começando por espaço, aquilo por que se filtra.',
      ],
    ],
  });
  await isolateTenants(db, 'interacoes_busca');
  await sql`revoke insert, update, delete on interacoes_busca from balto_app`.execute(db);
  await createDocument(db);
  await sql`
    insert into interacoes_busca (id, cliente_id, timestamp, documento)
    select i.id, i.cliente_id, i.timestamp, balto_interacao_documento(i) from interacoes i`.execute(db);
  await sql`
    create index interacoes_busca_documento on interacoes_busca using gin (documento) with (fastupdate = off)`.execute(
    db,
  );
  await sql`create index interacoes_busca_cliente on interacoes_busca (cliente_id, timestamp desc, id desc)`.execute(
    db,
  );
  await sql`create index interacoes_busca_timestamp on interacoes_busca (timestamp desc, id desc)`.execute(db);
  await follow(db);
  await createQuery(db);
}

/**
 * What a search or a filter asks for is a lexeme of one document: any mix of them is one question to one index. Those of
 * a filter begin with a space, which no word does. Words of the unaccented form have weight B: the vocabulary that a
 * slip is corrected by.
 */
async function createDocument(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function balto_palavras_documento(texto text) returns tsvector language sql immutable parallel safe as $$
      select to_tsvector('pg_catalog.portuguese', left(texto, 100000))
        || setweight(to_tsvector('pg_catalog.simple', public.balto_sem_acento(left(texto, 100000))), 'B') $$`.execute(
    db,
  );
  await sql`
    create function balto_texto_plano(texto text) returns text language sql immutable parallel safe as
    $$ select trim(regexp_replace(public.balto_sem_acento(texto), '[^a-z0-9]+', ' ', 'g')) $$`.execute(db);
  await sql`
    create function balto_interacao_documento(i interacoes) returns tsvector language sql stable
    set search_path = pg_catalog, public, pg_temp as $$
      select balto_palavras_documento(coalesce(i.transcricao_completa, '') || E'\n' || coalesce(i.recomendacao_gerada, ''))
        || array_to_tsvector(array_remove(array[
          ' u:' || i.cliente_id,
          ' b:' || i.balcao_id,
          ' t:' || i.interaction_type,
          ' f:' || i.resultado_feedback,
          ' e:' || i.funcionario_id,
          ' p:' || coalesce(i.decisao->>'address', 'stt/' || i.modelo_stt),
          ' p:' || split_part(coalesce(i.decisao->>'address', 'stt/' || i.modelo_stt), ':', 1),
          case when coalesce(i.recomendacao_gerada, 'Nenhuma') in ('Nenhuma', '') then ' c:no' else ' c:yes' end,
          case when coalesce(i.transcricao_completa, '') = '' then ' x:no' else ' x:yes' end,
          case when coalesce((i.palavras->>'doubtful')::int, 0) > 0
            or (jsonb_typeof(i.portao->'duvidas') = 'array' and i.portao->'duvidas' <> '[]') then ' q:doubt' end,
          case when exists (
            select 1 from shadow_results s
             where s.interacao_id = i.id and s.outcome in ('answered', 'empty')
               and balto_texto_plano(s.answer_text) <> balto_texto_plano(coalesce(s.text, ''))) then ' q:shadow' end
        ] || (
          select array[case when count(*) > 0 then ' r:yes' else ' r:no' end] || array_agg(distinct ' v:' || a.recomendacao)
            from avaliacoes a where a.interacao_id = i.id and a.substituida_em is null
        ), null)) $$`.execute(db);
}

/** Whatever writes an interaction, a review or a comparison, by whichever way, the index follows in the same step. */
async function follow(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function balto_indexar_interacao(qual integer) returns void language plpgsql
    set search_path = pg_catalog, public, pg_temp as $$
      declare
        linha interacoes;
      begin
        -- Two at once (a review, and what the counter said of the card): the second sees what the first wrote.
        select * into linha from interacoes i where i.id = qual for no key update;
        if not found then return; end if;
        insert into interacoes_busca as s (id, cliente_id, timestamp, documento)
        values (linha.id, linha.cliente_id, linha.timestamp, balto_interacao_documento(linha))
        on conflict (id) do update set cliente_id = excluded.cliente_id, timestamp = excluded.timestamp,
          documento = excluded.documento;
      end $$`.execute(db);
  await sql`
    create function balto_seguir_interacao() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $$ begin
      perform balto_indexar_interacao(new.id);
      return null;
    end $$`.execute(db);
  await sql`
    create function balto_seguir_anexo() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $$ begin
      perform balto_indexar_interacao(case when tg_op = 'DELETE' then old.interacao_id else new.interacao_id end);
      return null;
    end $$`.execute(db);
  await sql`
    create trigger interacoes_busca after insert or update of cliente_id, balcao_id, timestamp, transcricao_completa,
      recomendacao_gerada, resultado_feedback, funcionario_id, modelo_stt, interaction_type, decisao, portao, palavras
    on interacoes for each row execute function balto_seguir_interacao()`.execute(db);
  for (const table of ['avaliacoes', 'shadow_results']) {
    await sql`
      create trigger ${sql.ref(`${table}_busca`)} after insert or update or delete on ${sql.table(table)}
      for each row execute function balto_seguir_anexo()`.execute(db);
  }
  const inner = ['balto_interacao_documento(interacoes)', 'balto_indexar_interacao(integer)'];
  for (const name of inner) await sql`revoke execute on function ${sql.raw(name)} from public`.execute(db);
}

/** What somebody typed, as a question to the index: every word must be there, in one of its forms. */
async function createQuery(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function balto_consulta(palavras text[], comeco text) returns tsquery language plpgsql immutable
    set search_path = pg_catalog, public, pg_temp as $$
      declare
        pedida tsquery;
        vazia tsquery := ''::tsquery;
        toda tsquery := ''::tsquery;
        exata tsquery := ''::tsquery;
        palavra text;
      begin
        foreach palavra in array palavras loop
          exata := exata && plainto_tsquery('simple', balto_sem_acento(palavra));
          pedida := phraseto_tsquery('portuguese', palavra);
          -- A word that says nothing by itself ("de") is not asked for, unless there is no other.
          if numnode(pedida) > 0 then
            toda := toda && (pedida || phraseto_tsquery('simple', balto_sem_acento(palavra)));
          end if;
        end loop;
        if comeco <> '' then
          pedida := plainto_tsquery('simple', balto_sem_acento(comeco));
          if numnode(pedida) = 1 then
            toda := toda && (plainto_tsquery('portuguese', comeco) || (pedida::text || ':*')::tsquery);
          elsif numnode(pedida) > 1 then
            toda := toda && pedida;
          end if;
        end if;
        return case when numnode(toda) > 0 then toda else exata end;
      end $$`.execute(db);
}
