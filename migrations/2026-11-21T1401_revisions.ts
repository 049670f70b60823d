import { type Kysely, sql } from 'kysely';

/** Columns whose change is a new revision; what the server notes by itself (visto_em, codes) is none. */
const TOLD = {
  clientes: ['email', 'razao_social', 'telefone', 'vad_config'],
  balcoes: ['nome_balcao', 'situacao', 'chave_hash', 'vad_config', 'etiquetas'],
};

/** Every change of a client or a counter raises its `revisao`, whoever makes it: connected counters are told by it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function aumenta_revisao() returns trigger language plpgsql as $$
    begin
      new.revisao := greatest(new.revisao, old.revisao + 1);
      return new;
    end $$`.execute(db);
  for (const [table, columns] of Object.entries(TOLD)) {
    const rowOf = (side: string) => `(${columns.map((name) => `${side}.${name}`).join(', ')})`;
    await sql
      .raw(
        `create trigger ${table}_revisao before update on ${table} for each row
           when (${rowOf('old')} is distinct from ${rowOf('new')}) execute function aumenta_revisao()`,
      )
      .execute(db);
  }
}
