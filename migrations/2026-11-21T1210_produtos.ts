import { type Kysely, sql } from 'kysely';
import { type Column, createTable, isolateTenants } from './support/table.ts';

const COLUMNS: Column[] = [
  ['id', 'serial primary key', 'Identificador do produto.'],
  ['cliente_id', 'text', 'Cliente dono do item; NULL: catálogo inicial, visível a todos.'],
  ['codigo', 'text not null', 'Código do item no catálogo de origem; não se repete dentro do cliente.'],
  ['nome', 'text not null', 'Nome que aparece no balcão.'],
  ['tag', "text not null default 'outros'", 'Categoria, da lista do protocolo.'],
  [
    'classe_venda',
    "text not null default 'desconhecida' check (classe_venda in " +
      "('venda_livre', 'tarja_vermelha', 'tarja_preta', 'antimicrobiano', 'injetavel', 'desconhecida'))",
    'Só venda_livre chega ao balcão; o que não se sabe é desconhecida e não chega.',
  ],
  ['medicamento', 'boolean not null default true', 'Medicamento: a sugestão leva o aviso obrigatório.'],
  ['principio_ativo', 'text', 'Princípio ativo.'],
  ['indicacoes', "text[] not null default '{}'", 'Necessidades que o item atende.'],
  ['sinonimos', "text[] not null default '{}'", 'Outros nomes pelos quais o pedem.'],
  ['combina_com', "text[] not null default '{}'", 'O que o cliente compra ou diz que torna o item útil.'],
  ['preco_centavos', 'integer', 'Preço em centavos de real.'],
  ['ativo', 'boolean not null default true', 'Pode ser sugerido.'],
  ['fonte', 'text', 'De onde veio a classificação.'],
  ['versao', 'text', 'Versão (data) da lista de onde veio.'],
  ['criado_em', 'timestamptz not null default now()', 'Quando entrou no catálogo.'],
  [
    'documento',
    'tsvector generated always as ' +
      '(balto_documento(nome, principio_ativo, sinonimos, indicacoes, combina_com)) stored',
    'Texto de busca: com acentos pelo radical português, e sem acentos por inteiro.',
  ],
  [
    'busca_nome',
    "text generated always as (balto_sem_acento(nome || ' ' || coalesce(principio_ativo, '') || ' ' || " +
      'balto_lista(sinonimos))) stored',
    'Nomes sem acentos, para erros de grafia.',
  ],
];

/** The catalogue: a global starter and each client's own items, searchable with accents, without, and misspelt. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createTextFunctions(db);
  await createTable(db, {
    name: 'produtos',
    meaning: 'Produtos: o catálogo inicial, comum a todos, e o de cada cliente.',
    columns: COLUMNS,
    constraints: ['foreign key (cliente_id) references clientes on delete cascade deferrable'],
  });
  await sql`create unique index produtos_codigo on produtos (coalesce(cliente_id, ''), codigo)`.execute(db);
  await sql`create index produtos_documento on produtos using gin (documento) with (fastupdate = off)`.execute(db);
  await sql`create index produtos_busca_nome on produtos using gin (busca_nome gin_trgm_ops) with (fastupdate = off)`.execute(
    db,
  );
  await isolateTenants(db, 'produtos');
  await sql`
    create policy produtos_iniciais on produtos for select to balto_app using (cliente_id is null)`.execute(db);
  await sql`grant usage, select on sequence produtos_id_seq to balto_app`.execute(db);
  await createSearch(db);
}

/**
 * Generated columns need immutable functions; `unaccent` is only declared stable because its dictionary could be changed.
 * Both forms are indexed: removing accents before the stemmer breaks it (`ligações` would not find `ligação`).
 */
async function createTextFunctions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function balto_sem_acento(texto text) returns text language sql immutable strict parallel safe as
    $$ select lower(public.unaccent('public.unaccent'::regdictionary, texto)) $$`.execute(db);
  await sql`
    create function balto_lista(itens text[]) returns text language sql immutable strict parallel safe as
    $$ select array_to_string(itens, ' ') $$`.execute(db);
  await sql`
    create function balto_formas(texto text, peso "char") returns tsvector language sql immutable strict parallel safe as
    $$ select setweight(to_tsvector('pg_catalog.portuguese', texto), peso)
           || setweight(to_tsvector('pg_catalog.simple', public.balto_sem_acento(texto)), peso) $$`.execute(db);
  await sql`
    create function balto_documento(nome text, principio text, sinonimos text[], indicacoes text[], combina text[])
    returns tsvector language sql immutable parallel safe as
    $$ select public.balto_formas(nome || ' ' || coalesce(principio, ''), 'A')
           || public.balto_formas(public.balto_lista(sinonimos), 'B')
           || public.balto_formas(public.balto_lista(indicacoes), 'C')
           || public.balto_formas(public.balto_lista(combina), 'D') $$`.execute(db);
}

/**
 * Search runs as the table's owner, because under row-level security Postgres may not use a text index (its operators are
 * not leakproof) and would read every row; so it names the tenant itself: rows of `balto.cliente`, and the common ones.
 * Each word brings at most 400 rows, so a word that half the catalogue shares costs no more than another; the rarer the
 * word, the more it counts. A word that stands nowhere is taken for a slip and looked up by its trigrams.
 */
async function createSearch(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function balto_buscar_produtos(palavras text[], termos text[], limite integer)
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
            select p.id, p.tag, p.cliente_id is not null as propria, ts_rank('{0.4, 0.6, 0.8, 1.0}', p.documento, d.consulta, 1) as nota
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
          select p.id, p.tag, p.cliente_id is not null as propria, (word_similarity(e.termo, p.busca_nome) * 0.3)::real as nota
            from produtos p
           where e.termo <% p.busca_nome and p.ativo
             and (p.cliente_id is null or p.cliente_id = current_setting('balto.cliente', true))
           limit 100) x
      ), somados as (
        select n.id, n.tag, sum(n.nota) + case when n.propria then 0.02 else 0 end as nota from (
          select a.id, a.tag, a.propria, a.nota / (1 + ln(a.linhas)) as nota from achados a
          union all
          select s.id, s.tag, s.propria, s.nota from parecidos s) n
         group by n.id, n.tag, n.propria
      ), repartidos as (
        select s.id, s.nota, row_number() over (partition by s.tag order by s.nota desc, s.id) as lugar from somados s
      )
      select r.id, r.nota::real from repartidos r where r.lugar <= 8 order by r.nota desc, r.id limit limite;
    end $$`.execute(db);
  const signature = sql.raw('balto_buscar_produtos(text[], text[], integer)');
  await sql`revoke execute on function ${signature} from public`.execute(db);
  await sql`grant execute on function ${signature} to balto_app`.execute(db);
}
