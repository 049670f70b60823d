import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { sql, type Transaction } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import type { Audit } from './audit.ts';
import { checkSize, lastOfEach, refuseStale, unknownVersion } from './config-checks.ts';
import { itemsAt, itemsBetween, lockConfig, newestIn, placeKey } from './config-items.ts';
import {
  type ConfigChange,
  type ConfigItem,
  type ConfigVersion,
  type RecordedChange,
  toConfigVersion,
  type VersionKind,
} from './config-table.ts';
import type { Database } from './database.ts';
import { closeDraft, draftsOnTrial, endTrialsSince, type NewCanary, noteCanary, withoutEnded } from './draft-uses.ts';
import type { Tables } from './tables.ts';
import { cleanText, toJson } from './text.ts';

/** The channel on which a new version is announced; the payload is its number. */
export const CONFIG_CHANNEL = 'balto_config';

/** Who changes something, and why. */
export interface Author {
  /** `admin:<id>`, `token:<id>`, `cli` or `system`. */
  actor: string;
  why?: string;
  /** Where the request came from. */
  address?: string;
}

export interface Activation extends Author {
  changes: readonly ConfigChange[];
  /** Refuse when one of these sections was changed after this version (a lost update). */
  unchangedSince?: number;
  /** Becomes `active` in the same transaction. */
  draftId?: string;
  /** The sections that `unchangedSince` is about, where they are not the changed ones. */
  standingOn?: readonly ConfigChange[];
  /** This draft is in force at these counters from now on, in the same transaction; from here on it stands on this version. */
  canary?: NewCanary;
}

/** What an activation left behind. `version` is the one in force; `changed` is empty when everything stood so already. */
export interface Activated {
  version: number;
  changed: RecordedChange[];
}

/** Rows per statement. */
const PAGE_ROWS = 500;

/**
 * The configuration in versions: one number for everything, one transaction a version. Versions are committed in the
 * order of their numbers (an advisory lock), so whoever sees number N sees all before it. Emits `written` when this
 * process wrote one.
 */
export class ConfigVersions extends EventEmitter<{ written: [version: number] }> {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(db: Database, audit: Audit, clock: Clock) {
    super();
    this.#db = db;
    this.#audit = audit;
    this.#clock = clock;
  }

  /** Number of the newest version; 0 where there is none. */
  newest(): Promise<number> {
    return this.#db.system(newestIn);
  }

  /** Null: no such version. */
  byVersion(version: number): Promise<ConfigVersion | null> {
    return this.#db.system(async (trx) => {
      const query = trx.selectFrom('config_versions').selectAll().where('version', '=', version);
      const row = await query.executeTakeFirst();
      return row ? toConfigVersion(row) : null;
    });
  }

  /**
   * Newest first. `before`: the number the page before ended with. With `clientId` only versions that touched that client,
   * and of them only what concerns it.
   */
  history(page: { limit: number; before?: number; clientId?: string }): Promise<ConfigVersion[]> {
    const { clientId } = page;
    return this.#db.system(async (trx) => {
      let query = trx.selectFrom('config_versions as v').selectAll('v').orderBy('v.version', 'desc').limit(page.limit);
      if (page.before !== undefined) query = query.where('v.version', '<', page.before);
      if (clientId !== undefined) {
        query = query.where(({ exists, selectFrom, or, eb }) =>
          or([
            eb('v.cliente_id', '=', clientId),
            exists(
              selectFrom('config_items as i')
                .select('i.id')
                .whereRef('i.version', '=', 'v.version')
                .where('i.cliente_id', '=', clientId),
            ),
          ]),
        );
      }
      const versions = (await query.execute()).map(toConfigVersion);
      if (clientId === undefined) return versions;
      return versions.map((each) => ({ ...each, changes: each.changes.filter((one) => one.clientId === clientId) }));
    });
  }

  /** Every section in force at `version`, or those of one client and its counters. */
  stateAt(version: number, clientId?: string): Promise<ConfigItem[]> {
    return this.#db.system((trx) => itemsAt(trx, version, clientId === undefined ? {} : { clientId }));
  }

  /**
   * Makes changes the next version, in force as soon as a process reads it. One transaction: all of them or none.
   * @throws BaltoError `BALTO_CONFIG_STALE` (412) when a section was changed after `unchangedSince`;
   * `BALTO_CONFIG_DRAFT_USED` (409); `BALTO_CONFIG_TOO_LARGE` (413).
   */
  async activate(activation: Activation): Promise<Activated> {
    checkSize(activation.changes);
    return await this.#write(async (trx) => {
      const newest = await newestIn(trx);
      const wanted = lastOfEach(activation.changes);
      const since = activation.unchangedSince;
      if (since !== undefined) {
        const held = lastOfEach(activation.standingOn ?? activation.changes);
        refuseStale(await itemsBetween(trx, since, newest), held);
      }
      const [client, ...others] = new Set(activation.changes.map(({ clientId }) => clientId));
      const only = client === undefined || others.length > 0 ? {} : { clientId: client };
      const before = new Map((await itemsAt(trx, newest, only)).map((item) => [placeKey(item), item]));
      const activated = await this.#append(trx, before, wanted, { ...activation, kind: 'change' });
      if (activation.draftId !== undefined) await closeDraft(trx, activation.draftId, activated.version);
      if (activation.canary) await noteCanary(trx, activation.canary, activated.version, this.#clock.date());
      return activated;
    });
  }

  /**
   * Brings back the state of an older version, as a new one: everything, or what belongs to one client. Sections to `keep`
   * stay as they are. Trials of drafts that began since end with it; those that have ended do not begin again.
   * @throws BaltoError `BALTO_CONFIG_VERSION_UNKNOWN` (404), field `version`.
   */
  rollback(to: number, by: Author & { clientId?: string; keep?: readonly string[] }): Promise<Activated> {
    return this.#write(async (trx) => {
      const known = await trx.selectFrom('config_versions').select('version').where('version', '=', to).execute();
      if (known.length === 0) throw unknownVersion();
      const only = by.clientId === undefined ? {} : { clientId: by.clientId };
      const before = new Map((await itemsAt(trx, await newestIn(trx), only)).map((item) => [placeKey(item), item]));
      const then = withoutEnded(await itemsAt(trx, to, only), await draftsOnTrial(trx));
      const mayMove = ({ section }: ConfigItem) => by.keep?.includes(section) !== true;
      const now = [...before.values()].filter(mayMove);
      const gone = new Map(now.map((item) => [placeKey(item), { ...item, value: null } as ConfigChange]));
      for (const item of then.filter(mayMove)) gone.set(placeKey(item), item);
      const activated = await this.#append(trx, before, gone, { ...by, kind: 'rollback', rolledBackTo: to });
      await endTrialsSince(trx, to, by.clientId);
      return activated;
    });
  }

  /**
   * Writes what the environment asks for, where nobody has chosen otherwise: a section that is not there yet, or that
   * stands as it was seeded last.
   * @returns `kept`: somebody edited it, and it is left alone.
   */
  async seed(section: string, value: object): Promise<'written' | 'unchanged' | 'kept'> {
    const change: ConfigChange = { clientId: null, counterId: null, section, value };
    const activated = await this.#write(async (trx) => {
      const items = await itemsAt(trx, await newestIn(trx), { clientId: null });
      const before = new Map(items.map((item) => [placeKey(item), item]));
      const current = before.get(placeKey(change))?.value ?? null;
      const seeded = await lastSeed(trx, section);
      if (!isDeepStrictEqual(current, seeded)) return null;
      const by = { actor: 'system', why: 'variáveis de ambiente', kind: 'seed' } as const;
      return await this.#append(trx, before, new Map([[placeKey(change), change]]), by);
    });
    if (activated === null) return 'kept';
    return activated.changed.length > 0 ? 'written' : 'unchanged';
  }

  /** Announces to this process what was written, once it is committed. */
  async #write<T extends Activated | null>(work: (trx: Transaction<Tables>) => Promise<T>): Promise<T> {
    const activated = await this.#db.system(async (trx) => {
      await lockConfig(trx);
      return await work(trx);
    });
    if (activated && activated.changed.length > 0) {
      await this.#db.afterCommit(() => this.emit('written', activated.version));
    }
    return activated;
  }

  /** Writes version, items, audit row and announcement; nothing at all when nothing would change. */
  async #append(
    trx: Transaction<Tables>,
    before: ReadonlyMap<string, ConfigItem>,
    wanted: ReadonlyMap<string, ConfigChange>,
    by: Author & { kind: VersionKind; rolledBackTo?: number },
  ): Promise<Activated> {
    const changed = [...wanted].flatMap(([key, { clientId, counterId, section, value }]) => {
      const old = before.get(key)?.value ?? null;
      return isDeepStrictEqual(old, value) ? [] : [{ clientId, counterId, section, before: old, after: value }];
    });
    if (changed.length === 0) return { version: await newestIn(trx), changed };
    const clients = new Set(changed.map(({ clientId }) => clientId));
    const clientId = clients.size === 1 ? (changed[0]?.clientId ?? null) : null;
    const { version } = await trx
      .insertInto('config_versions')
      .values({
        at: this.#clock.date(),
        actor: cleanText(by.actor),
        why: by.why === undefined ? null : cleanText(by.why),
        cliente_id: clientId,
        kind: by.kind,
        rolled_back_to: by.rolledBackTo ?? null,
        changes: toJson(changed),
      })
      .returning('version')
      .executeTakeFirstOrThrow();
    await insertItems(trx, version, changed);
    await this.#audit.appendIn(trx, {
      actor: by.actor,
      action: `config.${by.kind}`,
      target: `config:${version}`,
      ...(clientId !== null && { clientId }),
      ...(by.why !== undefined && { why: by.why }),
      ...(by.address !== undefined && { address: by.address }),
      before: changed.map(({ after: _after, ...each }) => each),
      after: changed.map(({ before: _before, ...each }) => each),
    });
    await sql`select pg_notify(${CONFIG_CHANNEL}, ${String(version)})`.execute(trx);
    return { version, changed };
  }
}

/** What the newest seed wrote there; null: it was never seeded. */
async function lastSeed(trx: Transaction<Tables>, section: string): Promise<object | null> {
  const row = await trx
    .selectFrom('config_items as i')
    .innerJoin('config_versions as v', 'v.version', 'i.version')
    .select('i.value')
    .where('v.kind', '=', 'seed')
    .where('i.cliente_id', 'is', null)
    .where('i.section', '=', section)
    .orderBy('i.version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.value ?? null;
}

async function insertItems(trx: Transaction<Tables>, version: number, changed: RecordedChange[]): Promise<void> {
  const rows = changed.map(({ clientId, counterId, section, after }) => ({
    version,
    cliente_id: clientId,
    balcao_id: counterId,
    section,
    value: after === null ? null : toJson(after),
  }));
  for (let at = 0; at < rows.length; at += PAGE_ROWS) {
    await trx
      .insertInto('config_items')
      .values(rows.slice(at, at + PAGE_ROWS))
      .execute();
  }
}
