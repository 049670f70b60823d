import { type Kysely, sql } from 'kysely';
import { createTable, isolateTenants } from './support/table.ts';

/** What costs are summed up by, what is needed to work one out again, and the corrections that were made. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await extendLedger(db);
  await createCostDays(db);
  await createCorrections(db);
  await createBudgetClaims(db);
  await createRateWindows(db);
  await sql`
    comment on column interacoes.interaction_type is
      'valid, discarded_empty, discarded_ia, mock_voice; sem_provedor: nenhum fornecedor configurado; orcamento: o do cliente acabou e ninguém foi chamado; perdida: passou do limite sem resposta.'`.execute(
    db,
  );
}

async function extendLedger(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table usage_ledger
      add column mode text check (mode in ('batch', 'stream')),
      add column channels smallint`.execute(db);
  await sql`
    comment on column usage_ledger.mode is
      'Como foi pedido: batch ou stream, onde o preço difere; NULL: não se sabe, e o custo não é corrigido.'`.execute(
    db,
  );
  await sql`
    alter table usage_ledger
      drop constraint usage_ledger_purpose_check,
      add constraint usage_ledger_purpose_check check (purpose in ('answer', 'retry', 'hedge', 'shadow', 'probe'))`.execute(
    db,
  );
  await sql`
    comment on column usage_ledger.purpose is
      'Para quê: answer (a resposta), retry (de novo ao mesmo), hedge (ao lado de um lento), shadow (só para comparar), probe (saber se o fornecedor voltou).'`.execute(
    db,
  );
  await sql`comment on column usage_ledger.cliente_id is 'Cliente; vazio: da própria casa.'`.execute(db);
  await sql`
    comment on column usage_ledger.channels is 'Canais do áudio, onde cada um é cobrado; NULL: um.'`.execute(db);
}

/** Kept by the database itself, in the statement that changes the ledger: the two can never tell different sums. */
async function createCostDays(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'cost_days',
    meaning: 'Soma de usage_ledger por dia de São Paulo. Mantida pelo banco: nunca se escreve nela.',
    columns: [
      ['cliente_id', 'text not null', 'Cliente; vazio: da própria casa.'],
      ['day', 'date not null', 'Dia, no fuso de São Paulo.'],
      ['balcao_id', 'text not null', 'Balcão; vazio: nenhum em particular.'],
      ['kind', 'text not null', 'Tipo de fornecedor: stt, llm, ….'],
      ['provider', 'text not null', 'Fornecedor.'],
      ['model', 'text not null', 'Modelo cobrado.'],
      ['purpose', 'text not null', 'Para quê, como em usage_ledger.'],
      ['unit', 'text not null', 'Unidade.'],
      ['of_what', 'text not null', 'O que se mediu.'],
      ['quantity', 'double precision not null', 'Quantidade, na unidade.'],
      ['cost_micro_usd', 'bigint not null', 'Custo, em milionésimos de US$.'],
    ],
    constraints: ['primary key (cliente_id, day, balcao_id, kind, provider, model, purpose, unit, of_what)'],
  });
  await sql`create index cost_days_day on cost_days (day)`.execute(db);
  await isolateTenants(db, 'cost_days');
  await sql`revoke insert, update, delete on cost_days from balto_app`.execute(db);
  // Ordered, so that two processes that add to the same days wait for one another instead of deadlocking.
  const add = (source: string) => `
    insert into cost_days as d
    select cliente_id, (at at time zone 'America/Sao_Paulo')::date, coalesce(balcao_id, ''), kind, provider, model,
      purpose, unit, of_what, sum(sign * quantity), sum(sign * cost_micro_usd)
    from (${source}) rows
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
    order by 1, 2, 3, 4, 5, 6, 7, 8, 9
    on conflict (cliente_id, day, balcao_id, kind, provider, model, purpose, unit, of_what) do update
      set quantity = d.quantity + excluded.quantity, cost_micro_usd = d.cost_micro_usd + excluded.cost_micro_usd`;
  const added = 'select 1 as sign, * from added';
  const removed = 'select -1 as sign, * from removed';
  await sql
    .raw(
      `create function follow_cost_days() returns trigger language plpgsql security definer set search_path = public as $$
       begin
         if tg_op = 'TRUNCATE' then delete from cost_days;
         elsif tg_op = 'INSERT' then ${add(added)};
         elsif tg_op = 'DELETE' then ${add(removed)};
         else ${add(`${added} union all ${removed}`)};
         end if;
         return null;
       end $$`,
    )
    .execute(db);
  const follow = (event: string, tables: string) =>
    sql
      .raw(
        `create trigger cost_days_${event} after ${event} on usage_ledger ${tables}
           for each statement execute function follow_cost_days()`,
      )
      .execute(db);
  await follow('insert', 'referencing new table as added');
  await follow('delete', 'referencing old table as removed');
  await follow('update', 'referencing new table as added old table as removed');
  await follow('truncate', '');
  await sql.raw(`${add('select 1 as sign, * from usage_ledger')}`).execute(db);
}

async function createCorrections(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'cost_corrections',
    meaning: 'Correções de custos já registrados, uma por mudança de preços com vigência no passado.',
    columns: [
      ['version', 'integer primary key', 'Versão da configuração que mudou os preços.'],
      ['since', 'date', 'Primeiro dia cujos custos mudam (UTC); NULL: nenhum.'],
      ['providers', "jsonb not null default '[]'", 'Fornecedores cujos preços mudaram.'],
      ['after_id', 'bigint not null default 0', 'Até que linha de usage_ledger já se corrigiu.'],
      ['rows', 'bigint not null default 0', 'Linhas corrigidas.'],
      ['micro_usd', 'bigint not null default 0', 'Quanto o total mudou, em milionésimos de US$.'],
      ['created_at', 'timestamptz not null', 'Quando os preços mudaram.'],
      ['finished_at', 'timestamptz', 'Quando a correção terminou; NULL: está em curso.'],
    ],
  });
}

async function createBudgetClaims(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'budget_claims',
    meaning: 'Até onde cada cliente já foi avisado do seu orçamento: de vários processos, um só avisa.',
    columns: [
      ['cliente_id', 'text primary key', 'Cliente.'],
      ['since', 'date not null', 'Primeiro dia do período, no fuso do cliente.'],
      ['rank', 'smallint not null', '0 em dia, 1 avisado, 2 no mais barato, 3 esgotado, 4 parado.'],
      ['at', 'timestamptz not null', 'Quando se avisou.'],
    ],
    constraints: ['foreign key (cliente_id) references clientes on delete cascade deferrable'],
  });
  await isolateTenants(db, 'budget_claims');
}

async function createRateWindows(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'rate_windows',
    meaning: 'Pedidos de cada cliente por janela de tempo, para os limites compartilhados entre processos sem Redis.',
    columns: [
      ['key', 'text primary key', 'Cliente, grupo de rotas e janela.'],
      ['used', 'integer not null', 'Pedidos já feitos na janela.'],
      ['ends_at', 'timestamptz not null', 'Fim da janela.'],
    ],
  });
  await sql`create index rate_windows_ends on rate_windows (ends_at)`.execute(db);
  await createTable(db, {
    name: 'counter_reservations',
    meaning:
      'Balcões que um processo está deixando entrar, até aparecerem em live_sessions: para o limite de cada cliente.',
    columns: [
      ['id', 'text primary key', 'Identificador (UUID).'],
      ['process_id', 'text not null', 'Processo.'],
      ['cliente_id', 'text not null', 'Cliente.'],
      ['ends_at', 'timestamptz not null', 'Quando deixa de contar.'],
    ],
  });
  await sql`create index counter_reservations_client on counter_reservations (cliente_id)`.execute(db);
}
