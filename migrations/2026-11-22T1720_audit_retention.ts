import { type Kysely, sql } from 'kysely';
import { createTable } from './support/table.ts';

/**
 * The oldest rows of the audit may go, once they are five years old, and what is left begins at a sealed mark. The guard of
 * the log itself holds the years and the mark: whoever names the setting still cannot take a younger row, nor one that the
 * mark does not cover.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'audit_retired',
    meaning:
      'Até onde a auditoria foi aposentada por ter passado do prazo: no máximo uma linha. A corrente continua dali.',
    columns: [
      ['id', 'smallint primary key check (id = 1)', 'Sempre 1.'],
      ['seq', 'bigint not null', 'seq da última linha aposentada.'],
      ['hash', 'text not null', 'hash da última linha aposentada: a primeira que resta o traz em previous_hash.'],
      ['rows', 'bigint not null', 'Linhas aposentadas até hoje.'],
      ['seals', 'bigint not null', 'Quantas delas eram audit.seal: a primeira de uma auditoria é normal.'],
      ['newest_at', 'timestamptz not null', 'Quando foi escrita a mais nova das aposentadas.'],
      ['retired_at', 'timestamptz not null', 'Quando a última delas foi aposentada.'],
      ['key_id', 'text not null', 'Chave que fez o selo.'],
      [
        'seal',
        'text not null',
        'HMAC das outras colunas com uma chave derivada de BALTO_SECRET_KEY, que não está no banco.',
      ],
    ],
  });
  await guardTheLog(db);
  await guardTheMark(db);
}

/** `aposentar`, within one transaction: rows that the mark covers, and that are old enough, may be deleted. Nothing else. */
async function guardTheLog(db: Kysely<unknown>): Promise<void> {
  await sql`
    create or replace function audit_log_so_cresce() returns trigger language plpgsql as $$
    declare
      modo text := current_setting('balto.auditoria', true);
    begin
      if modo = 'restaurar' then
        if tg_op = 'UPDATE' then return new; end if;
        if tg_op = 'DELETE' then return old; end if;
        return null;
      end if;
      if modo = 'aposentar' and tg_op = 'DELETE' then
        if old.at < now() - interval '5 years' and old.seq <= (select r.seq from audit_retired r) then
          return old;
        end if;
      end if;
      raise exception 'audit_log só cresce' using errcode = 'insufficient_privilege';
    end $$`.execute(db);
}

/** The mark moves on, never back, and never away. */
async function guardTheMark(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function audit_retired_so_avanca() returns trigger language plpgsql as $$
    declare
      modo text := current_setting('balto.auditoria', true);
    begin
      if modo = 'restaurar' then
        if tg_op in ('INSERT', 'UPDATE') then return new; end if;
        if tg_op = 'DELETE' then return old; end if;
        return null;
      end if;
      if modo = 'aposentar' then
        if tg_op = 'INSERT' then return new; end if;
        if tg_op = 'UPDATE' then
          if new.seq >= old.seq then return new; end if;
        end if;
      end if;
      raise exception 'audit_retired só avança' using errcode = 'insufficient_privilege';
    end $$`.execute(db);
  await sql`
    create trigger audit_retired_so_avanca before insert or update or delete on audit_retired
      for each row execute function audit_retired_so_avanca()`.execute(db);
  await sql`
    create trigger audit_retired_nao_se_esvazia before truncate on audit_retired
      for each statement execute function audit_retired_so_avanca()`.execute(db);
}
