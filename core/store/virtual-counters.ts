import { randomUUID } from 'node:crypto';
import type { Clock } from '../contracts/index.ts';
import type { Audit } from './audit.ts';
import type { Author } from './config-versions.ts';
import { keyColumns, newKey } from './counter-key.ts';
import { type Counter, toCounter } from './counters-table.ts';
import type { Database } from './database.ts';
import { cleanText } from './text.ts';

/** A working day at the panel, no more: the key stands in a browser's memory. */
const LIFE_MS = 4 * 3_600_000;

/** Counters that are a browser of the panel: one for each person and client, its key new each time. */
export class VirtualCounters {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(db: Database, audit: Audit, clock: Clock) {
    this.#db = db;
    this.#audit = audit;
    this.#clock = clock;
  }

  /**
   * Opens the person's virtual counter of this client. The key it had before is unknown from here on, and another browser
   * that used it is closed. `apiKey` is returned here and never again.
   */
  async open(clientId: string, person: { id: string; name: string }, by: Author) {
    const apiKey = newKey();
    const now = this.#clock.date();
    const key = { ...keyColumns(apiKey), expira_em: new Date(now.getTime() + LIFE_MS) };
    const counter = await this.#db.system(async (trx): Promise<Counter> => {
      const opened = await trx
        .insertInto('balcoes')
        .values({
          balcao_id: randomUUID(),
          cliente_id: clientId,
          nome_balcao: cleanText(`Balcão virtual (${person.name})`),
          situacao: 'active',
          tipo: 'virtual',
          aberto_por: person.id,
          criado_em: now,
          ...key,
        })
        .onConflict((conflict) =>
          conflict
            .columns(['cliente_id', 'aberto_por'])
            .where('tipo', '=', 'virtual')
            .doUpdateSet(({ eb }) => ({ ...key, situacao: 'active', revisao: eb('balcoes.revisao', '+', 1) })),
        )
        .returningAll()
        .executeTakeFirstOrThrow();
      const after = { kind: 'virtual', keyPrefix: opened.chave_prefixo, expiresAt: key.expira_em.toISOString() };
      const target = `counter:${opened.balcao_id}`;
      await this.#audit.appendIn(trx, { ...by, action: 'counter.virtual', target, clientId, after });
      return toCounter(opened);
    });
    return { counter, apiKey };
  }
}
