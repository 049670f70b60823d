import { type Kysely, sql } from 'kysely';

/**
 * Looking a word up by its trigrams costs more than all the rest of a search: of the words that were found nowhere, only the
 * three longest are. A heard name that is wrong in a letter is long; short words that name no product are mostly talk.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create or replace function balto_buscar_produtos(
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
         order by length(d.termo) desc, d.posicao desc limit 3
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
}
