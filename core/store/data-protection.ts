import { type Selectable, sql, type Transaction, type Updateable } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import type { Audit } from './audit.ts';
import type { Author } from './config-versions.ts';
import {
  type AudioKeeping,
  type DataProtection,
  type DataProtectionTable,
  type LegalBasisRecord,
  toDataProtection,
  toLegalBasis,
} from './data-protection-table.ts';
import type { Database } from './database.ts';
import { checkRevision, type Expected } from './revision.ts';
import type { Tables } from './tables.ts';
import { cleanText } from './text.ts';

/** Bases listed at once: one per purpose holds, the others are history. */
const MOST_BASES = 200;

/** A basis as somebody records it. */
export type NewLegalBasis = Pick<
  LegalBasisRecord,
  'clientId' | 'purpose' | 'basis' | 'description' | 'risks' | 'measures' | 'validUntil'
>;

/** What each client decided about its people's data: how long it is kept, whether voices are, and on which basis. */
export class DataProtections {
  readonly #db: Database;
  readonly #audit: Audit;
  readonly #clock: Clock;

  constructor(db: Database, audit: Audit, clock: Clock) {
    this.#db = db;
    this.#audit = audit;
    this.#clock = clock;
  }

  of(clientId: string): Promise<DataProtection> {
    return this.#db.tenant(clientId, async (trx) => toDataProtection(clientId, await rowOf(trx, clientId)));
  }

  /** Clients that keep voices now, or still have a row that says they did. */
  withAudio(): Promise<DataProtection[]> {
    return this.#db.system(async (trx) => {
      const rows = await trx.selectFrom('protecao_dados').selectAll().where('audio_ate', 'is not', null).execute();
      return rows.map((row) => toDataProtection(row.cliente_id, row));
    });
  }

  /** @throws BALTO_HTTP_STALE */
  setRetention(
    clientId: string,
    retention: DataProtection['retention'],
    expected: Expected,
    by: Author,
  ): Promise<DataProtection> {
    const set = {
      transcricao_dias: retention.transcriptDays,
      metricas_meses: retention.metricsMonths,
      audio_dias: retention.audioDays,
    };
    return this.#change(clientId, set, expected, by, 'retention.set');
  }

  /** Voices are kept from now until `until`. @throws BALTO_HTTP_STALE */
  keepAudio(
    clientId: string,
    { reason, basis, until }: Pick<AudioKeeping, 'reason' | 'basis' | 'until'>,
    expected: Expected,
    by: Author,
  ): Promise<DataProtection> {
    const since = { audio_desde: this.#clock.date(), audio_por: cleanText(by.actor) };
    const set = { audio_ate: until, audio_motivo: cleanText(reason), audio_base: basis, ...since };
    return this.#change(clientId, set, expected, by, 'audio.keep');
  }

  /** No voice is kept from now on; those that were kept go with the next round of the retention. */
  stopAudio(clientId: string, expected: Expected, by: Author): Promise<DataProtection> {
    const set = { audio_ate: null, audio_motivo: null, audio_base: null, audio_desde: null, audio_por: null };
    return this.#change(clientId, set, expected, by, 'audio.stop');
  }

  /** Takes the place of the basis that held for the same purpose, which is kept. */
  recordBasis(basis: NewLegalBasis, by: Author): Promise<LegalBasisRecord> {
    const { clientId, purpose } = basis;
    const now = this.#clock.date();
    return this.#db.system(async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtext(${`basis ${clientId} ${purpose}`}))`.execute(trx);
      await this.#end(trx, clientId, purpose, now);
      const row = await trx
        .insertInto('bases_legais')
        .values({
          cliente_id: clientId,
          finalidade: purpose,
          base: basis.basis,
          descricao: cleanText(basis.description),
          riscos: basis.risks === null ? null : cleanText(basis.risks),
          medidas: basis.measures === null ? null : cleanText(basis.measures),
          registrado_em: now,
          registrado_por: cleanText(by.actor),
          valido_ate: basis.validUntil,
          encerrado_em: null,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      const after = { purpose, basis: basis.basis, validUntil: basis.validUntil };
      await this.#audit.appendIn(trx, { ...by, clientId, action: 'basis.record', target: `client:${clientId}`, after });
      return toLegalBasis(row);
    });
  }

  /** Those in force first, then the newest. */
  bases(clientId: string): Promise<LegalBasisRecord[]> {
    return this.#db.tenant(clientId, async (trx) => {
      const rows = await trx
        .selectFrom('bases_legais')
        .selectAll()
        .where('cliente_id', '=', clientId)
        .orderBy(sql`encerrado_em is not null`)
        .orderBy('id', 'desc')
        .limit(MOST_BASES)
        .execute();
      return rows.map(toLegalBasis);
    });
  }

  async #end(
    trx: Transaction<Tables>,
    clientId: string,
    purpose: LegalBasisRecord['purpose'],
    now: Date,
  ): Promise<void> {
    await trx
      .updateTable('bases_legais')
      .set({ encerrado_em: now })
      .where('cliente_id', '=', clientId)
      .where('finalidade', '=', purpose)
      .where('encerrado_em', 'is', null)
      .execute();
  }

  #change(
    clientId: string,
    set: Updateable<DataProtectionTable>,
    expected: Expected,
    by: Author,
    action: string,
  ): Promise<DataProtection> {
    const now = this.#clock.date();
    return this.#db.system(async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtext(${`protecao ${clientId}`}))`.execute(trx);
      const before = toDataProtection(clientId, await rowOf(trx, clientId));
      checkRevision(expected, before.revision);
      const row = await trx
        .insertInto('protecao_dados')
        .values({ cliente_id: clientId, atualizado_em: now, ...set })
        .onConflict((conflict) =>
          conflict.column('cliente_id').doUpdateSet({ ...set, revisao: before.revision + 1, atualizado_em: now }),
        )
        .returningAll()
        .executeTakeFirstOrThrow();
      const after = toDataProtection(clientId, row);
      await this.#audit.appendIn(trx, { ...by, clientId, action, target: `client:${clientId}`, before, after });
      return after;
    });
  }
}

async function rowOf(trx: Transaction<Tables>, clientId: string): Promise<Selectable<DataProtectionTable> | undefined> {
  return await trx.selectFrom('protecao_dados').selectAll().where('cliente_id', '=', clientId).executeTakeFirst();
}
