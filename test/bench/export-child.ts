/** Balto with a shop's history, for `bench -- export`: everything that `npm start` builds, on a database of its own. */
import { sql } from 'kysely';
import { type Balto, createApp } from '../../core/app.ts';
import { listen } from '../../core/listen.ts';
import { answer } from './child.ts';
import { type Measured, Meter, rssMb } from './meter.ts';

const SECRET = 'senha de medição, bem comprida';
const WATCH_MS = 20;
const FILL_ROWS = 5000;

/** Data folder, and a Postgres; without one the embedded database in the folder. */
interface Place {
  folder: string;
  url: string | null;
}

export type ExportQuestions = {
  /** Writes so many interactions, and ends: the process that is measured is another. */
  fill(order: Place & { rows: number }): Promise<void>;
  /** Answers where to read, and as whom. */
  start(order: Place): Promise<{ url: string; cookie: string; rssMb: number }>;
  begin(order: null): void;
  /** What was used since `begin`; `peakRssMb` is the most that was resident. */
  finish(order: null): Measured & { peakRssMb: number };
  stop(order: null): Promise<void>;
};

let balto: Balto | undefined;
let peakRssMb = 0;
let watching: NodeJS.Timeout | undefined;
const meter = new Meter();

/**
 * Rows as counters write them: texts of the usual length, times, costs, and one comparison in twenty. None is so old that
 * the retention would take its texts while the report is written.
 */
async function fill({ store }: Balto, rows: number): Promise<void> {
  const { client } = await store.clients.create({ email: 'bench@example.com', companyName: 'Farmácia de medição' });
  const { counter } = await store.counters.register(client.clientId, 'Caixa 1');
  for (let from = 1; from <= rows; from += FILL_ROWS) {
    const to = Math.min(rows, from + FILL_ROWS - 1);
    await store.db.system(async (trx) => {
      await sql`
        insert into interacoes (id, cliente_id, balcao_id, sessao_id, segmento, chave_idempotencia, timestamp,
          transcricao_completa, recomendacao_gerada, resultado_feedback, modelo_stt, custo_estimado, snr, interaction_type,
          segment_duration_ms, transcricao_normalizada, transcricao_classificacao, ts_audio_received, ts_speech_end,
          ts_transcription_sent, ts_transcription_ready, ts_ai_request, ts_ai_response, ts_client_sent, decisao)
        select nextval('interacoes_id_seq'), ${client.clientId}, ${counter.counterId}, 'medicao', i, 'medicao:' || i, t,
          repeat('estou com tosse e dor de garganta desde ontem ' || i || ' ', 3), 'S: Pastilha | S: Soro fisiológico',
          case i % 4 when 0 then 'aceito' when 1 then 'recusado' else 'processado' end, 'acme', 0.0021, 18.5, 'valid', 4200,
          'MED:; SINT:tosse; DOENCA: | GARGANTA', '{"macros_top2":["RESPIRATORIO"],"micro_categoria":"tosse"}', t, t, t,
          t + interval '700 ms', t + interval '710 ms', t + interval '1500 ms', t + interval '1510 ms',
          '{"address":"stt/acme","rule":"curtas","mode":"segment"}'::jsonb
        from generate_series(${from}::int, ${to}::int) i, lateral (select now() - interval '25 days' + i * interval '20 s' as t) x`.execute(
        trx,
      );
    });
    await store.db.system((trx) =>
      sql`
        insert into usage_ledger (idempotency_key, cliente_id, balcao_id, interacao_id, at, kind, provider, model, unit,
          of_what, quantity, cost_micro_usd, purpose)
        select 'medicao:' || i.id, i.cliente_id, i.balcao_id, i.id, i.timestamp, 'stt', 'stt/acme', 'acme', 'second',
          'audio_in', 4.2, 2100, 'answer'
        from interacoes i where i.segmento between ${from}::int and ${to}::int`.execute(trx),
    );
    await store.db.system((trx) =>
      sql`
        insert into shadow_results (idempotency_key, cliente_id, interacao_id, at, answer_provider, answer_text, provider,
          outcome, text, duration_ms, cost_micro_usd)
        select 'medicao:' || i.id, i.cliente_id, i.id, i.timestamp, 'stt/acme', i.transcricao_completa, 'stt/outra',
          'answered', replace(i.transcricao_completa, 'tosse', 'torce'), 900, 2000
        from interacoes i where i.segmento between ${from}::int and ${to}::int and i.segmento % 20 = 0`.execute(trx),
    );
  }
}

function open({ folder, url }: Place): Promise<Balto> {
  const database = url === null ? {} : { DATABASE_URL: url, BALTO_SECRET_KEY: '00'.repeat(32) };
  return createApp({
    env: { BALTO_DATA_DIR: folder, BALTO_LOG_LEVEL: 'silent', ADMIN_SECRET: SECRET, ...database },
  });
}

answer<ExportQuestions>({
  async fill({ rows, ...place }) {
    balto = await open(place);
    await fill(balto, rows);
    await balto.store.admin.bootstrapOwner(SECRET);
    await balto.close();
  },
  async start(place) {
    balto = await open(place);
    const { port } = await listen(balto.app, { port: 0, host: '127.0.0.1' });
    const login = await balto.app.inject({ method: 'POST', url: '/admin/login', payload: { password: SECRET } });
    const cookie = String(login.headers['set-cookie']).split(';')[0] ?? '';
    return { url: `http://127.0.0.1:${port}`, cookie, rssMb: rssMb() };
  },
  begin() {
    peakRssMb = rssMb();
    watching = setInterval(() => {
      peakRssMb = Math.max(peakRssMb, rssMb());
    }, WATCH_MS);
    meter.start();
  },
  finish() {
    clearInterval(watching);
    return { ...meter.stop(), peakRssMb };
  },
  async stop() {
    await balto?.close();
  },
});
