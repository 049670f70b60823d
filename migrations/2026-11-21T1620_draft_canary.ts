import { type Kysely, sql } from 'kysely';

/** A draft may be in force at some counters first. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table config_drafts add column canary jsonb`.execute(db);
  await sql`
    comment on column config_drafts.canary is
      'Balcões em que o rascunho já vale, em prova: {counterIds, of, version, at}; NULL: em nenhum.'`.execute(db);
}
