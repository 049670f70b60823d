import { type Kysely, sql } from 'kysely';
import { chainAudit } from '../core/store/audit-chain.ts';
import { createTable, isolateTenants } from './support/table.ts';

/** Who may do what, tokens and invitations, what slows guesses of passwords down, and an audit that shows when it was touched. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createRoles(db);
  await changeUsers(db);
  await createTokens(db);
  await createLoginLimits(db);
  await chainTheAudit(db);
}

async function createRoles(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'admin_roles',
    meaning: 'Papéis de quem administra: em um cliente, ou na plataforma (todos os clientes).',
    columns: [
      ['id', 'bigserial primary key', 'Identificador.'],
      ['user_id', 'text not null references admin_users on delete cascade deferrable', 'De quem é o papel.'],
      [
        'cliente_id',
        'text references clientes on delete cascade deferrable',
        'Cliente em que vale; NULL: na plataforma, em todos os clientes.',
      ],
      [
        'role',
        "text not null check (role in ('viewer', 'farmaceutico', 'admin', 'owner'))",
        'Papel: viewer, farmaceutico, admin ou owner; o que cada um pode está em docs/operacao.md.',
      ],
      ['granted_at', 'timestamptz not null default now()', 'Quando foi dado.'],
      ['granted_by', 'text', 'Quem o deu; NULL: a partida do servidor.'],
    ],
  });
  await sql`create unique index admin_roles_one on admin_roles (user_id, coalesce(cliente_id, ''))`.execute(db);
  await sql`create index admin_roles_client on admin_roles (cliente_id)`.execute(db);
  await isolateTenants(db, 'admin_roles');
  await sql`revoke insert, update, delete on admin_roles from balto_app`.execute(db);
  await sql`insert into admin_roles (user_id, role) select id, role from admin_users`.execute(db);
}

async function changeUsers(db: Kysely<unknown>): Promise<void> {
  await sql`alter table admin_users drop column role`.execute(db);
  await sql`alter table admin_users alter column password_hash drop not null`.execute(db);
  await sql`alter table admin_users add column bootstrap_hash text, add column revision integer not null default 1`.execute(
    db,
  );
  await sql`comment on column admin_users.revision is 'Aumenta a cada mudança da pessoa ou de seus papéis: é o seu ETag.'`.execute(
    db,
  );
  await sql`comment on column admin_users.password_hash is 'Senha, por scrypt com sal; NULL: o convite ainda não foi aceito.'`.execute(
    db,
  );
  await sql`comment on column admin_users.bootstrap_hash is 'ADMIN_SECRET que já foi aplicada, por scrypt com sal: enquanto não muda, a senha que o dono escolheu fica.'`.execute(
    db,
  );
  await sql`update admin_users set bootstrap_hash = password_hash where id = 'owner'`.execute(db);
  await createTable(db, {
    name: 'admin_invites',
    meaning: 'Convites e redefinições de senha em aberto: no máximo um por pessoa, usado uma vez.',
    columns: [
      ['user_id', 'text primary key references admin_users on delete cascade deferrable', 'De quem é.'],
      ['token_hash', 'text not null unique', 'SHA-256 do convite; o convite em si não é guardado.'],
      ['created_by', 'text not null', 'Quem o fez.'],
      ['created_at', 'timestamptz not null', 'Quando foi feito.'],
      ['expires_at', 'timestamptz not null', 'Até quando vale.'],
    ],
  });
}

async function createTokens(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'api_tokens',
    meaning: 'Tokens de API: nunca podem mais do que quem os criou pode agora.',
    columns: [
      ['id', 'text primary key', 'Identificador (UUID).'],
      ['user_id', 'text not null references admin_users on delete cascade deferrable', 'Quem o criou.'],
      [
        'cliente_id',
        'text references clientes on delete cascade deferrable',
        'Cliente a que se limita; NULL: vai até onde vão os papéis de quem o criou.',
      ],
      ['name', 'text not null', 'Para que serve, dito por quem o criou.'],
      ['scopes', 'text[] not null', 'Permissões que tem.'],
      ['prefix', 'text not null', 'Início do token: serve para achá-lo e para reconhecê-lo.'],
      ['token_hash', 'text not null unique', 'SHA-256 do token; o token em si não é guardado.'],
      ['created_at', 'timestamptz not null', 'Quando foi criado.'],
      ['expires_at', 'timestamptz', 'Até quando vale; NULL: até ser revogado.'],
      ['last_used_at', 'timestamptz', 'Último uso, anotado no máximo uma vez por minuto.'],
      ['revoked_at', 'timestamptz', 'Quando foi revogado; NULL: vale.'],
    ],
  });
  await sql`create index api_tokens_prefix on api_tokens (prefix)`.execute(db);
  await sql`create index api_tokens_user on api_tokens (user_id)`.execute(db);
  await isolateTenants(db, 'api_tokens');
  await sql`revoke insert, update, delete on api_tokens from balto_app`.execute(db);
}

async function createLoginLimits(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'login_attempts',
    meaning: 'Senhas erradas da última hora, para frear quem as tenta; comum a todos os processos.',
    columns: [
      ['id', 'bigserial primary key', 'Identificador.'],
      ['account', 'text not null', 'HMAC da conta que foi digitada, exista ou não.'],
      ['place', 'text not null', 'HMAC do endereço de onde veio.'],
      ['at', 'timestamptz not null', 'Quando.'],
    ],
  });
  await sql`create index login_attempts_place on login_attempts (place, at)`.execute(db);
  await sql`create index login_attempts_account on login_attempts (account, at)`.execute(db);
  await sql`create index login_attempts_at on login_attempts (at)`.execute(db);
  await createTable(db, {
    name: 'login_places',
    meaning: 'Endereços de onde cada conta já entrou com a senha certa: um ataque de outro lugar não a tranca ali.',
    columns: [
      ['account', 'text not null', 'HMAC da conta.'],
      ['place', 'text not null', 'HMAC do endereço.'],
      ['seen_at', 'timestamptz not null', 'Última entrada.'],
    ],
    constraints: ['primary key (account, place)'],
  });
}

async function chainTheAudit(db: Kysely<unknown>): Promise<void> {
  await sql`alter table audit_log add column seq bigint unique, add column previous_hash text, add column hash text`.execute(
    db,
  );
  for (const [column, meaning] of [
    ['seq', 'Lugar na corrente, sem buracos.'],
    ['previous_hash', 'hash da linha anterior.'],
    ['hash', 'SHA-256 desta linha e da anterior, em JSON canônico: mudar uma quebra todas as seguintes.'],
  ]) {
    await sql.raw(`comment on column audit_log.${column} is '${meaning}'`).execute(db);
  }
  await createTable(db, {
    name: 'audit_head',
    meaning: 'A última linha da auditoria, com selo: mostra se o fim foi cortado.',
    columns: [
      ['id', 'smallint primary key check (id = 1)', 'Sempre 1.'],
      ['seq', 'bigint references audit_log (seq) deferrable', 'seq da última linha; NULL: nenhuma.'],
      ['hash', 'text', 'hash da última linha.'],
      ['key_id', 'text', 'Chave que fez o selo.'],
      ['seal', 'text', 'HMAC de seq e hash com uma chave derivada de BALTO_SECRET_KEY, que não está no banco.'],
    ],
  });
  await sql`create index audit_log_client on audit_log (cliente_id, seq)`.execute(db);
  await chainAudit(db);
  await refuseChanges(db);
}

/**
 * The two ways past the guard are those of a restore: it replaces everything, and it chains the rows of a backup from
 * before there was a chain. Whoever owns the database can take the guard away: then the chain and its seal show it.
 */
async function refuseChanges(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function audit_log_so_cresce() returns trigger language plpgsql as $$
    begin
      if current_setting('balto.auditoria', true) = 'restaurar' then
        if tg_op = 'UPDATE' then return new; end if;
        if tg_op = 'DELETE' then return old; end if;
        return null;
      end if;
      raise exception 'audit_log só cresce' using errcode = 'insufficient_privilege';
    end $$`.execute(db);
  await sql`
    create trigger audit_log_so_cresce before update or delete on audit_log
      for each row execute function audit_log_so_cresce()`.execute(db);
  await sql`
    create trigger audit_log_nao_se_esvazia before truncate on audit_log
      for each statement execute function audit_log_so_cresce()`.execute(db);
}
