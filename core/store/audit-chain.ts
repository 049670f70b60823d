import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';

/** What the hash of an audit row covers: the whole row but its `id`. */
export interface HashedRow {
  seq: number;
  at: Date;
  actor: string;
  action: string;
  target: string;
  cliente_id: string | null;
  why: string | null;
  before: object | null;
  after: object | null;
  address: string | null;
  previous_hash: string | null;
}

/** The end of the chain. */
export interface ChainEnd {
  seq: number;
  hash: string;
}

const PAGE_ROWS = 500;

/**
 * SHA-256 (hex) over the row as JSON with its keys in order, `at` in ISO 8601 with milliseconds. This is a format that
 * stored rows depend on: it does not change.
 */
export function hashOf(row: HashedRow): string {
  const { seq, at, actor, action, target, cliente_id, why, before, after, address, previous_hash } = row;
  const covered = { seq, at: at.toISOString(), actor, action, target, cliente_id, why, before, after, address };
  return createHash('sha256')
    .update(canonicalJson({ ...covered, previous_hash }))
    .digest('hex');
}

/**
 * Chains the rows that have no hash yet, in the order of their ids, behind those that have one. For rows from before
 * there was a chain: of a migrated database, or of a restored backup. The seal is left to who has the key.
 */
export async function chainAudit(db: Kysely<unknown>): Promise<void> {
  const ends = await sql<ChainEnd>`
    select seq, hash from audit_log where hash is not null order by seq desc limit 1`.execute(db);
  let end = ends.rows[0] ?? null;
  for (let page = await unchained(db); page.length > 0; page = await unchained(db)) {
    const links: (ChainEnd & { id: number; previous_hash: string | null })[] = [];
    for (const { id, ...row } of page) {
      const link = { seq: (end?.seq ?? 0) + 1, previous_hash: end?.hash ?? null };
      end = { seq: link.seq, hash: hashOf({ ...row, ...link }) };
      links.push({ id, ...link, hash: end.hash });
    }
    await sql`
      update audit_log set seq = l.seq, previous_hash = l.previous_hash, hash = l.hash
      from json_to_recordset(${JSON.stringify(links)}::json) as l(id bigint, seq bigint, previous_hash text, hash text)
      where audit_log.id = l.id`.execute(db);
    await sql`
      insert into audit_head (id, seq, hash) values (1, ${end?.seq}, ${end?.hash})
      on conflict (id) do update set seq = excluded.seq, hash = excluded.hash, key_id = null, seal = null`.execute(db);
  }
}

async function unchained(db: Kysely<unknown>): Promise<(Omit<HashedRow, 'seq' | 'previous_hash'> & { id: number })[]> {
  const { rows } = await sql<Omit<HashedRow, 'seq' | 'previous_hash'> & { id: number }>`
    select id, at, actor, action, target, cliente_id, why, before, after, address from audit_log
    where hash is null order by id limit ${PAGE_ROWS}`.execute(db);
  return rows;
}

/** JSON without spaces, the keys of every object in code unit order: two equal values are one text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
