import { createHmac } from 'node:crypto';
import type { Selectable, Transaction } from 'kysely';
import type { ChainEnd } from './audit-chain.ts';
import type { AuditRetiredTable } from './audit-table.ts';
import { type Secrets, sameDigest } from './secrets.ts';
import type { Tables } from './tables.ts';

/** How far the oldest rows of the audit are gone, as its sealed mark says. */
export interface RetiredRows extends ChainEnd {
  rows: number;
  /** Rows among them that told of a seal (`audit.seal`); the first of a log is normal. */
  seals: number;
  /** When the newest of them was written, and when it went. */
  newestAt: Date;
  retiredAt: Date;
}

/** The mark as it stands there. */
export interface RetiredMark extends RetiredRows {
  seal: 'ok' | 'wrong';
  /** The key that made the seal is the one in use. */
  isCurrent: boolean;
}

export async function retiredMark(trx: Transaction<Tables>, secrets: Secrets): Promise<RetiredMark | null> {
  const row = await trx.selectFrom('audit_retired').selectAll().executeTakeFirst();
  if (!row) return null;
  const { seq, hash, rows, seals } = row;
  const mark: RetiredRows = { seq, hash, rows, seals, newestAt: row.newest_at, retiredAt: row.retired_at };
  const seal = sameDigest(row.seal, sealOf(secrets, mark, row.key_id) ?? '') ? 'ok' : 'wrong';
  return { ...mark, seal, isCurrent: row.key_id === secrets.keyId };
}

/** In a transaction that may move it: see `AuditRetention`. */
export async function putRetiredMark(trx: Transaction<Tables>, secrets: Secrets, mark: RetiredRows): Promise<void> {
  const { seq, hash, rows, seals, newestAt, retiredAt } = mark;
  const { keyId } = secrets;
  const sealed = { key_id: keyId, seal: sealOf(secrets, mark, keyId) ?? '' };
  const row: Selectable<AuditRetiredTable> = {
    ...{ id: 1, seq, hash, rows, seals, newest_at: newestAt, retired_at: retiredAt },
    ...sealed,
  };
  await trx
    .insertInto('audit_retired')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

function sealOf(secrets: Secrets, mark: RetiredRows, keyId: string): string | null {
  const key = secrets.derive('audit retired', undefined, keyId);
  const { seq, hash, rows, seals, newestAt, retiredAt } = mark;
  const text = [seq, hash, rows, seals, newestAt.toISOString(), retiredAt.toISOString()].join(':');
  return key ? createHmac('sha256', key).update(text).digest('hex') : null;
}
