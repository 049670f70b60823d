import { type Kysely, sql } from 'kysely';
import { createTable, isolateTenants } from './support/table.ts';

/** What a process needs to go on with another one's session when its device comes back. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'resume_records',
    meaning: 'Sessões do protocolo 2 que um aparelho ainda pode retomar, em qualquer processo.',
    columns: [
      ['token_hash', 'text primary key', 'SHA-256 do token de retomada; o token em si não é guardado.'],
      ['cliente_id', 'text not null references clientes on delete cascade deferrable', 'Cliente.'],
      ['balcao_id', 'text not null references balcoes on delete cascade deferrable', 'Balcão: só ele a retoma.'],
      ['sessao_id', 'text not null', 'Sessão, como em interacoes.sessao_id.'],
      ['owner', 'text', 'Processo que a atende; NULL: foi largada, qualquer um a continua.'],
      ['claimed_by', 'text', 'Processo que a pede: quem a atende a larga.'],
      ['sealed', 'text not null', 'Onde a sessão está, cifrado: guarda falas de pessoas.'],
      ['updated_at', 'timestamptz not null default now()', 'Última gravação.'],
      ['expires_at', 'timestamptz not null', 'Depois disso ninguém a retoma, e ela é apagada.'],
    ],
  });
  await sql`create index resume_records_owner on resume_records (owner)`.execute(db);
  await sql`create index resume_records_expires on resume_records (expires_at)`.execute(db);
  await isolateTenants(db, 'resume_records');
}
