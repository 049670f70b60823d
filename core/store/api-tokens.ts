import { randomBytes, randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import { BaltoError, type Clock } from '../contracts/index.ts';
import { type ApiToken, toApiToken } from './api-tokens-table.ts';
import type { Audit } from './audit.ts';
import type { Database } from './database.ts';
import { type Page, readCursor, toPage } from './page.ts';
import { rolesOf } from './roles.ts';
import type { RoleGrant } from './roles-table.ts';
import { sameDigest, sha256 } from './secrets.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';
import type { By } from './user-rows.ts';

/** A token that opened, with what its maker may now, cut to the client that the token is for. */
export interface TokenLogin {
  token: ApiToken;
  roles: RoleGrant[];
}

const SHAPE = /^bt_[\w-]{43}$/;
/** `bt_` and the first 8 characters of the secret. */
const PREFIX_LENGTH = 11;
/** Uses are noted at most this often. */
const NOTE_EVERY_MS = 60_000;
/** Live tokens of one user. */
const MOST_TOKENS = 100;

/** API tokens: 256 random bits, shown once, kept as SHA-256. What one opens follows its maker's roles at every use. */
export class ApiTokens {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(db: Database, audit: Audit, clock: Clock) {
    this.#db = db;
    this.#audit = audit;
    this.#clock = clock;
  }

  /** `secret` is returned here and never again. @throws BALTO_TOKENS_TOO_MANY (409) */
  async create(
    input: { userId: string; clientId: string | null; name: string; scopes: readonly string[]; expiresAt: Date | null },
    by: By,
  ): Promise<{ token: ApiToken; secret: string }> {
    const secret = `bt_${randomBytes(32).toString('base64url')}`;
    const token = await this.#db.system(async (trx) => {
      if ((await this.#liveOf(trx, input.userId)) >= MOST_TOKENS) throw tooMany();
      const row = await trx
        .insertInto('api_tokens')
        .values({
          id: randomUUID(),
          user_id: input.userId,
          cliente_id: input.clientId,
          name: cleanText(input.name.trim()),
          scopes: [...input.scopes],
          prefix: secret.slice(0, PREFIX_LENGTH),
          token_hash: sha256(secret),
          created_at: this.#clock.date(),
          expires_at: input.expiresAt,
          last_used_at: null,
          revoked_at: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      const created = toApiToken(row);
      const { name, scopes, expiresAt } = created;
      await this.#write(trx, by, 'token.create', created, { after: { name, scopes, expiresAt } });
      return created;
    });
    return { token, secret };
  }

  /** The token, if it opens now: not revoked, not expired, and its maker still has access. */
  async login(secret: string): Promise<TokenLogin | null> {
    if (!SHAPE.test(secret)) return null;
    const digest = sha256(secret);
    const now = this.#clock.date();
    return await this.#db.system(async (trx) => {
      const rows = await trx
        .selectFrom('api_tokens as t')
        .innerJoin('admin_users as u', 'u.id', 't.user_id')
        .selectAll('t')
        .where('t.prefix', '=', secret.slice(0, PREFIX_LENGTH))
        .where('t.revoked_at', 'is', null)
        .where((where) => where.or([where('t.expires_at', 'is', null), where('t.expires_at', '>', now)]))
        .where('u.disabled_at', 'is', null)
        .execute();
      const row = rows.find(({ token_hash }) => sameDigest(token_hash, digest));
      if (!row) return null;
      if (row.last_used_at === null || now.getTime() - row.last_used_at.getTime() >= NOTE_EVERY_MS) {
        await trx.updateTable('api_tokens').set({ last_used_at: now }).where('id', '=', row.id).execute();
      }
      return { token: toApiToken(row), roles: within(await rolesOf(trx, row.user_id), row.cliente_id) };
    });
  }

  byId(id: string): Promise<ApiToken | null> {
    return this.#db.system(async (trx) => {
      const row = await trx.selectFrom('api_tokens').selectAll().where('id', '=', cleanText(id)).executeTakeFirst();
      return row ? toApiToken(row) : null;
    });
  }

  /** By id: this user's, or those for this client; null: all. @throws BALTO_CURSOR_INVALID */
  async page(
    limit: number,
    cursor: string | undefined,
    of: { userId: string } | { clientId: string | null },
  ): Promise<Page<ApiToken>> {
    const [after] = readCursor(cursor, ['text']) ?? [];
    const clientId = 'clientId' in of ? of.clientId : null;
    const work = async (trx: Transaction<Tables>): Promise<Page<ApiToken>> => {
      let query = trx
        .selectFrom('api_tokens')
        .selectAll()
        .orderBy('id')
        .limit(limit + 1);
      if (after !== undefined) query = query.where('id', '>', after);
      if ('userId' in of) query = query.where('user_id', '=', of.userId);
      if (clientId !== null) query = query.where('cliente_id', '=', clientId);
      return toPage(await query.execute(), limit, toApiToken, ({ id }) => [id]);
    };
    return clientId === null ? await this.#db.system(work) : await this.#db.tenant(clientId, work);
  }

  /** From here on it opens nothing. Null: no such token. */
  async revoke(id: string, by: By): Promise<ApiToken | null> {
    return await this.#db.system(async (trx) => {
      const row = await trx
        .updateTable('api_tokens')
        .set({ revoked_at: this.#clock.date() })
        .where('id', '=', cleanText(id))
        .where('revoked_at', 'is', null)
        .returningAll()
        .executeTakeFirst();
      if (!row) return null;
      const token = toApiToken(row);
      await this.#write(trx, by, 'token.revoke', token, { before: { name: token.name } });
      return token;
    });
  }

  async #liveOf(trx: Transaction<Tables>, userId: string): Promise<number> {
    const { count } = await trx
      .selectFrom('api_tokens')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .executeTakeFirstOrThrow();
    return count;
  }

  async #write(
    trx: Transaction<Tables>,
    { actor, address, why }: By,
    action: string,
    token: ApiToken,
    shown: { before?: object; after?: object },
  ): Promise<void> {
    const entry = { actor, address, why, action, target: `token:${token.id}`, clientId: token.clientId ?? undefined };
    await this.#audit.appendIn(trx, { ...entry, ...shown });
  }
}

/** A token for one client has its maker's roles there; what is of the whole installation it has not. */
function within(roles: RoleGrant[], clientId: string | null): RoleGrant[] {
  if (clientId === null) return roles;
  return roles
    .filter((grant) => grant.clientId === null || grant.clientId === clientId)
    .map(({ role }) => ({ clientId, role }));
}

function tooMany(): BaltoError {
  return new BaltoError({
    code: 'BALTO_TOKENS_TOO_MANY',
    message: `Já há ${MOST_TOKENS} tokens seus; revogue os que não usa.`,
    statusCode: 409,
  });
}
