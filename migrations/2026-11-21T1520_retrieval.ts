import { type Kysely, sql } from 'kysely';

/**
 * Retrieval goes from a need or a brand to the client's own rows: what was found lends its score to rows of the same
 * substances, and a need's tag to the client's things that say nothing of what they are for.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createSubstance(db);
  await sql`
    alter table produtos add column substancia text
      generated always as (balto_substancia(principio_ativo)) stored`.execute(db);
  await sql`
    comment on column produtos.substancia is
      'Substâncias do princípio ativo, sem sais e em ordem: une marca, genérico e item do catálogo inicial.'`.execute(
    db,
  );
  await sql`create index produtos_substancia on produtos (substancia) where substancia is not null`.execute(db);
  await sql`create index produtos_tag on produtos (cliente_id, tag)`.execute(db);
  await sql`drop function balto_buscar_produtos(text[], text[], integer)`.execute(db);
  await createSearch(db);
}

/** Salts and waters go: what a substance is does not depend on them. Combinations are sorted, however they are written. */
async function createSubstance(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function balto_substancia(texto text) returns text language sql immutable strict parallel safe as $$
      select string_agg(parte, '+' order by parte collate "C") from (
        select distinct nullif(trim(regexp_replace(regexp_replace(
          regexp_replace(public.balto_sem_acento(pedaco), '[^a-z0-9]+', ' ', 'g'),
          '\\m((mono|di|hemi|sesqui)?(cloridrato|bromidrato|maleato|fumarato|succinato|besilato|mesilato|tartarato|citrato|digliconato|gliconato|butilbrometo|sulfato|fosfato|acetato|nitrato)|(mono|di|tri|hemi|sesqui)? ?(hidratad[ao]s?|idratad[ao]s?)|anidr[ao]|potassic[ao]|sodic[ao]|calcic[ao]|magnesic[ao]|dietilamonio|base|de|do|da)\\M',
          ' ', 'g'), ' +', ' ', 'g')), '') as parte
        from regexp_split_to_table(texto, '[;+,/]|\\s+e\\s+|\\s+com\\s+', 'i') as pedaco) as partes
    $$`.execute(db);
}

/**
 * As before it runs as the table's owner and names the tenant itself (docs/decisions/0080). A word brings at most 400
 * rows; the six best substances bring 40 rows each; at most 8 items of one tag, or 4 of one combination of substances.
 */
async function createSearch(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function balto_buscar_produtos(
      palavras text[], termos text[], tags text[], so_proprios boolean, limite integer)
    returns table (produto integer, pontos real)
    language plpgsql stable security definer rows 40
    set search_path = pg_catalog, public, pg_temp
    set enable_seqscan = off
    set pg_trgm.word_similarity_threshold = 0.55
    as $$ begin
      return query with pedidas as materialized (
        select t.posicao, t.termo, plainto_tsquery('portuguese', t.palavra) || plainto_tsquery('simple', t.termo) as consulta
          from unnest(palavras, termos) with ordinality as t(palavra, termo, posicao)
      ), achados as materialized (
        select d.posicao, x.*, count(*) over (partition by d.posicao) as linhas
          from pedidas d cross join lateral (
            select p.id, p.tag, p.substancia, p.cliente_id is not null as propria,
                   ts_rank('{0.4, 0.6, 0.8, 1.0}', p.documento, d.consulta, 1) as nota
              from produtos p
             where p.documento @@ d.consulta and p.ativo
               and (p.cliente_id is null or p.cliente_id = current_setting('balto.cliente', true))
             limit 400) x
      ), erradas as materialized (
        select d.termo from pedidas d
         where length(d.termo) between 5 and 30 and d.posicao not in (select a.posicao from achados a)
         order by d.posicao desc limit 6
      ), parecidos as materialized (
        select x.* from erradas e cross join lateral (
          select p.id, p.tag, p.substancia, p.cliente_id is not null as propria,
                 (word_similarity(e.termo, p.busca_nome) * 0.3)::real as nota
            from produtos p
           where e.termo <% p.busca_nome and p.ativo
             and (p.cliente_id is null or p.cliente_id = current_setting('balto.cliente', true))
           limit 100) x
      ), somados as materialized (
        select n.id, n.tag, n.substancia, n.propria, sum(n.nota) as nota from (
          select a.id, a.tag, a.substancia, a.propria, a.nota / (1 + ln(a.linhas)) as nota from achados a
          union all
          select s.id, s.tag, s.substancia, s.propria, s.nota from parecidos s) n
         group by n.id, n.tag, n.substancia, n.propria
      ), pontes as materialized (
        select s.substancia, max(s.nota) as nota from somados s
         where s.substancia is not null group by s.substancia order by 2 desc, 1 limit 6
      ), irmaos as materialized (
        select x.*, b.nota * 0.9 as nota from pontes b cross join lateral (
          select p.id, p.tag, p.substancia, p.cliente_id is not null as propria
            from produtos p
           where p.substancia = b.substancia and p.ativo
             and (p.cliente_id is null or p.cliente_id = current_setting('balto.cliente', true))
           limit 40) x
      ), da_tag as materialized (
        select x.*, 0.1 as nota from unnest(tags) as t(nome) cross join lateral (
          select p.id, p.tag, p.substancia, true as propria
            from produtos p
           where p.cliente_id = current_setting('balto.cliente', true) and p.tag = t.nome
             and p.ativo and not p.medicamento and p.indicacoes = '{}'
           limit 8) x
      ), todos as (
        select u.id, u.tag, u.substancia, max(u.nota) + case when u.propria then 0.02 else 0 end as nota from (
          select * from somados union all
          select i.id, i.tag, i.substancia, i.propria, i.nota from irmaos i union all
          select g.id, g.tag, g.substancia, g.propria, g.nota from da_tag g) u
         where u.propria or not so_proprios
         group by u.id, u.tag, u.substancia, u.propria
      ), repartidos as (
        select t.id, t.substancia, t.nota,
               row_number() over (partition by coalesce(t.substancia, t.tag) order by t.nota desc, t.id) as lugar
          from todos t
      )
      select r.id, r.nota::real from repartidos r
       where r.lugar <= case when r.substancia is null then 8 else 4 end
       order by r.nota desc, r.id limit limite;
    end $$`.execute(db);
  const signature = sql.raw('balto_buscar_produtos(text[], text[], text[], boolean, integer)');
  await sql`revoke execute on function ${signature} from public`.execute(db);
  await sql`grant execute on function ${signature} to balto_app`.execute(db);
}
