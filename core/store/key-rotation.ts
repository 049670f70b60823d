import { sql, type Transaction } from 'kysely';
import { BaltoError } from '../contracts/index.ts';
import type { Audit } from './audit.ts';
import type { AuditRetention } from './audit-retention.ts';
import type { Author } from './config-versions.ts';
import type { Database } from './database.ts';
import { addSecretKey } from './secret-key-file.ts';
import type { Secrets } from './secrets.ts';
import type { Tables } from './tables.ts';

/** A column of values that `Secrets.seal` made. */
export interface SealedColumn {
  table: string;
  /** Primary key; text or whole numbers. */
  key: readonly string[];
  column: string;
  /** What else of the row the identity is made of. */
  with?: readonly string[];
  /** The row a value belongs to, as it was sealed. */
  identity(row: Record<string, string | null>): string;
  /** Columns that are made of the plain value by the key in use, too. */
  also?(plain: string): Record<string, string>;
}

/** What a rotation did. */
export interface KeysRotated {
  /** Values sealed with the key in use, by table. */
  resealed: Record<string, number>;
  /** Values that open with none of the keys at hand; they stay as they are. */
  unreadable: number;
  /** A new key was made; false: one that was there already is used from now on. */
  newKey: boolean;
}

const PAGE_ROWS = 100;

/**
 * Brings what is sealed in the database from older keys to the one in use. Page by page, each a transaction: it may be
 * stopped at any time, and goes on when it is called again. What stands only in journals goes with them.
 */
export class KeyRotation {
  readonly #db: Database;
  readonly #secrets: Secrets;
  readonly #audit: Audit;
  readonly #auditRetention: Pick<AuditRetention, 'reseal'>;
  readonly #columns: readonly SealedColumn[];
  readonly #keyFolder: string | null;

  /** @param options.keyFolder where Balto keeps its own key; null: the operator gives it by BALTO_SECRET_KEY. */
  constructor(options: {
    db: Database;
    secrets: Secrets;
    audit: Audit;
    auditRetention: Pick<AuditRetention, 'reseal'>;
    columns: readonly SealedColumn[];
    keyFolder: string | null;
  }) {
    this.#db = options.db;
    this.#secrets = options.secrets;
    this.#audit = options.audit;
    this.#auditRetention = options.auditRetention;
    this.#columns = options.columns;
    this.#keyFolder = options.keyFolder;
  }

  /**
   * Where Balto keeps its own key, makes a new one first, unless an earlier rotation was not finished.
   * @throws BaltoError `BALTO_STORE_AWAY`.
   */
  async rotate(by: Author): Promise<KeysRotated> {
    const isUnfinished = (await this.#left()) > 0;
    const newKey = this.#keyFolder !== null && !isUnfinished;
    if (newKey && this.#keyFolder !== null) this.#secrets.adopt(await addSecretKey(this.#keyFolder));
    const done: KeysRotated = { resealed: {}, unreadable: 0, newKey };
    for (const column of this.#columns) await this.#resealColumn(column, done);
    if (await this.#auditRetention.reseal()) done.resealed['audit_retired'] = 1;
    await this.#audit.append({
      actor: by.actor,
      action: 'keys.rotate',
      target: `key:${this.#secrets.keyId}`,
      ...(by.why !== undefined && { why: by.why }),
      after: done,
    });
    return done;
  }

  async #left(): Promise<number> {
    let left = 0;
    for (const column of this.#columns) {
      const { rows } = await this.#db.system((trx) =>
        sql<{ count: number }>`
          select count(*) from ${sql.table(column.table)} where ${this.#isOld(column)}`.execute(trx),
      );
      left += rows[0]?.count ?? 0;
    }
    return left;
  }

  async #resealColumn(column: SealedColumn, done: KeysRotated): Promise<void> {
    done.resealed[column.table] = 0;
    let after: string[] | null = null;
    do {
      after = await this.#db.system((trx) => this.#resealPage(trx, column, after, done));
    } while (after !== null);
  }

  /** @returns the key of the last row looked at; null: there are no more. */
  async #resealPage(
    trx: Transaction<Tables>,
    column: SealedColumn,
    after: string[] | null,
    done: KeysRotated,
  ): Promise<string[] | null> {
    const key = sql.join(column.key.map((name) => sql.ref(name)));
    const shown = sql.join([...column.key, ...(column.with ?? []), column.column].map((name) => sql.ref(name)));
    const past = after ? sql`and (${key}) > (${sql.join(after)})` : sql``;
    const { rows } = await sql<Record<string, string | null>>`
      select ${shown} from ${sql.table(column.table)} where ${this.#isOld(column)} ${past}
      order by ${key} limit ${PAGE_ROWS} for update`.execute(trx);
    for (const row of rows) {
      const plain = this.#open(row[column.column] ?? '', column.identity(row));
      if (plain === null) done.unreadable += 1;
      else {
        await this.#put(trx, column, row, plain);
        done.resealed[column.table] = (done.resealed[column.table] ?? 0) + 1;
      }
    }
    const last = rows.at(-1);
    return last && rows.length === PAGE_ROWS ? column.key.map((name) => last[name] ?? '') : null;
  }

  async #put(
    trx: Transaction<Tables>,
    column: SealedColumn,
    row: Record<string, string | null>,
    plain: string,
  ): Promise<void> {
    const columns = {
      [column.column]: this.#secrets.seal(plain, column.identity(row)),
      ...column.also?.(plain),
    };
    const sets = sql.join(Object.entries(columns).map(([name, value]) => sql`${sql.ref(name)} = ${value}`));
    const isRow = sql.join(
      column.key.map((name) => sql`${sql.ref(name)} = ${row[name] ?? ''}`),
      sql` and `,
    );
    await sql`update ${sql.table(column.table)} set ${sets} where ${isRow}`.execute(trx);
  }

  #open(sealed: string, identity: string): string | null {
    try {
      return this.#secrets.open(sealed, identity);
    } catch (error) {
      if (error instanceof BaltoError && error.code === 'BALTO_SECRET_UNREADABLE') return null;
      throw error;
    }
  }

  #isOld({ column }: SealedColumn) {
    const name = sql.ref(column);
    return sql`${name} is not null and ${name} not like ${`v1.${this.#secrets.keyId}.%`}`;
  }
}
