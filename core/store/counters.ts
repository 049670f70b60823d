import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { VadSettings } from '../audio/settings.ts';
import type { Clock } from '../contracts/index.ts';
import { keyColumns, newKey, prefixOf } from './counter-key.ts';
import { type Counter, type CounterKind, type CounterStatus, toCounter } from './counters-table.ts';
import type { Database } from './database.ts';
import { type Page, readCursor, toPage } from './page.ts';
import { sameDigest, sha256 } from './secrets.ts';
import { cleanText, escapeLike } from './text.ts';
import { fromVadConfig, type VadConfig } from './vad-config.ts';

/** The counter a key opens. Assignable to a session's `CounterIdentity`. */
export interface CounterLogin {
  counterId: string;
  clientId: string;
  counterName: string;
  /** Of the key it came with. */
  keyPrefix: string;
  /** `revoked` never comes: such a key is unknown, like one that never was. */
  status: Exclude<CounterStatus, 'revoked'>;
  presetVad: Partial<VadSettings>;
  clientVad: Partial<VadSettings>;
  tags: string[];
  /** Of counter and client together: another number, and something of them changed. */
  revision: number;
}

/** What a list may be narrowed by. */
export interface CounterFilter {
  /** Null: of every client. */
  clientIds: string[] | null;
  status?: CounterStatus | undefined;
  /** Absent: of both kinds. */
  kind?: CounterKind | undefined;
  /** Part of the name, in any case. */
  text?: string | undefined;
}

/** A counter that is connected, by the key it came with. */
export interface LiveKey {
  counterId: string;
  keyPrefix: string;
}

/** Why a connection may not go on. `replaced`: its key was changed for another. */
export type Refusal = 'revoked' | 'suspended' | 'replaced';

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
        .select(['b.balcao_id', 'b.cliente_id', 'b.nome_balcao', 'b.situacao', 'b.chave_hash', 'b.chave_prefixo'])
        .select(['b.vad_config as preset', 'c.vad_config as client_vad', 'b.etiquetas', 'b.expira_em', REVISION])
        .where('b.chave_prefixo', '=', prefixOf(apiKey))
        .execute();
      const row = rows.find(({ chave_hash }) => sameDigest(chave_hash, digest));
      if (!row || row.situacao === 'revoked' || this.#isOver(row)) return null;
      return {
        counterId: row.balcao_id,
        clientId: row.cliente_id,
        counterName: row.nome_balcao,
        keyPrefix: row.chave_prefixo,
        status: row.situacao,
        ...tuningOf(row),
      };
    });
  }

  /** The revisions of these counters, for whoever must know of changes; those that are gone are left out. */
  async revisions(counterIds: string[]): Promise<Map<string, number>> {
    if (counterIds.length === 0) return new Map();
    const rows = await this.#db.system((trx) =>
      trx
        .selectFrom('balcoes as b')
        .innerJoin('clientes as c', 'c.cliente_id', 'b.cliente_id')
        .select(['b.balcao_id', REVISION])
        .where('b.balcao_id', 'in', counterIds)
        .execute(),
    );
    return new Map(rows.map(({ balcao_id, revision }) => [balcao_id, revision]));
  }

  /** How these counters listen now, and what rules know them by. */
  async tunings(counterIds: string[]): Promise<Map<string, ReturnType<typeof tuningOf>>> {
    if (counterIds.length === 0) return new Map();
    const rows = await this.#db.system((trx) =>
      trx
        .selectFrom('balcoes as b')
        .innerJoin('clientes as c', 'c.cliente_id', 'b.cliente_id')
        .select(['b.balcao_id', 'b.vad_config as preset', 'c.vad_config as client_vad', 'b.etiquetas', REVISION])
        .where('b.balcao_id', 'in', counterIds)
        .execute(),
    );
    return new Map(rows.map((row) => [row.balcao_id, tuningOf(row)]));
  }

  /** Which of these may not serve any more: one query, to close connections that are live. A counter that is gone is revoked. */
  async refusedAmong(live: readonly LiveKey[]): Promise<(LiveKey & { why: Refusal })[]> {
    if (live.length === 0) return [];
    const ids = [...new Set(live.map(({ counterId }) => counterId))];
    const rows = await this.#db.system((trx) =>
      trx
        .selectFrom('balcoes')
        .select(['balcao_id', 'situacao', 'chave_prefixo', 'expira_em'])
        .where('balcao_id', 'in', ids)
        .execute(),
    );
    const known = new Map(rows.map((row) => [row.balcao_id, row]));
    return live.flatMap((each) => {
      const row = known.get(each.counterId);
      if (row === undefined || row.situacao === 'revoked' || this.#isOver(row))
        return { ...each, why: 'revoked' as const };
      if (row.situacao === 'suspended') return { ...each, why: 'suspended' as const };
      return row.chave_prefixo === each.keyPrefix ? [] : { ...each, why: 'replaced' as const };
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

  /** Those that stand in a shop, by name. */
  listByClient(clientId: string): Promise<Counter[]> {
    return this.#db.tenant(clientId, async (trx) => {
      const query = trx.selectFrom('balcoes').selectAll().where('cliente_id', '=', clientId).where('tipo', '=', 'real');
      return (await query.orderBy('nome_balcao').orderBy('balcao_id').execute()).map(toCounter);
    });
  }

  /** A part of the counters, by name. */
  page(filter: CounterFilter, limit: number, cursor?: string): Promise<Page<Counter>> {
    const { clientIds, status, kind, text } = filter;
    const after = readCursor(cursor, ['text', 'text']);
    return this.#db.system(async (trx) => {
      let query = trx.selectFrom('balcoes').selectAll();
      if (clientIds) query = query.where('cliente_id', 'in', clientIds);
      if (status !== undefined) query = query.where('situacao', '=', status);
      if (kind !== undefined) query = query.where('tipo', '=', kind);
      if (text !== undefined) query = query.where('nome_balcao', 'ilike', `%${escapeLike(text)}%`);
      if (after) {
        query = query.where((where) => where(where.refTuple('nome_balcao', 'balcao_id'), '>', where.tuple(...after)));
      }
      const rows = await query
        .orderBy('nome_balcao')
        .orderBy('balcao_id')
        .limit(limit + 1)
        .execute();
      return toPage(rows, limit, toCounter, (row) => [row.nome_balcao, row.balcao_id]);
    });
  }

  /** Remembers that these counters are connected. */
  async seen(counterIds: string[]): Promise<void> {
    if (counterIds.length === 0) return;
    const visto_em = this.#clock.date();
    await this.#db.system((trx) =>
      trx.updateTable('balcoes').set({ visto_em }).where('balcao_id', 'in', counterIds).execute(),
    );
  }

  #isOver({ expira_em }: { expira_em: Date | null }): boolean {
    return expira_em !== null && expira_em <= this.#clock.date();
  }
}

/** Both only grow: their sum changes when either does. */
const REVISION = sql<number>`b.revisao + c.revisao`.as('revision');

function tuningOf(row: { preset: VadConfig; client_vad: VadConfig; etiquetas: string[]; revision: number }) {
  return {
    presetVad: fromVadConfig(row.preset),
    clientVad: fromVadConfig(row.client_vad),
    tags: row.etiquetas,
    revision: row.revision,
  };
}
