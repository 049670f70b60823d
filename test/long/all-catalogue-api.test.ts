import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import t from 'tap';
import { type Api, type ApiAnswer, apiOf, everyPage, ownerApi } from '../helpers/admin-api.ts';
import { cmedRows, xlsxOf } from '../helpers/catalogue-files.ts';
import { openHouse, startHttpServer } from '../helpers/http-server.ts';
import { sessionOf } from '../helpers/people.ts';

const TABLE = 'codigo;nome;medicamento;classe_venda\r\n';

t.test('catalogue', async (t) => {
  const house = await openHouse(t);
  const { store } = house;
  const server = await startHttpServer(t, house);
  const owner = await ownerApi(server);
  const { clientId } = (await store.clients.create({ email: 'a@x.br', companyName: 'A' })).client;
  const base = `/clients/${clientId}/catalogue`;
  const admin = await sessionOf(store, { clientId, role: 'admin' });
  const api = apiOf(server.url, admin);
  const upload = async (
    body: string | Buffer,
    query = '',
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> => {
    const answer = await fetch(`${server.url}/api/v1${base}/imports?${query}`, {
      method: 'POST',
      headers: { cookie: admin, 'content-type': 'text/csv', ...headers },
      body,
    });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  const ended = async (id: number) => {
    for (;;) {
      const { body } = await api('GET', `${base}/imports/${id}`);
      if (body.finishedAt !== null) return body;
    }
  };

  await t.test('one item: made, read, changed with its revision, switched off', async (t) => {
    const item = { code: 'g1', name: 'Gaze', medicine: false, saleClass: 'venda_livre', tag: 'curativos', why: 'novo' };
    const made = await api('POST', `${base}/products`, item);
    t.equal(made.status, 201);
    t.equal(made.headers.get('etag'), '"1"');
    const path = made.headers.get('location') ?? '';
    t.match((await api('GET', path)).body, { code: 'g1', name: 'Gaze', active: true, importId: null, revision: 1 });
    t.equal((await api('POST', `${base}/products`, item)).status, 409);
    t.equal((await api('PATCH', path, { active: false, why: 'x' })).status, 428);
    const leaflet = { contraindication: 'alergia a látex', url: 'https://x.com.br/b', version: '2026-01' };
    const changed = await api('PATCH', path, { active: false, leaflet, why: 'acabou' }, { 'if-match': '"1"' });
    t.match(changed.body, { name: 'Gaze', active: false, tag: 'curativos', leaflet, revision: 2 });
    t.equal((await api('PATCH', path, { name: 'X', why: 'x' }, { 'if-match': '"1"' })).status, 412);
    const [last] = await store.audit.list(1);
    t.match(last, { action: 'product.update', why: 'acabou', before: { active: true }, after: { active: false } });
    for (const wrong of [{ saleClass: 'livre' }, { tag: 'x' }, { leaflet: { url: 'http://x' } }, { nome: 'x' }]) {
      t.equal(
        (await api('PATCH', path, { ...wrong, why: 'x' }, { 'if-match': '*' })).status,
        400,
        JSON.stringify(wrong),
      );
    }
    t.equal((await api('GET', `${base}/products/999999`)).status, 404);
  });

  await t.test('an import: accepted, followed to its end, listed, undone', async (t) => {
    const begun = await upload(xlsxOf(cmedRows(30)), 'fileName=cmed.xlsx&priceColumn=PMC%2018%20%25');
    t.equal(begun.status, 202);
    t.match(begun.headers.get('location'), /\/catalogue\/imports\/\d+$/);
    t.match(await ended(begun.body.id), {
      state: 'concluida',
      fileName: 'cmed.xlsx',
      format: 'xlsx',
      added: 30,
      canUndo: true,
    });
    t.equal((await everyPage(t, api, `${base}/products?limit=7&saleClass=venda_livre&active=true`)).length, 10);
    const [found] = (await api('GET', `${base}/products?q=novalgina`)).body.items;
    t.match(found, { form: 'comprimido', priceCents: 680, ingredients: [{ dose: { value: 500, unit: 'mg' } }] });
    t.equal((await api('GET', `${base}/imports`)).body.items[0].id, begun.body.id);
    t.equal((await api('POST', `${base}/imports/${begun.body.id}/undo`)).status, 202);
    t.equal((await ended(begun.body.id)).state, 'desfeita');
    t.equal((await api('GET', `${base}/products?saleClass=venda_livre`)).body.items.length, 1);
  });

  await t.test('the report is read by page, and as a sheet in which nothing is a formula', async (t) => {
    const file = JSON.stringify([
      { produto: 'Gaze estéril' },
      { produto: '=HYPERLINK("http://x")' },
      { produto: 'Losartana' },
    ]);
    const { body } = await upload(file, 'dryRun=true', { 'content-type': 'application/json' });
    t.match(await ended(body.id), { state: 'conferida', format: 'produtos', valid: 1, added: 1 });
    const { items } = (await api('GET', `${base}/imports/${body.id}/issues?limit=2`)).body;
    t.match(items, [
      { kept: true, item: 'Gaze estéril', rule: /^nm-/ },
      { kept: false, rule: 'candidato_desconhecido' },
    ]);
    const sheet = await server.get(`/api/v1${base}/imports/${body.id}/report.csv`, { cookie: admin });
    t.match(sheet.headers.get('content-disposition'), /importacao-\d+\.csv/);
    const text = Buffer.from(await sheet.arrayBuffer()).toString();
    t.match(text, /^\uFEFFlinha;coluna;produto;resultado;regra/);
    t.match(text, /"'=HYPERLINK\(""http:\/\/x""\)"/);
  });

  await t.test('a repeated upload is one import; another file with the same key is refused', async (t) => {
    const key = { 'idempotency-key': 'um-envio' };
    const first = await upload(`${TABLE}a;Gaze;não;venda_livre\r\n`, '', key);
    await ended(first.body.id);
    t.equal((await upload(`${TABLE}a;Gaze;não;venda_livre\r\n`, '', key)).body.id, first.body.id);
    t.equal((await upload(`${TABLE}b;Gaze;não;venda_livre\r\n`, '', key)).status, 422);
  });

  await t.test('a browser’s form: the file and its options, the same checks', async (t) => {
    const form = (file: string | Buffer, name: string, fields: Record<string, string> = {}) => {
      const data = new FormData();
      for (const [key, value] of Object.entries(fields)) data.append(key, value);
      data.append('file', new Blob([file]), name);
      return data;
    };
    const sent = async (body: FormData, to = server, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${to.url}/api/v1${base}/imports`, {
        method: 'POST',
        headers: { cookie: admin, ...headers },
        body,
      });
      return { status: answer.status, body: (await answer.json()) as { id: number; code?: string; fileName?: string } };
    };
    const name = '"><img src=x onerror=alert(1)>.csv';
    const begun = await sent(form(`${TABLE}f1;Gaze;não;venda_livre\r\n`, name, { dryRun: 'on' }));
    t.match(begun, { status: 202, body: { dryRun: true, partial: false } });
    t.match(begun.body.fileName, /img src=x/, 'a name is a name');
    t.match(await ended(begun.body.id), { state: 'conferida', valid: 1, added: 1 });
    const whole = await sent(form(xlsxOf(cmedRows(5)), 'cmed.xlsx', { priceColumn: 'PMC 18 %', quem: 'x' }));
    t.match(await ended(whole.body.id), { state: 'concluida', format: 'xlsx', fileName: 'cmed.xlsx', added: 5 });
    const key = { 'idempotency-key': 'um-formulario' };
    const first = await sent(form(`${TABLE}f2;Gaze;não;venda_livre\r\n`, 'a.csv', { dryRun: 'true' }), server, key);
    await ended(first.body.id);
    t.match(await sent(form(`${TABLE}f2;Gaze;não;venda_livre\r\n`, 'a.csv'), server, key), { status: 422 });
    t.match(await sent(form('x', 'a.csv', { dryRun: 'talvez' })), { status: 400 });
    const empty = new FormData();
    empty.append('dryRun', 'true');
    t.match(await sent(empty), { status: 400, body: { code: 'BALTO_HTTP_BODY', field: 'file' } });
    const cut = await fetch(`${server.url}/api/v1${base}/imports`, {
      method: 'POST',
      headers: { cookie: admin, 'content-type': 'multipart/form-data; boundary=x' },
      body: '--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\ncodigo;nome',
    });
    t.equal(cut.status, 400);
    const small = await startHttpServer(t, house, {}, undefined, undefined, 1);
    t.match(await sent(form(Buffer.alloc(1024 * 1024 + 1, 'a'), 'a.csv'), small), {
      status: 413,
      body: { code: 'BALTO_IMPORT_TOO_LARGE' },
    });
    t.same([await readdir(server.spool), await readdir(small.spool)], [[], []], 'nothing is left on the disk');
  });

  await t.test('too large: refused before it is read where the length says so, else as soon as it is', async (t) => {
    const small = await startHttpServer(t, house, {}, undefined, undefined, 1);
    const cookie = admin;
    const url = new URL(`${small.url}/api/v1${base}/imports`);
    const sent = (headers: Record<string, string | number>, body: Buffer[]) =>
      new Promise<{ status: number; text: string }>((resolve, reject) => {
        const call = request(url, { method: 'POST', headers: { cookie, ...headers } }, (answer) => {
          let text = '';
          answer.on('data', (chunk) => {
            text += chunk;
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        });
        call.on('error', reject);
        call.flushHeaders();
        for (const chunk of body) call.write(chunk);
      });
    const gigabyte = await sent({ 'content-length': 1024 ** 3 }, []);
    t.equal(gigabyte.status, 413);
    t.match(gigabyte.text, /BALTO_IMPORT_TOO_LARGE.*/);
    const chunks = Array.from({ length: 5 }, () => Buffer.alloc(256 * 1024, 'a'));
    const endless = await sent({ 'transfer-encoding': 'chunked' }, chunks);
    t.equal(endless.status, 413);
    t.same(await readdir(small.spool), [], 'nothing is left on the disk');
  });

  await t.test(
    'who may: a pharmacist reads, only an administrator imports; what is refused writes no file',
    async (t) => {
      const asked = async (caller: Api) => [
        (await caller('GET', `${base}/products`)).status,
        (await caller('POST', `${base}/imports`, TABLE, { 'content-type': 'text/csv' })).status,
      ];
      t.same(await asked(apiOf(server.url, await sessionOf(store, { clientId, role: 'farmaceutico' }))), [200, 403]);
      t.same(await asked(apiOf(server.url, 'admin_token=auth_ok')), [401, 401]);
      t.equal((await owner('POST', '/clients/ninguem/catalogue/imports', TABLE)).status, 404);
      t.same(await readdir(server.spool), []);
      t.equal((await api('POST', `${base}/imports/999999/undo`)).status, 404);
    },
  );
});
