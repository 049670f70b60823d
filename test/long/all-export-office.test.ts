import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { insertInteractions } from '../../core/store/interactions.ts';
import { FORMULA_INJECTIONS } from '../fixtures/formula-injection.ts';
import { temporaryFolder } from '../helpers/databases.ts';
import { openHouse, startHttpServer } from '../helpers/http-server.ts';
import { interaction } from '../helpers/interactions.ts';

const run = promisify(execFile);

/** A spreadsheet program that reads files without a window; null: there is none here. */
async function office(): Promise<string | null> {
  for (const name of ['soffice', 'libreoffice']) {
    const found = await run(name, ['--version']).then(
      () => name,
      () => null,
    );
    if (found) return found;
  }
  return null;
}

const program = await office();
const skip = program ? false : 'LIBREOFFICE IS NOT INSTALLED: no workbook was opened in a spreadsheet program';

t.test('a spreadsheet program opens the workbook and the CSV, and finds no formula', { skip }, async (t) => {
  const house = await openHouse(t);
  const { store } = house;
  const { get, login } = await startHttpServer(t, house);
  const { client } = await store.clients.create({ email: 'a@b', companyName: '=1+1' });
  const { counter } = await store.counters.register(client.clientId, "=cmd|'/C calc'!A0");
  const rows = FORMULA_INJECTIONS.map((transcript, index) =>
    interaction({
      id: store.ids.nextId(),
      clientId: client.clientId,
      counterId: counter.counterId,
      timestamp: new Date(Date.parse('2026-11-21T12:00:00Z') - index * 1000),
      transcript,
      sttModel: transcript.slice(0, 60),
      snr: 12.5,
    }),
  );
  await store.db.system((trx) => insertInteractions(trx, rows));
  const cookie = await login();
  const folder = await temporaryFolder(t);
  const open = async (format: 'xlsx' | 'csv', filter: string[]) => {
    const file = join(folder, `relatorio.${format}`);
    await writeFile(file, Buffer.from(await (await get(`/api/export/${format}`, { cookie })).arrayBuffer()));
    // A profile of its own: another one that is open would take the call.
    const profile = `-env:UserInstallation=file://${join(folder, 'perfil')}`;
    const call = [profile, '--headless', ...filter, '--convert-to', 'fods', '--outdir', folder, file];
    await run(program ?? '', call, { timeout: 120_000 });
    return readFile(join(folder, 'relatorio.fods'), 'utf8');
  };

  const sheet = await open('xlsx', []);
  t.notMatch(sheet, /table:formula/, 'no cell of the workbook is a formula');
  t.match(sheet, /table:name="Interacoes"/);
  t.match(sheet, /table:name="Provedores"/);
  t.match(sheet, /office:value-type="date" office:date-value="2026-11-21T09:00:00/, 'times are dates of São Paulo');
  t.match(sheet, /office:value-type="float" office:value="12.5"/, 'numbers are numbers');
  t.match(sheet, /=HYPERLINK\(&quot;http|=HYPERLINK\("http/, 'what looks like a formula is there as text');

  // Semicolons, UTF-8, as a person in Brazil opens it.
  const csv = await open('csv', ['--infilter=CSV:59,34,76,1,,1046']);
  t.notMatch(csv, /table:formula/, 'no cell of the CSV is a formula');
});
