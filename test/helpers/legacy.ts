import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { Test } from 'tap';
import { temporaryFolder } from './databases.ts';

/** A database of the original, made for a test. */
export interface LegacyDatabase {
  /** For `--from`. */
  from: string;
  /** A statement of its own dialect. */
  run(sql: string): Promise<void>;
  add(table: string, row: Record<string, unknown>): Promise<void>;
}

/** Columns that later versions of the original added to `interacoes`. */
const LATER = `
  transcricao_normalizada TEXT, transcricao_classificacao TEXT, snr REAL, grok_raw_response TEXT,
  ts_audio_received TIMESTAMP, ts_transcription_sent TIMESTAMP, ts_transcription_ready TIMESTAMP,
  ts_ai_request TIMESTAMP, ts_ai_response TIMESTAMP, ts_client_sent TIMESTAMP, speaker_data TEXT,
  interaction_type TEXT DEFAULT 'valid', segment_duration_ms INTEGER, frames_len INTEGER, cut_reason TEXT,
  energy_rms_mean REAL, speech_ranges TEXT, config_snapshot TEXT, mock_status TEXT, cpu_usage_percent REAL,
  ram_usage_mb REAL, audio_file_path TEXT, audio_classification TEXT,`;

/** Its tables, by protocol.md §5; the first generation had no shifts, no presets and a short `interacoes`. */
function schema(kind: 'postgres' | 'sqlite'): string[] {
  const [serial, moment, bytes] =
    kind === 'postgres' ? ['SERIAL PRIMARY KEY', 'TIMESTAMP', 'BYTEA'] : ['INTEGER PRIMARY KEY', 'DATETIME', 'BLOB'];
  const isFirst = kind === 'sqlite';
  return [
    'CREATE TABLE users (user_id TEXT PRIMARY KEY, email TEXT UNIQUE, razao_social TEXT, telefone TEXT, codigo_6_digitos TEXT UNIQUE)',
    `CREATE TABLE balcoes (balcao_id TEXT PRIMARY KEY, user_id TEXT, nome_balcao TEXT, api_key TEXT UNIQUE${isFirst ? '' : ', vad_config TEXT'})`,
    `CREATE TABLE funcionarios (id ${serial}, user_id TEXT, nome TEXT, ${isFirst ? '' : 'audio_file_name TEXT, '}embedding ${bytes}, criado_em ${moment})`,
    ...(isFirst
      ? []
      : [
          `CREATE TABLE funcionario_turnos (id ${serial}, funcionario_id INTEGER, dia_semana INTEGER, hora_inicio TIME, hora_fim TIME)`,
        ]),
    `CREATE TABLE interacoes (id ${serial}, balcao_id TEXT, timestamp ${moment}, transcricao_completa TEXT,${isFirst ? '' : LATER}
       recomendacao_gerada TEXT, resultado_feedback TEXT, funcionario_id INTEGER, modelo_stt TEXT, custo_estimado REAL)`,
  ];
}

/** The first generation's file. */
export async function legacySqlite(t: Test): Promise<LegacyDatabase & { path: string }> {
  const path = join(await temporaryFolder(t), 'registro.db');
  const db = new DatabaseSync(path);
  t.teardown(() => db.close());
  for (const statement of schema('sqlite')) db.exec(statement);
  return {
    path,
    from: `sqlite:${path}`,
    run: async (sql) => db.exec(sql),
    async add(table, row) {
      const names = Object.keys(row);
      const marks = names.map(() => '?').join(', ');
      db.prepare(`insert into ${table} (${names.join(', ')}) values (${marks})`).run(
        ...(Object.values(row) as (string | number | null | Uint8Array)[]),
      );
    },
  };
}

/** The second generation's database, on the server of `TEST_DATABASE_URL`. */
export async function legacyPostgres(t: Test, server: string): Promise<LegacyDatabase> {
  const name = `balto_legacy_${process.pid}_${randomBytes(4).toString('hex')}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  t.teardown(async () => {
    await client.end();
    await admin.query(`drop database ${name} with (force)`);
    await admin.end();
  });
  for (const statement of schema('postgres')) await client.query(statement);
  return {
    from: url.href,
    run: async (sql) => void (await client.query(sql)),
    async add(table, row) {
      const names = Object.keys(row);
      const marks = names.map((_, index) => `$${index + 1}`).join(', ');
      await client.query(`insert into ${table} (${names.join(', ')}) values (${marks})`, Object.values(row));
    },
  };
}

/** Two pharmacies with what the original knows of them: `u-rosa` and `u-azul`, with `of` behind every name that must be one of a kind. */
export async function fillLegacy(legacy: LegacyDatabase, rows: number, of = ''): Promise<void> {
  await legacy.add('users', {
    user_id: `u-rosa${of}`,
    email: `rosa${of}@farmacia.com.br`,
    razao_social: 'Farmácia Rosa',
    telefone: '11 99999-8888',
    codigo_6_digitos: '123456',
  });
  await legacy.add('users', {
    user_id: `u-azul${of}`,
    email: `azul${of}@farmacia.com.br`,
    razao_social: 'Farmácia Azul',
  });
  const key = (digit: string) => `bk_${digit.repeat(32)}${of}`;
  await legacy.add('balcoes', {
    balcao_id: `b-rosa${of}`,
    user_id: `u-rosa${of}`,
    nome_balcao: 'Entrada',
    api_key: key('a'),
  });
  await legacy.add('balcoes', {
    balcao_id: `b-azul${of}`,
    user_id: `u-azul${of}`,
    nome_balcao: 'Caixa',
    api_key: key('b'),
  });
  await legacy.add('funcionarios', { id: 7, user_id: `u-rosa${of}`, nome: 'Camila', criado_em: '2025-01-02 03:04:05' });
  await legacy.add('funcionarios', { id: 8, user_id: `u-rosa${of}`, nome: 'Cliente / Desconhecido' });
  if (rows === 0) return;
  await legacy.run(
    `insert into interacoes (id, balcao_id, timestamp, transcricao_completa, recomendacao_gerada, resultado_feedback,
       funcionario_id, modelo_stt, custo_estimado)
     with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows})
     select i, case when i % 2 = 0 then 'b-rosa${of}' else 'b-azul${of}' end, '2025-03-01 10:20:30.123456', 'estou com tosse',
       case when i % 3 = 0 then 'Nenhuma' end, 'processado', case when i % 4 = 0 then 7 when i % 4 = 2 then 8 end,
       'elevenlabs', 0.0025 from n`,
  );
}
