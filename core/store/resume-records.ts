import { sql } from 'kysely';
import type { Database } from './database.ts';
import { identityOf, type ResumeRecord } from './resume-table.ts';
import type { Secrets } from './secrets.ts';

/** A record that somebody asks for is not purged under his hands. */
const CLAIM_MS = 30_000;
/** Rows purged at once: on the embedded database no query may take long. */
const PURGED = 200;

/**
 * Sessions that can be resumed, each in the hands of one process. A process writes only what it owns: one whose session
 * was taken over learns it from what it could not write. Times are the database's: processes on several machines share it.
 */
export class ResumeRecords {
  readonly #db: Database;
  readonly #secrets: Secrets;
  readonly #owner: string;

  /** `owner` names this process, as no other was or will be named. */
  constructor(db: Database, secrets: Secrets, owner: string) {
    this.#db = db;
    this.#secrets = secrets;
    this.#owner = owner;
  }

  /**
   * Writes records of this process, all in one statement. A crash of the database's machine may lose the last half
   * second of it: the device then finds its bytes later than it thinks, and says so.
   * @returns the token hashes that were written; the others are another process's by now, or their counter is gone.
   */
  async save(records: readonly ResumeRecord[]): Promise<Set<string>> {
    if (records.length === 0) return new Set();
    const values = JSON.stringify(records.map((record) => this.#values(record)));
    return await this.#db.system(async (trx) => {
      await sql`set local synchronous_commit = off`.execute(trx);
      const { rows } = await sql<{ token_hash: string }>`
        insert into resume_records (token_hash, cliente_id, balcao_id, sessao_id, owner, sealed, updated_at, expires_at)
        select v.token_hash, v.cliente_id, v.balcao_id, v.sessao_id, ${this.#owner}, v.sealed, now(),
          now() + make_interval(secs => v.ttl_ms / 1000.0)
        from jsonb_to_recordset(${values}::jsonb) as v(
          token_hash text, cliente_id text, balcao_id text, sessao_id text, sealed text, ttl_ms double precision)
        join balcoes b on b.balcao_id = v.balcao_id and b.cliente_id = v.cliente_id
        on conflict (token_hash) do update
          set sealed = excluded.sealed, updated_at = excluded.updated_at, expires_at = excluded.expires_at
          where resume_records.owner = excluded.owner
        returning token_hash`.execute(trx);
      return new Set(rows.map((row) => row.token_hash));
    });
  }

  /** Sessions that go on are kept resumable, though nothing of them has changed. */
  async keep(tokenHashes: readonly string[], ttlMs: number): Promise<void> {
    if (tokenHashes.length === 0) return;
    await this.#db.system((trx) =>
      trx
        .updateTable('resume_records')
        .set({ expires_at: inMs(ttlMs) })
        .where('token_hash', 'in', [...tokenHashes])
        .where('owner', '=', this.#owner)
        .execute(),
    );
  }

  /** Writes a session's last state and lets go of it: whoever asks for it goes on. */
  async release(record: ResumeRecord): Promise<void> {
    await this.save([record]);
    await this.#db.system((trx) =>
      trx
        .updateTable('resume_records')
        .set({ owner: null })
        .where('token_hash', '=', record.tokenHash)
        .where('owner', '=', this.#owner)
        .execute(),
    );
  }

  /** Sessions of this process that another one asks for. */
  async claimed(): Promise<string[]> {
    const rows = await this.#db.system((trx) =>
      trx
        .selectFrom('resume_records')
        .select('token_hash')
        .where('owner', '=', this.#owner)
        .where('claimed_by', 'is not', null)
        .execute(),
    );
    return rows.map((row) => row.token_hash);
  }

  /** Asks for a session of this counter. Null: there is none, or its time is over. `owner` null: nobody has it. */
  async claim(
    tokenHash: string,
    counter: { clientId: string; counterId: string },
  ): Promise<{ sessionId: string; owner: string | null } | null> {
    const row = await this.#db.tenant(counter.clientId, (trx) =>
      trx
        .updateTable('resume_records')
        .set({
          claimed_by: this.#owner,
          expires_at: sql<Date>`greatest(expires_at, now() + make_interval(secs => ${CLAIM_MS / 1000}))`,
        })
        .where('token_hash', '=', tokenHash)
        .where('balcao_id', '=', counter.counterId)
        .where('expires_at', '>', sql<Date>`now()`)
        .returning(['sessao_id', 'owner'])
        .executeTakeFirst(),
    );
    return row ? { sessionId: row.sessao_id, owner: row.owner } : null;
  }

  /** Who has the session now; undefined: it is gone. */
  async ownerOf(tokenHash: string): Promise<string | null | undefined> {
    const row = await this.#db.system((trx) =>
      trx.selectFrom('resume_records').select('owner').where('token_hash', '=', tokenHash).executeTakeFirst(),
    );
    return row?.owner;
  }

  /** Makes a session that was claimed this process's own. Null: another one claimed it later. */
  async take(tokenHash: string): Promise<string | null> {
    const row = await this.#db.system((trx) =>
      trx
        .updateTable('resume_records')
        .set({ owner: this.#owner, claimed_by: null })
        .where('token_hash', '=', tokenHash)
        .where('claimed_by', '=', this.#owner)
        .returning('sealed')
        .executeTakeFirst(),
    );
    return row ? this.#secrets.open(row.sealed, identityOf(tokenHash)) : null;
  }

  /** Sessions that ended: nobody resumes them. */
  async remove(tokenHashes: readonly string[]): Promise<void> {
    if (tokenHashes.length === 0) return;
    await this.#db.system((trx) =>
      trx
        .deleteFrom('resume_records')
        .where('token_hash', 'in', [...tokenHashes])
        .where('owner', '=', this.#owner)
        .execute(),
    );
  }

  /** Deletes what nobody can resume any more. */
  async purge(): Promise<void> {
    await this.#db.system((trx) =>
      trx
        .deleteFrom('resume_records')
        .where('token_hash', 'in', (from) =>
          from
            .selectFrom('resume_records')
            .select('token_hash')
            .where('expires_at', '<', sql<Date>`now()`)
            .limit(PURGED),
        )
        .execute(),
    );
  }

  #values({ tokenHash, clientId, counterId, sessionId, state, ttlMs }: ResumeRecord): Record<string, unknown> {
    return {
      token_hash: tokenHash,
      cliente_id: clientId,
      balcao_id: counterId,
      sessao_id: sessionId,
      sealed: this.#secrets.seal(state, identityOf(tokenHash)),
      ttl_ms: ttlMs,
    };
  }
}

function inMs(ms: number) {
  return sql<Date>`now() + make_interval(secs => ${ms / 1000})`;
}
