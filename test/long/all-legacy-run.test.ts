import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { openMasking } from '../../core/app-privacy.ts';
import type { LegacyReport } from '../../core/legacy/report.ts';
import { runLegacyImport } from '../../core/legacy/run.ts';
import { loadPharmacyData } from '../../core/pharmacy/data.ts';
import type { Store } from '../../core/store/index.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { forEachDatabase, openTestStore, quietLog, temporaryFolder } from '../helpers/databases.ts';
import { fillLegacy, type LegacyDatabase, legacyPostgres, legacySqlite } from '../helpers/legacy.ts';

const server = process.env['TEST_DATABASE_URL'];
const withServer = { skip: server ? false : 'TEST_DATABASE_URL is not set' };
const ROWS = 604;

const run = (store: Store, { from }: Pick<LegacyDatabase, 'from'>, options: object = {}): Promise<LegacyReport> =>
  runLegacyImport(
    { store, masking: maskingOf(store) },
    { from, dryRun: false, sourceTz: 'UTC', codeTtlHours: 24, ...options },
  );

const pharmacy = loadPharmacyData();
const maskingOf = (store: Store) => openMasking(store.db, pharmacy, systemClock, quietLog);

const issuesOf = ({ issues }: LegacyReport) =>
  issues.map(({ table, id, field, code }) => `${table} ${id} ${field} ${code}`);

const rowsOf = async (store: Store, counterId: string) => (await store.interactions.list({ counterId }, 500)).rows;

t.test('both generations come in whole, once, and are only read', async (t) => {
  const first = await legacySqlite(t);
  await fillLegacy(first, ROWS);
  const second = server ? await legacyPostgres(t, server) : null;
  if (second) await fillLegacy(second, ROWS, '2');
  const before = await digest(first.path);
  await forEachDatabase(t, async (t, open) => {
    const store = await open();
    await bringsAll(t, store, first, '', 'sqlite');
    if (second) await bringsAll(t, store, second, '2', 'postgres');
  });
  t.equal(await digest(first.path), before, 'not a byte of it changed');
});

async function bringsAll(
  t: Test,
  store: Store,
  legacy: LegacyDatabase,
  of: string,
  source: LegacyReport['source'],
): Promise<void> {
  const clientId = `u-rosa${of}`;
  const dry = await run(store, legacy, { dryRun: true });
  const all = { users: { imported: 2 }, interacoes: { imported: ROWS } };
  t.match(dry, { ok: true, dryRun: true, codes: [], tables: all });
  t.equal(await store.clients.byId(clientId), null, 'a dry run writes nothing');
  t.same(await rowsOf(store, `b-rosa${of}`), []);

  const report = await run(store, legacy, { sourceTz: 'America/Sao_Paulo' });
  t.match(report, {
    ok: true,
    source,
    tables: {
      users: { imported: 2, existing: 0, refused: 0 },
      balcoes: { imported: 2, existing: 0 },
      funcionarios: { imported: 1 },
      interacoes: { imported: ROWS, existing: 0, refused: 0 },
    },
    voicesToEnrol: [{ clientId, name: 'Camila' }],
  });
  t.same(issuesOf(report), []);
  const login = await store.counters.byKey(`bk_${'a'.repeat(32)}${of}`);
  t.match(login, { counterId: `b-rosa${of}`, clientId, counterName: 'Entrada', status: 'active' }, 'old keys open');
  const code = report.codes.find((each) => each.clientId === clientId)?.code ?? '';
  t.match((await store.clients.byCode(code))?.client, { companyName: 'Farmácia Rosa' }, 'each has a new code');
  t.equal(await store.clients.byCode('123456'), null, 'and the old one opens nothing');

  const rows = await rowsOf(store, `b-rosa${of}`);
  t.equal(rows.length, ROWS / 2);
  t.match(rows[0], {
    clientId,
    transcript: 'estou com tosse',
    sttModel: 'elevenlabs',
    feedback: null,
    interactionType: 'valid',
    timestamp: new Date('2025-03-01T13:20:30.123Z'),
  });
  const named = rows.filter(({ employeeName }) => employeeName === 'Camila');
  t.equal(named.length, ROWS / 4, 'said by whom; nobody is NULL');

  const again = await run(store, legacy, { sourceTz: 'America/Sao_Paulo' });
  t.match(again, {
    codes: [],
    tables: {
      users: { imported: 0, existing: 2 },
      balcoes: { imported: 0, existing: 2 },
      funcionarios: { imported: 0, existing: 1 },
      interacoes: { imported: 0, existing: ROWS },
    },
  });
}

const shared = openTestStore(t);

t.test('an import that was broken off goes on where it was', async (t) => {
  const store = await shared;
  const legacy = await legacySqlite(t);
  await fillLegacy(legacy, 1000, '3');
  await legacy.run(
    'alter table interacoes rename to guardada; create table interacoes as select * from guardada where id <= 300',
  );
  await run(store, legacy);
  await legacy.run('drop table interacoes; alter table guardada rename to interacoes');
  t.match((await run(store, legacy)).tables.interacoes, { imported: 700, existing: 300 });
});

t.test('what cannot be taken is said row by row, and nothing is half written', async (t) => {
  const store = await shared;
  const legacy = await legacySqlite(t);
  await store.clients.create({ email: 'ja@existe.com.br', companyName: 'Já existe' });
  const user = (user_id: string, email: string | null) => legacy.add('users', { user_id, email, razao_social: 'F' });
  await user('u1', 'Boa@x.com');
  await user('u2', 'boa@X.com');
  await user('u3', null);
  await user('u4', 'JA@existe.com.br');
  await user('u com espaço', 'e@x.com');
  const counter = (balcao_id: string, user_id: string, api_key: string | null) =>
    legacy.add('balcoes', { balcao_id, user_id, nome_balcao: 'Nulo\0 aqui', api_key });
  await counter('b1', 'u1', '0f0e0d0c-1111-2222-3333-444455556666');
  await counter('b2', 'u2', 'bk_2');
  await counter('b4', 'u4', 'bk_4');
  await counter('b5', 'ninguém', 'bk_5');
  await counter('b6', 'u1', null);
  await legacy.add('funcionarios', { id: 1, user_id: 'u1', nome: ' ' });
  const said = (id: number, row: object) =>
    legacy.add('interacoes', { id, balcao_id: 'b1', timestamp: '2025-01-01 00:00:00', ...row });
  await said(1, { transcricao_completa: Buffer.from([0xff, 0xfe, 0x41]), custo_estimado: 'nan' });
  await said(2, { timestamp: 'ontem' });
  await said(3, { balcao_id: 'b4' });
  await said(5, { transcricao_completa: 'meu cpf é 529.982.247-25, quero dipirona' });
  await said(4, { custo_estimado: 'caro', funcionario_id: 99 });
  const report = await run(store, legacy);
  t.equal(report.ok, false);
  t.same(issuesOf(report).sort(), [
    'balcoes b1 nome_balcao BALTO_LEGACY_ENCODING',
    'balcoes b2 user_id BALTO_LEGACY_ORPHAN',
    'balcoes b4 nome_balcao BALTO_LEGACY_ENCODING',
    'balcoes b4 user_id BALTO_LEGACY_ORPHAN',
    'balcoes b5 user_id BALTO_LEGACY_ORPHAN',
    'balcoes b6 api_key BALTO_LEGACY_KEY',
    'balcoes b6 nome_balcao BALTO_LEGACY_ENCODING',
    'funcionarios 1 nome BALTO_LEGACY_NAME',
    'interacoes 1 transcricao_completa BALTO_LEGACY_ENCODING',
    'interacoes 2 timestamp BALTO_LEGACY_TIME',
    'interacoes 2 timestamp BALTO_LEGACY_TIME',
    'interacoes 3 balcao_id BALTO_LEGACY_ORPHAN',
    'interacoes 4 custo_estimado BALTO_LEGACY_NUMBER',
    'interacoes 4 funcionario_id BALTO_LEGACY_ORPHAN',
    'users u com espaço user_id BALTO_LEGACY_ID',
    'users u2 email BALTO_LEGACY_EMAIL_TAKEN',
    'users u3 email BALTO_LEGACY_EMAIL',
    'users u4 email BALTO_LEGACY_EMAIL_TAKEN',
  ]);
  t.same((await store.clients.list()).map(({ clientId }) => clientId).includes('u4'), false);
  t.equal(await store.counters.byId('b4'), null, 'nothing of a client that was refused');
  t.match(
    await store.counters.byKey('0f0e0d0c-1111-2222-3333-444455556666'),
    { counterId: 'b1' },
    'the oldest keys too',
  );
  t.equal((await store.counters.byId('b1'))?.name, 'Nulo aqui');
  const texts = (await rowsOf(store, 'b1')).map(({ transcript }) => transcript);
  t.equal(texts.length, 3);
  t.notMatch(texts.join(), /529/, 'people are masked on the way in');
  t.match(texts.join(), /quero dipirona/);
});

t.test('presets, shifts, speakers and types of the second generation', withServer, async (t) => {
  const store = await shared;
  const legacy = await legacyPostgres(t, server ?? '');
  await fillLegacy(legacy, 0, '4');
  const preset = (id: string, vad_config: string) =>
    legacy.add('balcoes', { balcao_id: id, user_id: 'u-rosa4', nome_balcao: id, api_key: `bk_${id}`, vad_config });
  await preset(
    'b-1',
    '{"threshold_multiplier": 2, "min_energy": "70", "silence_frames_needed": 20, "vad_aggressiveness": 3}',
  );
  await preset('b-2', '{"threshold_multiplier": 500, "alpha": 0.1, "moda": 1}');
  await preset('b-3', '[1,');
  const shift = (dia_semana: number, hora_inicio: string, hora_fim: string) =>
    legacy.add('funcionario_turnos', { funcionario_id: 7, dia_semana, hora_inicio, hora_fim });
  await shift(0, '08:00', '12:00:30');
  await shift(6, '22:00', '06:00');
  await shift(7, '08:00', '12:00');
  await legacy.add('interacoes', {
    balcao_id: 'b-1',
    timestamp: '2025-06-01 12:00:00',
    interaction_type: 'discarded_noise',
    speaker_data:
      '[{"id": 7, "name": "Camila", "score": 0.91}, {"id": 8, "name": "Cliente / Desconhecido", "score": 0.4}]',
    ts_ai_request: '2025-06-01 12:00:01.5',
    audio_file_path: '/etc/passwd',
    segment_duration_ms: 2300,
  });
  const report = await run(store, legacy);
  t.same(issuesOf(report).sort(), [
    'balcoes b-2 vad_config.moda BALTO_LEGACY_VAD',
    'balcoes b-2 vad_config.threshold_multiplier BALTO_LEGACY_VAD',
    'balcoes b-3 vad_config BALTO_LEGACY_JSON',
    'funcionario_turnos 3 dia_semana BALTO_LEGACY_SHIFT',
    'interacoes 1 interaction_type BALTO_LEGACY_TYPE',
  ]);
  const vad = async (id: string) => (await store.counters.byId(id))?.vad;
  t.same(await vad('b-1'), { thresholdMultiplier: 2, minEnergy: 70, silenceFramesNeeded: 20 });
  t.same(await vad('b-2'), { alpha: 0.1 });
  t.same(await vad('b-3'), {});
  const employeeId = report.voicesToEnrol[0]?.employeeId;
  const shifts = await store.db.system((trx) =>
    sql`select dia_semana as day, hora_inicio::text as "from", hora_fim::text as "to" from funcionario_turnos
        where funcionario_id = ${employeeId} order by 1`.execute(trx),
  );
  t.same(shifts.rows, [
    { day: 0, from: '08:00:00', to: '12:00:30' },
    { day: 6, from: '22:00:00', to: '06:00:00' },
  ]);
  const [row] = await rowsOf(store, 'b-1');
  t.match(row, { interactionType: 'discarded_ia', audioFilePath: null, segmentDurationMs: 2300 });
  t.equal(row?.tsAiRequest?.toISOString(), '2025-06-01T12:00:01.500Z');
  t.same(JSON.parse(row?.speakerData ?? ''), [
    { id: employeeId, name: 'Camila', score: 0.91 },
    { id: null, name: 'Cliente / Desconhecido', score: 0.4 },
  ]);
});

t.test('a source that is none is refused in words, without its password', async (t) => {
  const store = await shared;
  const folder = await temporaryFolder(t);
  const file = join(folder, 'lixo.db');
  await writeFile(file, 'isto não é um banco');
  const refused = (from: string, message: RegExp) =>
    t.rejects(run(store, { from }), { code: /BALTO_LEGACY_SOURCE|BALTO_CLI_USAGE/, message }, message.source);
  await refused(`sqlite:${file}`, /não é um arquivo SQLite/);
  await refused(`sqlite:${join(folder, 'nenhum.db')}`, /não pôde ser aberto \(ENOENT\)/);
  await refused('mysql://x', /postgres:\/\//);
  await refused('sqlite:relativo.db', /postgres:\/\//);
  await refused('postgres://a:senha-secreta@127.0.0.1:1/x', /^(?!.*senha-secreta).*ECONNREFUSED/);
  await t.rejects(run(store, { from: `sqlite:${file}` }, { sourceTz: 'Marte' }), { message: /fuso da IANA/ });
  const legacy = await legacySqlite(t);
  await legacy.run('drop table balcoes');
  await refused(legacy.from, /não tem a tabela balcoes/);
  await legacy.run('create table balcoes (balcao_id text, user_id text)');
  await refused(legacy.from, /na tabela balcoes, a coluna api_key/);
});

async function digest(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
