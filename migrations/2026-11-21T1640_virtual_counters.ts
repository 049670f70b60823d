import { type Kysely, sql } from 'kysely';

/** A browser of the panel may be a counter for a while: told apart from those that stand in a shop. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table balcoes
      add column tipo text not null default 'real' check (tipo in ('real', 'virtual')),
      add column aberto_por text,
      add column expira_em timestamptz,
      add constraint balcoes_virtual check ((tipo = 'virtual') = (aberto_por is not null and expira_em is not null))`.execute(
    db,
  );
  await sql`create unique index balcoes_virtual_de on balcoes (cliente_id, aberto_por) where tipo = 'virtual'`.execute(
    db,
  );
  const meanings = {
    tipo: 'real: um aparelho de loja; virtual: um navegador do painel, para experimentar.',
    aberto_por: 'Quem abriu o balcão virtual: o identificador da pessoa; NULL: balcão real.',
    expira_em: 'Quando a chave do balcão virtual deixa de valer; NULL: balcão real, a chave não vence.',
  };
  for (const [column, meaning] of Object.entries(meanings)) {
    await sql`comment on column ${sql.ref(`balcoes.${column}`)} is ${sql.lit(meaning)}`.execute(db);
  }
}
