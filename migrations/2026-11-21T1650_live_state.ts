import { type Kysely, sql } from 'kysely';

/** What a counter does right now, as its process tells the others. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table live_sessions add column state jsonb`.execute(db);
  await sql`
    comment on column live_sessions.state is
      'O que o balcão faz agora: now (listening, speaking, paused, away), desde quando, o que do ouvido foi substituído, e a regra da última fala.'`.execute(
    db,
  );
}
