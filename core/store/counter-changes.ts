import type { Selectable, Updateable } from 'kysely';
import type { VadSettings } from '../audio/settings.ts';
import { BaltoError } from '../contracts/index.ts';
import type { Audit } from './audit.ts';
import type { Author } from './config-versions.ts';
import { keyColumns, newKey } from './counter-key.ts';
import { type Counter, type CountersTable, toCounter } from './counters-table.ts';
import type { Database } from './database.ts';
import { type Changed, checkRevision, type Expected } from './revision.ts';
import { cleanText, toJson } from './text.ts';
import { toVadConfig } from './vad-config.ts';

/** What an administrator may set; absent stays as it is. */
export interface CounterSettings {
  name?: string | undefined;
  /** Replaced whole. */
  tags?: string[] | undefined;
  /** The preset, replaced whole. */
  vad?: Partial<VadSettings> | undefined;
}

type Row = Selectable<CountersTable>;

/** What one change does to a row; throws where the row does not allow it. */
type Columns = (row: Row) => Updateable<CountersTable>;

/**
 * What administrators do to counters: each change with its revision and its audit row in one transaction. Every method
 * gives null where there is no such counter, and throws `BALTO_HTTP_STALE` (412) where its revision is another.
 */
export class CounterChanges {
  readonly #db: Database;
  readonly #audit: Audit;

  constructor(db: Database, audit: Audit) {
    this.#db = db;
    this.#audit = audit;
  }

  update(counterId: string, settings: CounterSettings, by: Author, expected: Expected = '*') {
    const { name, tags, vad } = settings;
    const columns = {
      ...(name !== undefined && { nome_balcao: cleanText(name.trim()) }),
      ...(tags !== undefined && { etiquetas: toJson([...new Set(tags)]) }),
      ...(vad !== undefined && { vad_config: JSON.stringify(toVadConfig(vad)) }),
    };
    return this.#change(counterId, 'counter.update', () => columns, by, expected);
  }

  /** A counter that waits, or was suspended, may serve. @throws `BALTO_COUNTER_REVOKED` (409): it needs a new key. */
  approve(counterId: string, by: Author, expected: Expected = '*') {
    return this.#change(counterId, 'counter.approve', unlessRevoked('active'), by, expected);
  }

  /** Its connections are closed, until it is approved again. @throws `BALTO_COUNTER_REVOKED` (409). */
  suspend(counterId: string, by: Author, expected: Expected = '*') {
    return this.#change(counterId, 'counter.suspend', unlessRevoked('suspended'), by, expected);
  }

  /** Its key is unknown from here on, and its connections are closed. */
  revoke(counterId: string, by: Author, expected: Expected = '*') {
    return this.#change(counterId, 'counter.revoke', () => ({ situacao: 'revoked' }), by, expected);
  }

  /** A new key, shown now and never again; the old one is unknown from here on. A revoked counter serves again. */
  async rotate(counterId: string, by: Author, expected: Expected = '*') {
    const apiKey = newKey();
    const columns: Columns = ({ situacao }) => ({
      ...keyColumns(apiKey),
      situacao: situacao === 'revoked' ? 'active' : situacao,
    });
    const changed = await this.#change(counterId, 'counter.rotate', columns, by, expected);
    return changed && { counter: changed.after, apiKey };
  }

  #change(
    counterId: string,
    action: string,
    columns: Columns,
    by: Author,
    expected: Expected,
  ): Promise<Changed<Counter> | null> {
    return this.#db.system(async (trx) => {
      const row = await trx
        .selectFrom('balcoes')
        .selectAll()
        .where('balcao_id', '=', cleanText(counterId))
        .forUpdate()
        .executeTakeFirst();
      if (!row) return null;
      checkRevision(expected, row.revisao);
      const changed = await trx
        .updateTable('balcoes')
        .set({ ...columns(row), revisao: row.revisao + 1 })
        .where('balcao_id', '=', row.balcao_id)
        .returningAll()
        .executeTakeFirstOrThrow();
      const [before, after] = [toCounter(row), toCounter(changed)];
      const target = `counter:${row.balcao_id}`;
      const told = { before: audited(before), after: audited(after) };
      await this.#audit.appendIn(trx, { ...by, action, target, clientId: row.cliente_id, ...told });
      return { before, after };
    });
  }
}

function unlessRevoked(situacao: 'active' | 'suspended'): Columns {
  return (row) => {
    if (row.situacao !== 'revoked') return { situacao };
    throw new BaltoError({
      code: 'BALTO_COUNTER_REVOKED',
      message: 'Este balcão foi revogado: só volta com uma chave nova.',
      statusCode: 409,
    });
  };
}

function audited({ name, status, tags, vad, keyPrefix }: Counter) {
  return { name, status, tags, vad, keyPrefix };
}
