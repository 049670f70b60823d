import { type Selectable, sql, type Transaction } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import { startOfDay } from '../wall-clock.ts';
import type { Audit } from './audit.ts';
import type { CostCorrection, CostCorrectionsTable } from './cost-tables.ts';
import type { Database } from './database.ts';
import type { Tables } from './tables.ts';
import type { UsageTable } from './usage-table.ts';

/** One billed thing as the ledger has it. */
export type LedgerLine = Pick<
  Selectable<UsageTable>,
  'provider' | 'model' | 'mode' | 'unit' | 'of_what' | 'quantity' | 'channels' | 'at' | 'cost_micro_usd'
>;

/** What lines should have cost; those of one attempt come together, in their order. */
export interface Recost {
  /** Configuration whose prices it knows: corrections for a newer one are left to others. */
  version: number;
  /** As the ledger names the price book. */
  priceVersion: string;
  /** One amount per line, in millionths of a US dollar. */
  costs(attempt: readonly LedgerLine[]): number[];
}

/** Ids looked at in one transaction: what both databases do in well under 100 ms. */
const WINDOW = 1000;
/** An attempt has fewer lines than this. */
const TAIL = 32;
/** What was billed by the older prices may reach the ledger late: out of a journal, from a process that lagged behind. */
const LATE_MS = 10 * 60_000;

/** Makes good what was billed before a price was known: in small steps, by whichever process comes first, once. */
export class CostCorrections {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(db: Database, audit: Audit, clock: Clock) {
    this.#db = db;
    this.#audit = audit;
    this.#clock = clock;
  }

  /** Newest version whose prices were looked at; 0: none. */
  async newest(): Promise<number> {
    const query = (trx: Transaction<Tables>) =>
      trx.selectFrom('cost_corrections').select('version').orderBy('version', 'desc').limit(1).executeTakeFirst();
    return (await this.#db.system(query))?.version ?? 0;
  }

  /** Newest first. */
  list(limit: number): Promise<CostCorrection[]> {
    return this.#db.system(async (trx) => {
      const query = trx.selectFrom('cost_corrections').selectAll().orderBy('version', 'desc').limit(limit);
      return (await query.execute()).map(toCorrection);
    });
  }

  /** Notes what a version of the prices reaches back to. Noting it again changes nothing. */
  async begin(version: number, change: { since: string | null; providers: readonly string[] }): Promise<void> {
    const at = this.#clock.date();
    const row = {
      version,
      since: change.since,
      providers: JSON.stringify(change.providers),
      created_at: at,
      finished_at: change.since === null ? at : null,
    };
    await this.#db.system((trx) =>
      trx
        .insertInto('cost_corrections')
        .values(row)
        .onConflict((conflict) => conflict.column('version').doNothing())
        .execute(),
    );
  }

  /**
   * One step of the oldest correction that has something to do. `done`: there is none, or another process is at it;
   * `waiting`: those that are open have come to the end, and stay open for what may arrive late.
   */
  step(recost: Recost): Promise<'more' | 'waiting' | 'done'> {
    return this.#db.system(async (trx) => {
      const end = await lastId(trx);
      const late = new Date(this.#clock.date().getTime() - LATE_MS);
      const all = trx
        .selectFrom('cost_corrections')
        .where('finished_at', 'is', null)
        .where('version', '<=', recost.version);
      const open = await all
        .selectAll()
        .where(({ eb, or }) => or([eb('after_id', '<', end), eb('created_at', '<=', late)]))
        .orderBy('version')
        .limit(1)
        .forUpdate()
        .skipLocked()
        .executeTakeFirst();
      if (!open) return (await all.select('version').limit(1).executeTakeFirst()) ? 'waiting' : 'done';
      if (open.after_id < end) await correct(trx, open, Math.min(open.after_id + WINDOW, end), recost);
      else await this.#finish(trx, toCorrection(open));
      return 'more';
    });
  }

  async #finish(
    trx: Transaction<Tables>,
    { version, since, providers, rows, microUsd }: CostCorrection,
  ): Promise<void> {
    await trx
      .updateTable('cost_corrections')
      .set({ finished_at: this.#clock.date() })
      .where('version', '=', version)
      .execute();
    if (rows === 0) return;
    await this.#audit.appendIn(trx, {
      actor: 'system',
      action: 'costs.correct',
      target: `config:${version}`,
      why: 'preço com vigência anterior ao que já estava registrado',
      after: { desde: since, fornecedores: providers, linhas: rows, micro_usd: microUsd },
    });
  }
}

async function lastId(trx: Transaction<Tables>): Promise<number> {
  const row = await trx.selectFrom('usage_ledger').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return row?.id ?? 0;
}

type Row = LedgerLine & { id: number; idempotency_key: string; interacao_id: number | null; purpose: string };

async function correct(
  trx: Transaction<Tables>,
  open: Selectable<CostCorrectionsTable>,
  upTo: number,
  recost: Recost,
): Promise<void> {
  const rows: Row[] = await trx
    .selectFrom('usage_ledger')
    .select(['id', 'idempotency_key', 'interacao_id', 'purpose', 'at', 'provider', 'model', 'mode', 'unit', 'of_what'])
    .select(['quantity', 'channels', 'cost_micro_usd'])
    .where('id', '>', open.after_id)
    .where('id', '<=', upTo + TAIL)
    .where('at', '>=', startOfDay(open.since ?? ''))
    .where(sql<boolean>`split_part(provider, ':', 1) = any(${open.providers})`)
    .where('mode', 'is not', null)
    .orderBy('id')
    .execute();
  const changed = attemptsBegunBy(rows, upTo).flatMap((attempt) => {
    const costs = recost.costs(attempt);
    return attempt.flatMap((row, index) => {
      const cost = costs[index] ?? row.cost_micro_usd;
      return cost === row.cost_micro_usd ? [] : [{ ...row, cost, delta: cost - row.cost_micro_usd }];
    });
  });
  if (changed.length > 0) await write(trx, changed, recost.priceVersion);
  const microUsd = changed.reduce((sum, { delta }) => sum + delta, 0);
  await trx
    .updateTable('cost_corrections')
    .set((eb) => ({
      after_id: upTo,
      rows: eb('rows', '+', changed.length),
      micro_usd: eb('micro_usd', '+', microUsd),
    }))
    .where('version', '=', open.version)
    .execute();
}

/** Lines of one attempt are rounded together, so none is worked out without the others: the first says where it belongs. */
function attemptsBegunBy(rows: readonly Row[], upTo: number): Row[][] {
  const parts = (key: string) => /^(.*):(\d+)$/s.exec(key);
  const groups = Map.groupBy(rows, ({ idempotency_key: key }) => parts(key)?.[1] ?? key);
  return [...groups.values()].filter(([first]) => {
    if (!first || first.id > upTo) return false;
    return (parts(first.idempotency_key)?.[2] ?? '0') === '0';
  });
}

/** The ledger's lines, and what interactions and comparisons say of their cost. */
async function write(
  trx: Transaction<Tables>,
  changed: readonly (Row & { cost: number; delta: number })[],
  priceVersion: string,
): Promise<void> {
  const lines = JSON.stringify(changed.map(({ id, cost }) => ({ id, cost })));
  await sql`
    update usage_ledger u set cost_micro_usd = v.cost, price_version = ${priceVersion}
    from json_to_recordset(${lines}::json) as v(id bigint, cost bigint) where u.id = v.id`.execute(trx);
  const paid = changed.filter(({ purpose, interacao_id }) => purpose !== 'shadow' && interacao_id !== null);
  const interactions = [...Map.groupBy(paid, (row) => row.interacao_id)].map(([id, rows]) => ({
    id,
    delta: rows.reduce((sum, { delta }) => sum + delta, 0),
  }));
  await sql`
    update interacoes i set custo_micro_usd = i.custo_micro_usd + v.delta,
      custo_estimado = (i.custo_micro_usd + v.delta) / 1e6
    from json_to_recordset(${JSON.stringify(interactions)}::json) as v(id integer, delta bigint)
    where i.id = v.id and i.custo_micro_usd is not null`.execute(trx);
  const compared = changed.filter(({ purpose }) => purpose === 'shadow');
  await sql`
    update shadow_results s set cost_micro_usd = s.cost_micro_usd + v.delta
    from (select interacao_id, provider, sum(delta)::bigint as delta
      from json_to_recordset(${JSON.stringify(compared)}::json) as r(interacao_id integer, provider text, delta bigint)
      group by 1, 2) v
    where s.interacao_id = v.interacao_id and s.provider = v.provider`.execute(trx);
}

function toCorrection(row: Selectable<CostCorrectionsTable>): CostCorrection {
  const { version, since, providers, rows } = row;
  return {
    version,
    since,
    providers,
    rows,
    microUsd: row.micro_usd,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}
