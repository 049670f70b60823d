import { randomUUID } from 'node:crypto';
import { type Selectable, sql, type Transaction } from 'kysely';
import { BaltoError, type Clock, type Credential } from '../contracts/index.ts';
import type { Audit } from './audit.ts';
import { itemsAt, lockConfig, newestIn } from './config-items.ts';
import { credentialIds } from './config-snapshot.ts';
import type { Author } from './config-versions.ts';
import type { Database } from './database.ts';
import type { SealedColumn } from './key-rotation.ts';
import { type Page, readCursor, toPage } from './page.ts';
import type { Secrets } from './secrets.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';
import { toVendorCredential, type VendorCredential, type VendorCredentialsTable } from './vendor-credentials-table.ts';

/** A key ready for use, or why it is not. Never leaves the process, never stands in a log. */
export interface OpenedCredential {
  id: string;
  clientId: string | null;
  vendor: string;
  /** As its vendor's schema wants it; null: it cannot be used. */
  credential: Credential | null;
  /** pt-BR; null: it can be used. */
  problem: string | null;
}

/** A secret shorter than this would be half told by its last four characters. */
const LEAST_TO_SHOW = 12;
const PAGE_ROWS = 500;

/** The vendors' keys that admins enter: sealed, shown by their last four characters, opened only to be used. */
export class VendorCredentials {
  readonly #db: Database;
  readonly #secrets: Secrets;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(db: Database, secrets: Secrets, audit: Audit, clock: Clock) {
    this.#db = db;
    this.#secrets = secrets;
    this.#audit = audit;
    this.#clock = clock;
  }

  /**
   * Keeps a key. `credential` is already valid against its vendor's schema; `secret` is the value in it that is told by
   * its last four characters.
   * @throws BaltoError `BALTO_CREDENTIAL_KNOWN` (409): the same owner has this very key, and it serves.
   */
  add(
    input: { clientId: string | null; vendor: string; label: string; credential: Credential; secret: string },
    by: Author,
  ): Promise<VendorCredential> {
    const { clientId, vendor, secret } = input;
    const id = randomUUID();
    const plain = plainOf(input.credential);
    const fingerprint = this.#fingerprint(plain);
    return this.#db.system(async (trx) => {
      const twin = await sameKey(trx, { clientId, vendor, fingerprint });
      if (twin) throw known(twin);
      const row = await trx
        .insertInto('vendor_credentials')
        .values({
          id,
          cliente_id: clientId,
          vendor,
          label: cleanText(input.label),
          sealed: this.#secrets.seal(plain, identityOf({ id, clientId, vendor })),
          last_four: secret.length < LEAST_TO_SHOW ? '' : secret.slice(-4),
          fingerprint,
          created_at: this.#clock.date(),
          created_by: by.actor,
          disabled_at: null,
          probed_at: null,
          probe_code: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      const added = toVendorCredential(row);
      await this.#audit.appendIn(trx, {
        ...auditOf('credential.add', added, by),
        after: { vendor, label: added.label, lastFour: added.lastFour },
      });
      return added;
    });
  }

  /** Newest first; of one client, of everyone (`null`), or all. */
  list(filter: { clientId?: string | null; vendor?: string } = {}): Promise<VendorCredential[]> {
    const { clientId, vendor } = filter;
    return this.#db.system(async (trx) => {
      let query = trx.selectFrom('vendor_credentials').selectAll();
      if (clientId !== undefined) query = query.where(sql`coalesce(cliente_id, '')`, '=', clientId ?? '');
      if (vendor !== undefined) query = query.where('vendor', '=', vendor);
      return (await query.orderBy('created_at', 'desc').orderBy('id').limit(1000).execute()).map(toVendorCredential);
    });
  }

  /** A part of them, newest first; of one client, or everyone's (`null`). */
  page(
    filter: { clientId: string | null; vendor?: string | undefined },
    limit: number,
    cursor?: string,
  ): Promise<Page<VendorCredential>> {
    const after = readCursor(cursor, ['number', 'text']);
    return this.#db.system(async (trx) => {
      let query = trx
        .selectFrom('vendor_credentials')
        .selectAll()
        .where(sql`coalesce(cliente_id, '')`, '=', filter.clientId ?? '');
      if (filter.vendor !== undefined) query = query.where('vendor', '=', filter.vendor);
      if (after) {
        const [time, id] = after;
        query = query.where((where) => where(where.refTuple('created_at', 'id'), '<', where.tuple(new Date(time), id)));
      }
      const rows = await query
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute();
      return toPage(rows, limit, toVendorCredential, (row) => [row.created_at.getTime(), row.id]);
    });
  }

  /** Those of these that there are, in no order. */
  byIds(ids: readonly string[]): Promise<VendorCredential[]> {
    if (ids.length === 0) return Promise.resolve([]);
    return this.#db.system(async (trx) =>
      (await trx.selectFrom('vendor_credentials').selectAll().where('id', 'in', ids).execute()).map(toVendorCredential),
    );
  }

  /**
   * The key serves no more, for good. Null: there is none of that id.
   * @throws BaltoError `BALTO_CREDENTIAL_IN_USE` (409) while the configuration in force names it.
   */
  disable(id: string, by: Author): Promise<VendorCredential | null> {
    return this.#db.system(async (trx) => {
      await lockConfig(trx);
      const users = (await itemsAt(trx, await newestIn(trx), {})).filter(({ section, value }) =>
        section.startsWith('credentials.') ? credentialIds(value).includes(id) : false,
      );
      if (users.length > 0) throw inUse(users.length);
      const row = await trx
        .updateTable('vendor_credentials')
        .set({ disabled_at: this.#clock.date() })
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      if (!row) return null;
      const disabled = toVendorCredential(row);
      await this.#audit.appendIn(trx, auditOf('credential.disable', disabled, by));
      return disabled;
    });
  }

  /** Notes what the vendor said of it: `ok`, or an error's code. */
  async noteProbe(id: string, code: string): Promise<void> {
    const columns = { probed_at: this.#clock.date(), probe_code: code };
    await this.#db.system((trx) => trx.updateTable('vendor_credentials').set(columns).where('id', '=', id).execute());
  }

  /** Opens keys for use. One that is gone, disabled or does not open says so in its place; nothing is thrown for it. */
  open(ids: readonly string[]): Promise<OpenedCredential[]> {
    return openCredentials(this.#db, this.#secrets, ids);
  }

  /** Where the keys stand, for a rotation of the key that seals them. */
  get sealed(): SealedColumn {
    return {
      table: 'vendor_credentials',
      key: ['id'],
      column: 'sealed',
      with: ['cliente_id', 'vendor'],
      identity: ({ id, cliente_id: clientId = null, vendor }) =>
        identityOf({ id: id ?? '', clientId, vendor: vendor ?? '' }),
      also: (plain) => ({ fingerprint: this.#fingerprint(plain) }),
    };
  }

  /** Tells that two keys are the same to whoever has BALTO_SECRET_KEY, and nothing to whoever has the database alone. */
  #fingerprint(plain: string): string {
    return this.#secrets.fingerprint('vendor credential', plain);
  }
}

/** As {@link VendorCredentials.open}, for whoever has nothing but a database and the keys to it. */
export async function openCredentials(
  db: Database,
  secrets: Secrets,
  ids: readonly string[],
): Promise<OpenedCredential[]> {
  const opened: OpenedCredential[] = [];
  for (let at = 0; at < ids.length; at += PAGE_ROWS) {
    const page = ids.slice(at, at + PAGE_ROWS);
    const rows = await db.system((trx) =>
      trx
        .selectFrom('vendor_credentials')
        .select(['id', 'cliente_id', 'vendor', 'sealed', 'disabled_at'])
        .where('id', 'in', page)
        .execute(),
    );
    const found = new Map(rows.map((row) => [row.id, row]));
    for (const id of page) {
      const row = found.get(id);
      if (!row) opened.push({ id, clientId: null, vendor: '', credential: null, problem: 'a chave não existe mais' });
      else opened.push(openRow(row, secrets));
    }
  }
  return opened;
}

function openRow(row: SealedRow, secrets: Secrets): OpenedCredential {
  const { id, cliente_id: clientId, vendor } = row;
  const unusable = (problem: string) => ({ id, clientId, vendor, credential: null, problem });
  if (row.disabled_at) return unusable('a chave foi desativada');
  try {
    const text = secrets.open(row.sealed, identityOf({ id, clientId, vendor }));
    return { id, clientId, vendor, credential: JSON.parse(text) as Credential, problem: null };
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'BALTO_SECRET_UNREADABLE') throw error;
    return unusable('a chave guardada não abre com a BALTO_SECRET_KEY em uso');
  }
}

type SealedRow = Pick<Selectable<VendorCredentialsTable>, 'id' | 'cliente_id' | 'vendor' | 'sealed' | 'disabled_at'>;

/** The same text for the same key, in whatever order its fields came. */
function plainOf(credential: Credential): string {
  return JSON.stringify(Object.fromEntries(Object.entries(credential).sort(([a], [b]) => (a < b ? -1 : 1))));
}

async function sameKey(
  trx: Transaction<Tables>,
  { clientId, vendor, fingerprint }: { clientId: string | null; vendor: string; fingerprint: string },
): Promise<string | undefined> {
  const row = await trx
    .selectFrom('vendor_credentials')
    .select('label')
    .where(sql`coalesce(cliente_id, '')`, '=', clientId ?? '')
    .where('vendor', '=', vendor)
    .where('fingerprint', '=', fingerprint)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return row?.label;
}

/** The row a sealed key belongs to: copied to another one it does not open. */
function identityOf({ id, clientId, vendor }: { id: string; clientId: string | null; vendor: string }): string {
  return `vendor_credentials:${id}:${clientId ?? ''}:${vendor}`;
}

function auditOf(action: string, { id, clientId }: VendorCredential, by: Author) {
  return {
    actor: by.actor,
    action,
    target: `credential:${id}`,
    ...(clientId !== null && { clientId }),
    ...(by.why !== undefined && { why: by.why }),
    ...(by.address !== undefined && { address: by.address }),
  };
}

function known(label: string): BaltoError {
  return new BaltoError({
    code: 'BALTO_CREDENTIAL_KNOWN',
    field: 'credential',
    message: `Esta chave já está cadastrada, com o nome "${label}".`,
    statusCode: 409,
  });
}

function inUse(places: number): BaltoError {
  return new BaltoError({
    code: 'BALTO_CREDENTIAL_IN_USE',
    message: `A configuração em vigor ainda usa esta chave (em ${places} lugar${places > 1 ? 'es' : ''}); troque-a lá antes.`,
    statusCode: 409,
  });
}
