import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get as httpGet } from 'node:http';
import { sql } from 'kysely';
import t from 'tap';
import { insertInteractions } from '../../core/store/interactions.ts';
import { insertUsage } from '../../core/store/usage.ts';
import { FORMULA_INJECTIONS } from '../fixtures/formula-injection.ts';
import { openHouse, startHttpServer } from '../helpers/http-server.ts';
import { interaction, shadow, usage } from '../helpers/interactions.ts';
import { readWorkbook } from '../helpers/workbook.ts';

const ORIGINAL = [
  ...['id', 'timestamp', 'nome_balcao', 'funcionario', 'transcricao_completa', 'recomendacao_gerada'],
  ...['resultado_feedback', 'modelo_stt', 'custo_estimado'],
];

const house = await openHouse(t);
const { store } = house;
const { get, login, url, app } = await startHttpServer(t, house);
const cookie = await login();
let clients = 0;

type Row = Parameters<typeof interaction>[0];

/** A client with one counter and these utterances, a second apart from two before midnight in São Paulo. */
async function withRows(rows: Omit<Row, 'id'>[], counterName = 'Caixa') {
  clients++;
  const { client } = await store.clients.create({ email: `a@${clients}`, companyName: 'Farmácia' });
  const { counter } = await store.counters.register(client.clientId, counterName);
  const whose = { clientId: client.clientId, counterId: counter.counterId };
  const ids: number[] = [];
  for (const _row of rows) {
    if (store.ids.available === 0) await store.ids.ready();
    ids.push(store.ids.nextId());
  }
  const interactions = rows.map((fields, index) => {
    const timestamp = new Date(Date.parse('2026-11-21T02:59:58.500Z') + index * 1000);
    return interaction({ id: ids[index] ?? 0, ...whose, timestamp, ...fields });
  });
  await store.db.system(async (trx) => {
    for (let at = 0; at < rows.length; at += 500) await insertInteractions(trx, interactions.slice(at, at + 500));
    await insertUsage(
      trx,
      ids.map((interactionId) => usage({ ...whose, interactionId })),
    );
  });
  return { ...whose, ids };
}

async function workbook(query: string) {
  const answer = await get(`/api/export/xlsx?${query}`, { cookie });
  t.equal(answer.status, 200);
  return { answer, ...readWorkbook(new Uint8Array(await answer.arrayBuffer())) };
}

t.test('the workbook: the original columns first, typed cells, a header that stays', async (t) => {
  const spoken = new Date('2026-11-21T02:59:58.500Z');
  const { clientId, ids } = await withRows([
    {
      transcript: 'estou com tosse',
      recommendation: 'Nenhuma',
      feedback: 'aceito',
      sttModel: 'acme',
      estimatedCost: 0.0025,
      snr: 12.5,
      tsSpeechEnd: spoken,
      tsTranscriptionReady: new Date(spoken.getTime() + 700),
      decision: { address: 'stt/acme', rule: 'curtas' },
    },
    { transcript: null },
  ]);
  const { answer, sheets, files } = await workbook(`cliente_id=${clientId}`);
  t.match(answer.headers.get('content-disposition'), /^attachment; filename="relatorio_balto_\d{8}_\d{4}\.xlsx"$/);
  t.match(answer.headers.get('content-type'), /spreadsheetml\.sheet$/);
  t.same(
    sheets.map(({ name }) => name),
    ['Interacoes', 'Provedores'],
  );
  const [header, newest, oldest] = sheets[0]?.rows ?? [];
  t.same(
    Object.values(header ?? {})
      .slice(0, 9)
      .map(({ value }) => value),
    ORIGINAL,
  );
  t.ok(Object.keys(header ?? {}).length > 30, 'costs, latencies and times follow');
  t.match(sheets[0]?.xml, /<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"\/>/);
  t.equal(newest?.['A']?.value, ids[1], 'the newest first');
  t.equal(oldest?.['B']?.value, 46_346 + (23 * 3600 + 59 * 60 + 58.5) / 86_400, 'a date of the wall in São Paulo');
  const shown = Object.fromEntries(
    Object.entries(oldest ?? {}).map(([column, { value }]) => [header?.[column]?.value, value]),
  );
  t.match(shown, {
    nome_balcao: 'Caixa',
    funcionario: 'Cliente / Desconhecido',
    transcricao_completa: 'estou com tosse',
    resultado_feedback: 'aceito',
    provedor: 'stt/acme',
    regra: 'curtas',
    custo_transcricao_usd: 0.000021,
    latencia_transcricao_ms: 700,
    snr: 12.5,
  });
  t.match(shown['custo_estimado'], 0.0025);
  t.notOk('transcricao_completa' in (newest ?? {}), 'NULL is an empty cell');
  t.match(files['xl/styles.xml'], /dd\/mm\/yyyy hh:mm:ss/);
});

t.test('the second sheet compares providers', async (t) => {
  const at = (address: string, feedback: string | null, ms: number) => ({
    feedback,
    decision: { address },
    tsSpeechEnd: new Date('2026-11-21T12:00:00Z'),
    tsTranscriptionReady: new Date(Date.parse('2026-11-21T12:00:00Z') + ms),
    segmentDurationMs: 3000,
  });
  const { clientId, ids } = await withRows([
    at('stt/acme', 'aceito', 400),
    at('stt/acme', 'recusado', 400),
    at('stt/acme', 'processado', 800),
    at('stt/outra', 'aceito', 1000),
  ]);
  await store.journal.append({ type: 'shadow', interactionId: ids[0] ?? 0, shadow: shadow({ clientId }), usage: [] });
  await store.drained();
  const { sheets } = await workbook(`cliente_id=${clientId}`);
  const [header, ...rows] = (sheets[1]?.rows ?? []).map((row) => Object.values(row).map(({ value }) => value));
  t.equal(header?.length, 15);
  t.same(rows[0]?.slice(0, 5), ['stt/acme', 3, 0.75, 0.15, 0.000063]);
  const byName = (row: (string | number)[] | undefined) =>
    Object.fromEntries((header ?? []).map((name, i) => [name, row?.[i]]));
  t.match(byName(rows[0]), {
    aceitos: 1,
    recusados: 1,
    ignorados: 0,
    aceitacao: 0.5,
    comparacoes: 1,
    palavras_comparadas: 3,
  });
  t.ok(Math.abs(Number(byName(rows[0])['wer_sombra']) - 1 / 3) < 1e-9, 'one word of three');
  t.ok(Math.abs(Number(byName(rows[0])['latencia_p50_ms']) - 400) <= 4);
  t.match(rows[1]?.slice(0, 3), ['stt/outra', 1, 0.25]);
});

t.test('texts that are formulas elsewhere stay texts', async (t) => {
  t.ok(FORMULA_INJECTIONS.length >= 200);
  const rows = FORMULA_INJECTIONS.map((text) => ({ transcript: text, sttModel: text.slice(0, 60) }));
  const { clientId } = await withRows(rows, "=cmd|'/C calc'!A0");
  const { sheets, files } = await workbook(`cliente_id=${clientId}`);
  const written = sheets[0]?.rows.slice(1).map((row) => row['E']?.value) ?? [];
  // XML has no place for NUL, and neither has the database.
  t.same(
    written.toReversed(),
    FORMULA_INJECTIONS.map((text) => text.replaceAll('\0', '')),
  );
  for (const [name, xml] of Object.entries(files)) t.notMatch(xml, /<f[ >]/, name);
  t.notMatch(sheets[0]?.xml, /<c [^>]*t="(?!inlineStr)/, 'no cell but of texts and numbers');

  const csv = await (await get(`/api/export/csv?cliente_id=${clientId}`, { cookie })).text();
  const fields = parseCsv(csv);
  t.equal(fields.length, FORMULA_INJECTIONS.length + 1);
  const runs = fields
    .slice(1)
    .flat()
    .filter((cell) => /^[\s"\u200b\ufeff]*[=+@＝＋－＠|]|^[\s"]*-(?!\d)/u.test(cell));
  t.same(runs, [], 'nothing that could run');
});

t.test('CSV: UTF-8 with its mark, semicolons, decimal commas', async (t) => {
  const { clientId } = await withRows([{ transcript: 'diz "sim"; não', estimatedCost: 0.5, snr: -3.25 }]);
  const answer = await get(`/api/export/csv?cliente_id=${clientId}`, { cookie });
  t.equal(answer.headers.get('content-type'), 'text/csv; charset=utf-8');
  t.match(answer.headers.get('content-disposition'), /relatorio_balto_\d{8}_\d{4}\.csv/);
  const bytes = Buffer.from(await answer.arrayBuffer());
  t.same([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  const [header = [], row = []] = parseCsv(bytes.toString());
  t.same(header.slice(0, 9), ORIGINAL);
  t.match(Object.fromEntries(header.map((name, index) => [name, row[index]])), {
    timestamp: '20/11/2026 23:59:58',
    transcricao_completa: 'diz "sim"; não',
    custo_estimado: '0,5',
    snr: '-3,25',
    recomendacao_gerada: '',
  });
});

t.test('filters are those of the list, and every page comes', async (t) => {
  const { clientId, counterId } = await withRows(
    Array.from({ length: 1010 }, (_, index) => ({
      transcript: `fala ${index}`,
      interactionType: index % 2 === 0 ? ('valid' as const) : ('discarded_empty' as const),
      feedback: index % 20 === 0 ? 'aceito' : null,
    })),
  );
  const count = async (query: string) => {
    const csv = await (await get(`/api/export/csv?cliente_id=${clientId}&${query}`, { cookie })).text();
    const ids = parseCsv(csv)
      .slice(1)
      .map(([id]) => id);
    t.equal(new Set(ids).size, ids.length, 'no row twice');
    return ids.length;
  };
  t.equal(await count(''), 1010);
  t.equal(await count(`balcao_id=${counterId}`), 1010);
  t.equal(await count('balcao_id=outro'), 0);
  t.equal(await count('tipo=valid'), 505);
  t.equal(await count('feedback=aceito'), 51);
  t.equal(await count('busca=fala%201009'), 1);
  t.equal(await count('inicio=2026-11-21&fim=2026-11-21T00:01'), 60);
  for (const wrong of ['tipo=x', 'feedback=x', 'inicio=ontem', 'busca=']) {
    t.equal((await get(`/api/export/xlsx?${wrong}`, { cookie })).status, 400, wrong);
    t.equal((await get(`/api/data/interacoes?${wrong}`, { cookie })).status, 400, wrong);
  }
  const listed = await get(`/api/data/interacoes?cliente_id=${clientId}&feedback=aceito&tipo=valid&limit=500`, {
    cookie,
  });
  t.equal(((await listed.json()) as unknown[]).length, 51);
});

t.test('it is audited, it ends when nobody listens, and two at once are enough', async (t) => {
  const { clientId } = await withRows(Array.from({ length: 400 }, () => ({})));
  // Too much for what lies between server and reader, and none of it near enough to its like to be packed.
  for (const part of [0, 1, 2, 3]) {
    const text = randomBytes(22_500).toString('base64');
    await store.db.system((trx) =>
      sql`update interacoes set transcricao_completa = ${text} where cliente_id = ${clientId} and id % 4 = ${part}`.execute(
        trx,
      ),
    );
  }
  const audited = (await store.audit.list()).find(({ action }) => action === 'interactions.export');
  t.match(audited, { actor: /^admin:/, after: { format: /csv|xlsx/ } });
  const path = `/api/export/xlsx?cliente_id=${clientId}`;
  const held = await Promise.all([1, 2].map(() => begin(`${url}${path}`)));
  const third = await get(path, { cookie });
  t.equal(third.status, 429);
  t.match(await third.json(), { code: 'BALTO_EXPORT_BUSY' });
  for (const answer of held) {
    answer.destroy();
    await once(answer, 'close');
  }
  let status = 429;
  for (let tries = 0; status === 429 && tries < 200; tries++) {
    const answer = await begin(`${url}${path}`);
    status = answer.statusCode ?? 0;
    answer.destroy();
  }
  t.equal(status, 200, 'whoever hung up made room');
  t.equal((await app.inject({ method: 'HEAD', url: path, headers: { cookie } })).statusCode, 404, 'no HEAD writes one');
});

/** An answer of which nothing is read. */
async function begin(address: string) {
  const request = httpGet(address, { headers: { cookie } });
  const [answer] = await once(request, 'response');
  answer.on('error', () => {});
  return answer.pause();
}

function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = '', end] of text
    .replace(/^\ufeff/, '')
    .matchAll(/(?:"((?:[^"]|"")*)"|([^;\r\n]*))(;|\r\n)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ';') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
