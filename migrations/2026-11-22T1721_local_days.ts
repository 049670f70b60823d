import { type Kysely, sql } from 'kysely';

/** The days of prices are those of the shop, like those that costs are summed by: only what the columns say of them changes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    comment on column cost_corrections.since is 'Primeiro dia cujos custos mudam (em São Paulo); NULL: nenhum.'`.execute(
    db,
  );
  await sql`comment on column price_book.valid_from is 'Primeiro dia em que vale (em São Paulo).'`.execute(db);
}
