import { type Selectable, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import { type ChainEnd, chainAudit, hashOf } from './audit-chain.ts';
import { type AuditWitness, type SealedEnd, type SealState, sealEnd, sealState } from './audit-seal.ts';
import { type AuditEntry, type AuditHeadTable, type StoredAuditEntry, toAuditEntry } from './audit-table.ts';
import { type AuditReport, verifyAudit } from './audit-verify.ts';
import type { Database } from './database.ts';
import { type Page, readCursor, toPage } from './page.ts';
import { redacted } from './redact.ts';
import type { Secrets } from './secrets.ts';
import type { Tables } from './tables.ts';
import { cleanText, toJson } from './text.ts';

/** What `list` may be narrowed by. Absent: everything. */
export interface AuditFilter {
  clientId?: string | undefined;
  actor?: string | undefined;
  /** Whole (`counter.revoke`), or what it is about (`counter`). */
  action?: string | undefined;
  target?: string | undefined;
  /** Included. */
  from?: Date | undefined;
  /** Not included. */
  to?: Date | undefined;
}

/** Who changed what, and why. Rows are added, never changed, and each carries the hash of the one before. */
export class Audit {
  readonly #db: Database;
  readonly #secrets: Secrets;
  readonly #clock: Clock;
  readonly #witness: AuditWitness;

  constructor(db: Database, secrets: Secrets, clock: Clock, witness: AuditWitness) {
    this.#db = db;
    this.#secrets = secrets;
    this.#clock = clock;
    this.#witness = witness;
  }

  async append(entry: AuditEntry): Promise<void> {
    const end = await this.#db.system((trx) => this.appendIn(trx, entry));
    await this.#db.afterCommit(() => this.noted(end));
  }

  /**
   * As part of a transaction of `system`, so that the change and its row are stored together or not at all. Do it last:
   * from here to the commit, every other append waits.
   */
  async appendIn(trx: Transaction<Tables>, entry: AuditEntry): Promise<SealedEnd> {
    const { end, state } = await this.#lockEnd(trx);
    if (state === 'ok') return await this.#add(trx, end, entry);
    // Whoever took the seal away cannot put another in its place: that it was missing is a row of the chain for good.
    const note: AuditEntry = { actor: 'system', action: 'audit.seal', target: 'audit', after: { found: state } };
    return await this.#add(trx, await this.#add(trx, end, note), entry);
  }

  /** The newest rows, newest first. */
  async list(limit = 100): Promise<StoredAuditEntry[]> {
    return (await this.page({}, limit)).items;
  }

  /** Newest first. @throws BALTO_CURSOR_INVALID */
  async page(filter: AuditFilter, limit: number, cursor?: string): Promise<Page<StoredAuditEntry>> {
    const [beforeSeq] = readCursor(cursor, ['number']) ?? [];
    const { clientId } = filter;
    const work = async (trx: Transaction<Tables>): Promise<Page<StoredAuditEntry>> => {
      let query = filtered(trx.selectFrom('audit_log').selectAll(), filter);
      if (beforeSeq !== undefined) query = query.where('seq', '<', beforeSeq);
      const rows = await query
        .orderBy('seq', 'desc')
        .limit(limit + 1)
        .execute();
      return toPage(rows, limit, toAuditEntry, ({ seq }) => [seq ?? 0]);
    };
    return clientId === undefined ? await this.#db.system(work) : await this.#db.tenant(clientId, work);
  }

  /** After the transaction in which it was appended: this machine has seen that end. */
  noted(end: SealedEnd): Promise<void> {
    return this.#witness.note(end);
  }

  /** Before a restore, in its transaction: lets it replace the log. @returns the end of the one that goes. */
  async replacing(trx: Transaction<Tables>): Promise<ChainEnd | null> {
    await sql`select set_config('balto.auditoria', 'restaurar', true)`.execute(trx);
    return await this.#lastRow(trx);
  }

  /**
   * After a restore, in its transaction: rows from before there was a chain are chained, and that everything was replaced
   * is a row itself. What the archive's own seal said, and which log was replaced, stands in it.
   */
  async restored(trx: Transaction<Tables>, replaced: ChainEnd | null): Promise<SealedEnd> {
    await chainAudit(trx as never);
    const { end, state } = await this.#lockEnd(trx);
    return await this.#add(trx, await this.#lastRow(trx), {
      actor: 'cli',
      action: 'database.restore',
      target: 'database',
      ...(replaced && { before: replaced }),
      after: { found: state, ...end },
    });
  }

  /** Forgets what this machine saw of the log that a restore replaced. */
  async restarted(end: SealedEnd): Promise<void> {
    await this.#witness.note(end, true);
  }

  /** Whether anybody touched it; see `verifyAudit`. */
  verify(expected: ChainEnd | null = null): Promise<AuditReport> {
    return verifyAudit({ db: this.#db, secrets: this.#secrets, witness: this.#witness }, expected);
  }

  /** Holds every other append back until the transaction ends. */
  async #lockEnd(trx: Transaction<Tables>): Promise<{ end: ChainEnd | null; state: SealState }> {
    await trx
      .insertInto('audit_head')
      .values({ id: 1, seq: null, hash: null, key_id: null, seal: null })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    const head = await trx
      .selectFrom('audit_head')
      .selectAll()
      .where('id', '=', 1)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const state = sealState(this.#secrets, { ...head, keyId: head.key_id });
    if (state !== 'ok' || head.seq === null || head.hash === null) return { end: await this.#lastRow(trx), state };
    return { end: { seq: head.seq, hash: head.hash }, state };
  }

  async #lastRow(trx: Transaction<Tables>): Promise<ChainEnd | null> {
    const last = await trx
      .selectFrom('audit_log')
      .select(['seq', 'hash'])
      .where('seq', 'is not', null)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    return last && last.seq !== null ? { seq: last.seq, hash: last.hash ?? '' } : null;
  }

  async #add(trx: Transaction<Tables>, previous: ChainEnd | null, entry: AuditEntry): Promise<SealedEnd> {
    const { before, after } = entry;
    const row = {
      seq: (previous?.seq ?? 0) + 1,
      at: this.#clock.date(),
      actor: cleanText(entry.actor),
      action: entry.action,
      target: cleanText(entry.target),
      cliente_id: entry.clientId ?? null,
      why: entry.why === undefined ? null : cleanText(entry.why),
      before: before ? toJson(redacted(before)) : null,
      after: after ? toJson(redacted(after)) : null,
      address: entry.address ?? null,
      previous_hash: previous?.hash ?? null,
    };
    // What is hashed is what comes back from the table.
    const stored = { ...row, before: parsed(row.before), after: parsed(row.after) };
    const end = sealEnd(this.#secrets, { seq: row.seq, hash: hashOf(stored) });
    await trx
      .insertInto('audit_log')
      .values({ ...row, hash: end.hash })
      .execute();
    const head: Selectable<AuditHeadTable> = { id: 1, seq: end.seq, hash: end.hash, key_id: end.keyId, seal: end.seal };
    await trx.updateTable('audit_head').set(head).where('id', '=', 1).execute();
    return end;
  }
}

function filtered<O>(
  query: SelectQueryBuilder<Tables, 'audit_log', O>,
  { clientId, actor, action, target, from, to }: AuditFilter,
): SelectQueryBuilder<Tables, 'audit_log', O> {
  let narrowed = query;
  if (clientId !== undefined) narrowed = narrowed.where('cliente_id', '=', cleanText(clientId));
  if (actor !== undefined) narrowed = narrowed.where('actor', '=', cleanText(actor));
  if (target !== undefined) narrowed = narrowed.where('target', '=', cleanText(target));
  if (from) narrowed = narrowed.where('at', '>=', from);
  if (to) narrowed = narrowed.where('at', '<', to);
  if (action === undefined) return narrowed;
  const whole = cleanText(action);
  return narrowed.where((where) =>
    where.or([where('action', '=', whole), where(sql`split_part(action, '.', 1)`, '=', whole)]),
  );
}

function parsed(json: string | null): object | null {
  return json === null ? null : (JSON.parse(json) as object);
}
