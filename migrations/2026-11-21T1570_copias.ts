import { type Kysely, sql } from 'kysely';
import { createTable } from './support/table.ts';

/** Copies of the database that were made here, and when a session's password was last asked for again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'copias',
    meaning: 'Cópias de segurança feitas desta instalação: pelo painel (arquivo guardado aqui) ou por balto backup.',
    columns: [
      ['id', 'text primary key', 'Identificador (UUID).'],
      ['tipo', "text not null check (tipo in ('painel', 'comando'))", 'painel: guardada aqui; comando: balto backup.'],
      ['estado', "text not null check (estado in ('fazendo', 'pronta', 'falhou'))", 'Em que ponto está.'],
      ['por', 'text not null', 'Quem pediu.'],
      ['iniciada_em', 'timestamptz not null', 'Quando começou.'],
      ['terminada_em', 'timestamptz', 'Quando terminou; NULL: ainda não.'],
      ['batimento_em', 'timestamptz not null', 'Último sinal de quem a faz (relógio do banco).'],
      ['maquina', 'text not null', 'Máquina em cujo disco está o arquivo.'],
      ['arquivo', 'text', 'Nome do arquivo na pasta de cópias; NULL: não está em nossas mãos.'],
      ['bytes', 'bigint', 'Tamanho do arquivo.'],
      ['linhas', 'bigint', 'Linhas copiadas, de todas as tabelas.'],
      ['erro', 'text', 'Código do que a fez falhar.'],
    ],
  });
  // One at a time, whichever process is asked.
  await sql`create unique index copias_fazendo on copias ((true)) where estado = 'fazendo'`.execute(db);
  await sql`create index copias_terminadas on copias (terminada_em) where estado = 'pronta'`.execute(db);
  await sql`alter table admin_sessions add column confirmada_em timestamptz`.execute(db);
  await sql`
    comment on column admin_sessions.confirmada_em is
      'Quando quem tem a sessão disse a senha de novo; NULL: só ao entrar.'`.execute(db);
}
