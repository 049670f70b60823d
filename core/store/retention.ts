import { sql } from 'kysely';
import type { Clock } from '../contracts/index.ts';
import type { AudioFiles, AudioOf } from './audio-files.ts';
import { DEFAULT_RETENTION } from './data-protection-table.ts';
import type { Database } from './database.ts';
import { figuresOnly } from './figures-only.ts';
import { toJson } from './text.ts';

/** Rows taken at once: no query may hold the embedded database. */
const PAGE_ROWS = 500;
const DAY_MS = 86_400_000;

/** What one round did, in rows. */
export interface RetentionReport {
  clients: number;
  /** Interactions whose texts went. */
  texts: number;
  /** Interactions that went as a whole. */
  rows: number;
  /** Voices that went. */
  voices: number;
}

interface Terms {
  clientId: string;
  transcriptDays: number;
  metricsMonths: number;
}

/** Lets go of what is over its time, client by client, a page at a time. Run again, it goes on where it was. */
export class Retention {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #audio: Pick<AudioFiles, 'remove'>;

  constructor(db: Database, clock: Clock, audio: Pick<AudioFiles, 'remove'>) {
    this.#db = db;
    this.#clock = clock;
    this.#audio = audio;
  }

  /** `signal` ends it between two pages. */
  async run(signal: AbortSignal): Promise<RetentionReport> {
    const report: RetentionReport = { clients: 0, texts: 0, rows: 0, voices: 0 };
    // Before the rows: a row that is gone names no file any more.
    report.voices = await this.#paged(signal, () => this.#deleteVoices());
    for (const terms of await this.#terms()) {
      if (signal.aborted) break;
      report.clients += 1;
      report.rows += await this.#paged(signal, () => this.#deleteRows(terms));
      report.texts += await this.#paged(signal, () => this.#deleteTexts(terms));
    }
    return report;
  }

  async #paged(signal: AbortSignal, page: () => Promise<number>): Promise<number> {
    let all = 0;
    while (!signal.aborted) {
      const rows = await page();
      all += rows;
      if (rows < PAGE_ROWS) break;
    }
    return all;
  }

  /** How long each client keeps what. */
  #terms(): Promise<Terms[]> {
    const { transcriptDays, metricsMonths } = DEFAULT_RETENTION;
    return this.#db.system(async (trx) => {
      const { rows } = await sql<Terms>`
        select c.cliente_id as "clientId", coalesce(p.transcricao_dias, ${transcriptDays}::int) as "transcriptDays",
          coalesce(p.metricas_meses, ${metricsMonths}::int) as "metricsMonths"
        from clientes c left join protecao_dados p on p.cliente_id = c.cliente_id order by c.cliente_id`.execute(trx);
      return rows;
    });
  }

  /**
   * Voices whose client keeps none any more, or not for so long, or whose row is about to go. Only what we named: what an
   * earlier system left in the folder is not ours to delete.
   */
  async #deleteVoices(): Promise<number> {
    const now = this.#clock.date();
    const rows = await this.#db.system(async (trx) => {
      const found = await sql<AudioOf & { path: string }>`
        select i.id, i.balcao_id as "counterId", i."timestamp" as at, i.audio_file_path as path
        from interacoes i left join protecao_dados p on p.cliente_id = i.cliente_id
        where i.audio_file_path like 'archiver/%/interaction\_' || i.id || '.wav'
          and (p.audio_ate is null or p.audio_ate <= ${now}
            or (coalesce(p.audio_dias, 0) > 0 and i."timestamp" < ${now}::timestamptz - make_interval(days => p.audio_dias))
            or i."timestamp" < ${now}::timestamptz - make_interval(
              months => coalesce(p.metricas_meses, ${DEFAULT_RETENTION.metricsMonths}::int)))
        order by i.id limit ${PAGE_ROWS}`.execute(trx);
      return found.rows;
    });
    for (const { path } of rows) await this.#audio.remove(path);
    const ids = rows.map(({ id }) => id);
    await this.#db.system(async (trx) => {
      await sql`update interacoes set audio_file_path = null where id = any(${ids}::int[])`.execute(trx);
    });
    return rows.length;
  }

  /** Comparisons and reviews of a row go with it. */
  #deleteRows({ clientId, metricsMonths }: Terms): Promise<number> {
    const before = new Date(this.#clock.date());
    before.setUTCMonth(before.getUTCMonth() - metricsMonths);
    return this.#db.system(async (trx) => {
      const { numAffectedRows } = await sql`
        delete from interacoes where id in (
          select id from interacoes where cliente_id = ${clientId} and "timestamp" < ${before}
          order by "timestamp" limit ${PAGE_ROWS})`.execute(trx);
      return Number(numAffectedRows ?? 0);
    });
  }

  #deleteTexts({ clientId, transcriptDays }: Terms): Promise<number> {
    const before = new Date(this.#clock.date().getTime() - transcriptDays * DAY_MS);
    return this.#db.system(async (trx) => {
      const rows = await trx
        .selectFrom('interacoes')
        .select(['id', 'portao'])
        .where('cliente_id', '=', clientId)
        .where('texto_expirado_em', 'is', null)
        .where('timestamp', '<', before)
        .orderBy('timestamp')
        .limit(PAGE_ROWS)
        .forUpdate()
        .execute();
      if (rows.length === 0) return 0;
      const gates = toJson(rows.map(({ id, portao }) => ({ id, portao: figuresOnly(portao) ?? null })));
      await sql`
        update interacoes i set transcricao_completa = null, transcricao_normalizada = null,
          transcricao_classificacao = null, grok_raw_response = null, candidatos = null,
          palavras = null,
          portao = case when jsonb_typeof(g.portao) = 'null' then null else g.portao end,
          texto_expirado_em = ${this.#clock.date()}
        from jsonb_to_recordset(${gates}::jsonb) as g(id int, portao jsonb) where i.id = g.id`.execute(trx);
      const ids = rows.map(({ id }) => id);
      await sql`update shadow_results set answer_text = '', text = null where interacao_id = any(${ids}::int[])`.execute(
        trx,
      );
      await sql`update avaliacoes set texto_corrigido = null, nota = null where interacao_id = any(${ids}::int[])`.execute(
        trx,
      );
      return rows.length;
    });
  }
}
