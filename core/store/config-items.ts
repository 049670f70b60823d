import { sql, type Transaction } from 'kysely';
import { type ConfigItem, type Place, toConfigItem } from './config-table.ts';
import type { Tables } from './tables.ts';

/** Rows per query: what the embedded database reads well within 100 ms. */
const PAGE_ROWS = 500;

/** Names the section of one place. */
export function placeKey({ clientId, counterId, section }: Place & { section: string }): string {
  return `${clientId ?? ''}\n${counterId ?? ''}\n${section}`;
}

/**
 * The newest item of each place up to `version`, removed ones left out: the whole state, or what belongs to one client
 * (`null`: to everyone).
 */
export async function itemsAt(
  trx: Transaction<Tables>,
  version: number,
  only: { clientId?: string | null },
): Promise<ConfigItem[]> {
  const found: ConfigItem[] = [];
  const client = sql<string>`coalesce(cliente_id, '')`;
  const counter = sql<string>`coalesce(balcao_id, '')`;
  let past = sql`true`;
  for (;;) {
    let query = trx
      .selectFrom('config_items')
      .distinctOn([client, counter, 'section'])
      .select(['version', 'cliente_id', 'balcao_id', 'section', 'value'])
      .where('version', '<=', version)
      .where(sql<boolean>`${past}`);
    if (only.clientId !== undefined) query = query.where(client, '=', only.clientId ?? '');
    const rows = await query
      .orderBy(client)
      .orderBy(counter)
      .orderBy('section')
      .orderBy('version', 'desc')
      .limit(PAGE_ROWS)
      .execute();
    found.push(...rows.map(toConfigItem));
    const last = rows.at(-1);
    if (!last || rows.length < PAGE_ROWS) return found.filter(({ value }) => value !== null);
    const at = sql.join([last.cliente_id ?? '', last.balcao_id ?? '', last.section]);
    past = sql`(${client}, ${counter}, section) > (${at})`;
  }
}

/** Items of the versions after `from` up to `to`, in the order they were written; removals included. */
export async function itemsBetween(trx: Transaction<Tables>, from: number, to: number): Promise<ConfigItem[]> {
  const found: ConfigItem[] = [];
  let afterId = 0;
  for (;;) {
    const rows = await trx
      .selectFrom('config_items')
      .select(['id', 'version', 'cliente_id', 'balcao_id', 'section', 'value'])
      .where('version', '>', from)
      .where('version', '<=', to)
      .where('id', '>', afterId)
      .orderBy('id')
      .limit(PAGE_ROWS)
      .execute();
    found.push(...rows.map(toConfigItem));
    afterId = rows.at(-1)?.id ?? 0;
    if (rows.length < PAGE_ROWS) return found;
  }
}

/** Number of the newest version; 0: there is none. */
export async function newestIn(trx: Transaction<Tables>): Promise<number> {
  const query = trx.selectFrom('config_versions').select('version').orderBy('version', 'desc').limit(1);
  return (await query.executeTakeFirst())?.version ?? 0;
}

/** Waits until nobody else changes the configuration, and keeps them waiting until the transaction ends. */
export async function lockConfig(trx: Transaction<Tables>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('balto_config'))`.execute(trx);
}
