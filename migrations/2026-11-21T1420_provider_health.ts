import { type Kysely, sql } from 'kysely';
import { createTable } from './support/table.ts';

/** What each process found out about providers, for the others: nothing of a client, and nothing of a key but its fingerprint. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'provider_health',
    meaning: 'Saúde dos provedores como cada processo a encontrou, para os outros. Escrita só quando muda.',
    columns: [
      ['key', 'text not null', 'Tipo, provedor, modelo, servidor e impressão da chave; a chave não se deduz dela.'],
      ['kind', 'text not null', 'Tipo de fornecedor: stt, llm, ….'],
      ['address', 'text not null', 'Endereço do provedor: tipo/nome ou tipo/nome:modelo.'],
      ['model', 'text not null', 'Modelo em uso.'],
      ['credential', 'text not null', 'Impressão da chave (SHA-256 abreviado).'],
      ['state', "text not null check (state in ('open', 'closed'))", 'open: os outros vão na frente; closed: em uso.'],
      ['degraded', 'boolean not null', 'Não ouve palavras onde outros ouvem: vai por último.'],
      ['reason', 'text', 'Código do erro, ou empty para quem não ouve; NULL: está bem.'],
      ['until', 'timestamptz', 'Fim do descanso; NULL: não descansa.'],
      ['at', 'timestamptz not null', 'Quando mudou, pelo relógio do banco.'],
      ['process', 'text not null', 'Processo que viu a mudança.'],
    ],
    constraints: ['primary key (key, process)'],
  });
  await sql`create index provider_health_at on provider_health (at)`.execute(db);
}
