import { randomBytes, randomUUID } from 'node:crypto';
import type { Updateable } from 'kysely';
import type { VadSettings } from '../audio/settings.ts';
import type { Clock } from '../contracts/index.ts';
import { type Counter, type CounterStatus, type CountersTable, toCounter } from './counters-table.ts';
import type { Database } from './database.ts';
import { sameDigest, sha256 } from './secrets.ts';
import { cleanText } from './text.ts';
import { fromVadConfig, toVadConfig } from './vad-config.ts';

/** The counter a key opens. Assignable to a session's `CounterIdentity`. */
export interface CounterLogin {
  counterId: string;
  clientId: string;
  counterName: string;
  /** `revoked` never comes: such a key is unknown, like one that never was. */
  status: Exclude<CounterStatus, 'revoked'>;
  presetVad: Partial<VadSettings>;
  clientVad: Partial<VadSettings>;
}

/** `bk_` and the first 8 characters of the secret. */
const PREFIX_LENGTH = 11;

/** Counters and their keys: 256 random bits, shown once, kept as SHA-256. */
export class Counters {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Registers a counter. `apiKey` is returned here and never again. */
  async register(
    clientId: string,
    name: string,
    status: 'active' | 'pending' = 'active',
  ): Promise<{ counter: Counter; apiKey: string }> {
    const apiKey = newKey();
    const counter = await this.#db.tenant(clientId, async (trx) =>
      toCounter(
        await trx
          .insertInto('balcoes')
          .values({
            balcao_id: randomUUID(),
            cliente_id: clientId,
            nome_balcao: cleanText(name),
            situacao: status,
            ...keyColumns(apiKey),
            criado_em: this.#clock.date(),
          })
          .returningAll()
          .executeTakeFirstOrThrow(),
      ),
    );
    return { counter, apiKey };
  }

  /** Unknown, wrong, pending and suspended keys take the same one query and the same comparison. */
  byKey(apiKey: string): Promise<CounterLogin | null> {
    const digest = sha256(apiKey);
    return this.#db.system(async (trx) => {
      const rows = await trx
        .selectFrom('balcoes as b')
        .innerJoin('clientes as c', 'c.cliente_id', 'b.cliente_id')
        .select(['b.balcao_id', 'b.cliente_id', 'b.nome_balcao', 'b.situacao', 'b.chave_hash'])
        .select(['b.vad_config as preset', 'c.vad_config as client_vad'])
        .where('b.chave_prefixo', '=', prefixOf(apiKey))
        .execute();
      const row = rows.find(({ chave_hash }) => sameDigest(chave_hash, digest));
      if (!row || row.situacao === 'revoked') return null;
      return {
        counterId: row.balcao_id,
        clientId: row.cliente_id,
        counterName: row.nome_balcao,
        status: row.situacao,
        presetVad: fromVadConfig(row.preset),
        clientVad: fromVadConfig(row.client_vad),
      };
    });
  }

  /** Which of these may not serve any more: one query, to close connections that are live. A counter that is gone is revoked. */
  async refusedAmong(counterIds: string[]): Promise<{ counterId: string; why: 'revoked' | 'suspended' }[]> {
    if (counterIds.length === 0) return [];
    const rows = await this.#db.system((trx) =>
      trx.selectFrom('balcoes').select(['balcao_id', 'situacao']).where('balcao_id', 'in', counterIds).execute(),
    );
    const statuses = new Map(rows.map(({ balcao_id, situacao }) => [balcao_id, situacao]));
    return counterIds.flatMap((counterId) => {
      const status = statuses.get(counterId);
      if (status === undefined || status === 'revoked') return { counterId, why: 'revoked' as const };
      return status === 'suspended' ? { counterId, why: 'suspended' as const } : [];
    });
  }

  byId(counterId: string): Promise<Counter | null> {
    return this.#db.system(async (trx) => {
      const row = await trx
        .selectFrom('balcoes')
        .selectAll()
        .where('balcao_id', '=', cleanText(counterId))
        .executeTakeFirst();
      return row ? toCounter(row) : null;
    });
  }

  /** By name. */
  listByClient(clientId: string): Promise<Counter[]> {
    return this.#db.tenant(clientId, async (trx) => {
      const query = trx.selectFrom('balcoes').selectAll().where('cliente_id', '=', clientId);
      return (await query.orderBy('nome_balcao').orderBy('balcao_id').execute()).map(toCounter);
    });
  }

  /** Replaces the counter's preset. Null, here and below: no such counter. */
  setVad(counterId: string, vad: Partial<VadSettings>): Promise<Counter | null> {
    return this.#update(counterId, { vad_config: JSON.stringify(toVadConfig(vad)) });
  }

  rename(counterId: string, name: string): Promise<Counter | null> {
    return this.#update(counterId, { nome_balcao: cleanText(name) });
  }

  /** A counter that waits, or was suspended, may serve. A revoked one stays so: it needs a new key. */
  approve(counterId: string): Promise<Counter | null> {
    return this.#setStatus(counterId, 'active');
  }

  suspend(counterId: string): Promise<Counter | null> {
    return this.#setStatus(counterId, 'suspended');
  }

  revoke(counterId: string): Promise<Counter | null> {
    return this.#update(counterId, { situacao: 'revoked' });
  }

  /** A new key, shown now and never again; the old one is unknown from here on. A revoked counter serves again. */
  async rotate(counterId: string): Promise<{ counter: Counter; apiKey: string } | null> {
    const apiKey = newKey();
    const current = await this.byId(counterId);
    if (!current) return null;
    const situacao = current.status === 'revoked' ? 'active' : current.status;
    const counter = await this.#update(counterId, { ...keyColumns(apiKey), situacao });
    return counter && { counter, apiKey };
  }

  /** Remembers that the counter connected. */
  async seen(counterId: string): Promise<void> {
    await this.#update(counterId, { visto_em: this.#clock.date() });
  }

  #setStatus(counterId: string, situacao: 'active' | 'suspended'): Promise<Counter | null> {
    return this.#db.system(async (trx) => {
      const row = await trx
        .updateTable('balcoes')
        .set({ situacao })
        .where('balcao_id', '=', cleanText(counterId))
        .where('situacao', '<>', 'revoked')
        .returningAll()
        .executeTakeFirst();
      return row ? toCounter(row) : null;
    });
  }

  #update(counterId: string, columns: Updateable<CountersTable>): Promise<Counter | null> {
    return this.#db.system(async (trx) => {
      const row = await trx
        .updateTable('balcoes')
        .set(columns)
        .where('balcao_id', '=', cleanText(counterId))
        .returningAll()
        .executeTakeFirst();
      return row ? toCounter(row) : null;
    });
  }
}

function newKey(): string {
  return `bk_${randomBytes(32).toString('base64url')}`;
}

/** Text from a device: bounded, and without what the database would refuse. */
function prefixOf(apiKey: string): string {
  return cleanText(apiKey.slice(0, PREFIX_LENGTH));
}

function keyColumns(apiKey: string): { chave_prefixo: string; chave_hash: string } {
  return { chave_prefixo: prefixOf(apiKey), chave_hash: sha256(apiKey) };
}
