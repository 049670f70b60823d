import { sql } from 'kysely';
import t, { type Test } from 'tap';
import { openImports } from '../../core/app-catalogue.ts';
import type { Imports } from '../../core/catalogue/imports.ts';
import { read } from '../../core/catalogue/reader.ts';
import type { CatalogueImport } from '../../core/store/catalogue-imports-table.ts';
import type { Store } from '../../core/store/index.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { cmedRows, csvOf, fileWriter, xlsxOf } from '../helpers/catalogue-files.ts';
import { forEachDatabase, type OpenStore, quietLog } from '../helpers/databases.ts';

const BY = { actor: 'admin:ana' };

interface Desk {
  store: Store;
  imports: Imports;
  clientId: string;
  /** Imports a file's content and waits for the end. */
  take(content: string | Buffer, options?: Partial<{ dryRun: boolean; partial: boolean }>): Promise<CatalogueImport>;
  /** Every item of the client, by code: what an import may change. */
  catalogue(): Promise<Record<string, object>>;
}

async function openDesk(t: Test, open: OpenStore): Promise<Desk> {
  const store = await open();
  const parts = { store, dataDir: open.options.dataDir, maxMb: 50, clock: systemClock, log: quietLog };
  const imports = await openImports(parts);
  t.teardown(() => imports.close());
  const { clientId } = (await store.clients.create({ email: 'a@loja.br', companyName: 'A' })).client;
  const write = await fileWriter(t);
  return {
    store,
    imports,
    clientId,
    async take(content, options = {}) {
      const file = await imports.spool.own(await write(content));
      const order = { clientId, fileName: 'tabela', dryRun: false, partial: false, ...options };
      return imports.ended((await imports.start(order, file, BY)).id);
    },
    async catalogue() {
      const { items } = await store.productChanges.page(clientId, {}, 500);
      return Object.fromEntries(
        items.map(({ code, id: _id, createdAt: _at, revision: _revision, importId: _import, ...rest }) => [code, rest]),
      );
    },
  };
}

/** The catalogue as these rows make it; it is as it was again afterwards. */
async function catalogueAfter({ take, imports, catalogue, clientId }: Desk, rows: string[][]) {
  const { id } = await take(csvOf(rows));
  const after = await catalogue();
  await imports.undo(clientId, id, BY);
  await imports.ended(id);
  return after;
}

/** An import as a process leaves it that is killed at this point. */
async function leftInTheMiddle(
  { store, clientId }: Desk,
  t: Test,
  content: string,
  stopped: 'reading' | 'putting in' | 'taking out',
): Promise<number> {
  const { catalogueImports: list, catalogueActivation: activation } = store;
  const order = { clientId, fileName: 'x', bytes: 1, sha256: '00', dryRun: false, partial: false };
  const entry = await list.begin(order, BY);
  const file = await (await fileWriter(t))(content);
  for await (const message of read({ file, fileName: 'tabela', today: '2026-11-21' })) {
    if (message.type === 'batch') await list.stage(entry, { ...message, firstIssue: 1 });
  }
  if (stopped !== 'reading') {
    await list.activate(entry.id);
    await activation.step(entry, 5, false);
  }
  if (stopped === 'taking out') {
    while ((await activation.step(entry, 5, false)) > 0);
    await list.finish(entry.id, 'concluida');
    await activation.beginUndo(entry, BY);
    await activation.undoStep(entry, 1);
  }
  const gone = list.mark.replace(/^\d+/, '4194303');
  await store.db.system((trx) =>
    trx.updateTable('catalogo_importacoes').set({ processo: gone }).where('id', '=', entry.id).execute(),
  );
  return entry.id;
}

async function forgetLines({ db }: Store, id: number): Promise<void> {
  await db.system((trx) => trx.deleteFrom('catalogo_importacao_linhas').where('importacao_id', '=', id).execute());
}

const PLAIN = 'código;Nome;Preço;Classe de venda;Medicamento;Indicações\r\n';

t.test('imports', (t) =>
  forEachDatabase(t, async (t, open) => {
    const desk = await openDesk(t, open);
    const { store, imports, clientId, take, catalogue } = desk;

    await t.test('the official list is understood as it comes, and free is only what it says is free', async (t) => {
      const done = await take(xlsxOf(cmedRows(12)));
      t.match(done, { state: 'concluida', format: 'xlsx', read: 12, valid: 12, added: 12, errors: 0, canUndo: true });
      const items = Object.values(await catalogue()) as { name: string; saleClass: string }[];
      const classOf = (start: string) => items.find(({ name }) => name.startsWith(start))?.saleClass;
      t.equal(classOf('NOVALGINA 500 mg comprimido'), 'venda_livre');
      t.equal(classOf('AMOXIL 500 mg cápsula'), 'antimicrobiano');
      t.equal(classOf('RIVOTRIL'), 'tarja_preta');
      t.equal(classOf('BUSCOPAN'), 'injetavel');
      t.equal(classOf('CLARITIN 1 mg/ml xarope'), 'desconhecida', '- (*) is no permission');
      t.match(await store.audit.list(2), [
        { action: 'catalogue.imported', actor: 'admin:ana', after: { novas: 12 } },
        { action: 'catalogue.import', actor: 'admin:ana' },
      ]);
    });

    await t.test('the same file again changes nothing; undoing it neither', async (t) => {
      const before = await catalogue();
      const done = await take(csvOf(cmedRows(12)));
      t.match(done, { state: 'concluida', format: 'csv', same: 12, added: 0, changed: 0 });
      t.same(await catalogue(), before);
    });

    await t.test('an import is undone: what it changed is as it was, what it added is gone', async (t) => {
      const before = await catalogue();
      const changed = cmedRows(14).map((row) => row.map((cell) => (cell === 'Tarja Preta' ? 'Tarja Vermelha' : cell)));
      const done = await take(csvOf(changed));
      t.match(done, { state: 'concluida', added: 2, changed: 2, same: 10 });
      t.notSame(await catalogue(), before);
      const begun = await imports.undo(clientId, done.id, BY);
      t.equal(begun.state, 'desfazendo');
      t.match(await imports.ended(done.id), { state: 'desfeita', canUndo: false });
      t.same(await catalogue(), before);
      t.match((await store.audit.list(1))[0], { action: 'catalogue.undo', actor: 'admin:ana' });
      await t.rejects(imports.undo(clientId, done.id, BY), { code: 'BALTO_IMPORT_NOT_UNDOABLE', statusCode: 409 });
    });

    await t.test('it is not undone over what changed since, by a newer import or by hand', async (t) => {
      const first = await take(`${PLAIN}g1;Gaze;R$ 1.234,56;venda_livre;não;ferida|corte\r\n`);
      const second = await take(`${PLAIN}g1;Gaze estéril;3;venda_livre;não;ferida\r\n`);
      await t.rejects(imports.undo(clientId, first.id, BY), {
        code: 'BALTO_IMPORT_SUPERSEDED',
        message: new RegExp(`pela importação ${second.id}`),
      });
      await imports.undo(clientId, second.id, BY);
      await imports.ended(second.id);
      const { items } = await store.productChanges.page(clientId, { text: 'gaze' }, 10);
      t.match(items[0], { name: 'Gaze', priceCents: 123_456, indications: ['ferida', 'corte'], medicine: false });
      await store.productChanges.update(clientId, items[0]?.id ?? 0, { name: 'Gaze nova' }, BY, '*');
      await t.rejects(imports.undo(clientId, first.id, BY), { message: /à mão/ });
    });

    await t.test('a dry run counts and changes nothing', async (t) => {
      const before = await catalogue();
      const done = await take(`${PLAIN}g1;Outra;1;venda_livre;não;\r\ng9;Nova;1;venda_livre;não;\r\n`, {
        dryRun: true,
      });
      t.match(done, { state: 'conferida', valid: 2, added: 1, changed: 1, canUndo: false });
      t.same(await catalogue(), before);
      t.equal(await store.catalogueImports.lines(clientId, done.id), 0);
    });

    await t.test('one wrong row refuses the file, unless the good ones are asked for', async (t) => {
      const before = await catalogue();
      const file = `${PLAIN}h1;Algodão;caro;venda_livre;não;\r\nh2;Micropore;2,50;venda_livre;talvez;\r\nh3;Luvas;1;x;não;\r\nh3;Luva;1;;não;\r\nh3;Luva;1;;não;\r\nh4;;1;;não;\r\n`;
      const refused = await take(file);
      t.match(refused, { state: 'recusada', errors: 5, read: 6, valid: 1, failure: { code: 'BALTO_IMPORT_ROWS' } });
      t.same(await catalogue(), before);
      const { items } = await store.catalogueImports.issues(clientId, refused.id, 100);
      t.same(
        items.map(({ row, column, code }) => [row, column, code]),
        [
          [2, 'Preço', 'numero'],
          [3, 'Medicamento', 'valor'],
          [4, 'Classe de venda', 'valor'],
          [6, 'código', 'repetido'],
          [7, 'Nome', 'vazio'],
        ],
      );
      t.notMatch(JSON.stringify(items), /Algodão|caro|talvez/, 'the report never quotes the row');
      t.match(await take(file, { partial: true }), { state: 'concluida', added: 1, errors: 5 });
    });

    await t.test('what a process left in the middle is ended by the next one', async (t) => {
      const before = await catalogue();
      const changed = cmedRows(12).map((row) => row.map((cell) => (cell === 'Tarja Preta' ? 'Tarja Vermelha' : cell)));
      const finished = await catalogueAfter(desk, changed);
      for (const [stopped, state, after] of [
        ['reading', 'falhou', before],
        ['putting in', 'concluida', finished],
        ['taking out', 'desfeita', before],
      ] as const) {
        const id = await leftInTheMiddle(desk, t, csvOf(changed), stopped);
        await imports.recover();
        const ended = await imports.ended(id);
        t.equal(ended.state, state, stopped);
        t.same(await catalogue(), after, stopped);
        if (state === 'falhou') t.match(ended.failure, { code: 'BALTO_IMPORT_INTERRUPTED' });
        if (!ended.canUndo) continue;
        await imports.undo(clientId, id, BY);
        await imports.ended(id);
      }
      t.same(await catalogue(), before);
    });

    await t.test('a backup has no lines: what it cuts short is said, and is not undone into nothing', async (t) => {
      const id = await leftInTheMiddle(desk, t, csvOf(cmedRows(14)), 'putting in');
      await forgetLines(store, id);
      await imports.recover();
      t.match((await imports.ended(id)).failure, { code: 'BALTO_IMPORT_INTERRUPTED', message: /backup/ });
      const done = await take(`${PLAIN}b1;Bandagem;;;;\r\n`);
      await forgetLines(store, done.id);
      await t.rejects(imports.undo(clientId, done.id, BY), { code: 'BALTO_IMPORT_NOT_UNDOABLE' });
    });

    await t.test('an import that cannot go on leaves the catalogue as it was', async (t) => {
      const before = await catalogue();
      await sql`alter table produtos add constraint teste check (nome not like 'NAO ENTRA%') not valid`.execute(
        store.db.kysely,
      );
      const rows = Array.from(
        { length: 60 },
        (_, index) => `k${index};${index === 55 ? 'NAO ENTRA' : 'Item'} ${index};1;;;\r\n`,
      );
      const failed = await take(PLAIN + rows.join(''));
      t.match(failed, { state: 'falhou', failure: { code: 'BALTO_IMPORT_FAILED' } });
      t.same(await catalogue(), before);
      await sql`alter table produtos drop constraint teste`.execute(store.db.kysely);
    });

    await t.test('only the three newest can be undone', async (t) => {
      const done = [];
      for (const name of ['A', 'B', 'C', 'D']) done.push(await take(`${PLAIN}n1;${name};;;;\r\n`));
      const [oldest] = done;
      t.equal((await store.catalogueImports.byId(clientId, oldest?.id ?? 0))?.canUndo, false);
      t.equal(await store.catalogueImports.lines(clientId, oldest?.id ?? 0), 0, 'what was before it is not kept');
    });

    await t.test('one import of a client at a time', async (t) => {
      const order = { clientId, fileName: 'x', bytes: 1, sha256: '00', dryRun: false, partial: false };
      const held = await store.catalogueImports.begin(order, BY);
      await t.rejects(take(`${PLAIN}z;Z;;;;\r\n`), { code: 'BALTO_IMPORT_RUNNING', statusCode: 409 });
      await store.catalogueImports.finish(held.id, 'falhou');
      await t.rejects(store.catalogueImports.begin({ ...order, clientId: 'ninguem' }, BY), {
        code: 'BALTO_CLIENT_UNKNOWN',
      });
    });
  }),
);
