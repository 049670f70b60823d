import { resolve } from 'node:path';
import { readEnvironment } from '../../config/environment.ts';
import {
  type CatalogueCommand,
  importFile,
  openImports,
  SHOWN_ISSUES,
  type ToldImport,
  toldOf,
  undoImport,
} from '../app-catalogue.ts';
import type { Imports } from '../catalogue/imports.ts';
import { BaltoError } from '../contracts/index.ts';
import { counted } from '../counted.ts';
import type { ImportIssue } from '../store/catalogue-imports-table.ts';
import type { Store } from '../store/index.ts';
import { systemClock } from '../store/system-clock.ts';
import type { Command, Io } from './command.ts';
import { silentLog } from './silent-log.ts';
import { withStore } from './with-store.ts';

export const command: Command = {
  usage: 'catalogue import ARQUIVO --client ID [opções] | catalogue undo NUMERO --client ID',
  summary:
    'Importa o catálogo de um cliente: CSV ou .xlsx (a lista de preços da CMED como ela vem, ou a tabela da farmácia), ou os arquivos do sistema original (produtos, cestas, consulta). Tudo ou nada; undo devolve o que havia antes. Com o servidor no ar ou parado.',
  options: {
    client: { type: 'string', value: 'ID', help: 'Cliente dono do catálogo' },
    'dry-run': { type: 'boolean', help: 'Só confere e conta; nada muda' },
    partial: { type: 'boolean', help: 'Importa as linhas boas mesmo com erros nas outras' },
    'price-column': { type: 'string', value: 'TITULO', help: 'Coluna de onde vem o preço, como "PMC 18 %"' },
  },
  positionals: ['import|undo', 'ARQUIVO|NUMERO'],
  async run({ values, positionals }, io) {
    const [verb, subject = ''] = positionals;
    const clientId = values['client'];
    if (typeof clientId !== 'string' || clientId === '') throw wrongUse('falta --client ID');
    const told =
      verb === 'import' ? await imported(io, clientId, subject, values) : await undone(io, verb, clientId, subject);
    if (values['json'] === true) io.out(JSON.stringify({ ok: told.ok, ...told.entry, issues: told.issues }));
    else io.out(shown(told));
    return told.ok ? 0 : 1;
  },
};

async function imported(
  io: Io,
  clientId: string,
  file: string,
  values: Record<string, string | boolean | undefined>,
): Promise<ToldImport> {
  const priceColumn = values['price-column'];
  const args: CatalogueCommand = {
    file: resolve(file),
    clientId,
    dryRun: values['dry-run'] === true,
    partial: values['partial'] === true,
    ...(typeof priceColumn === 'string' && { priceColumn }),
  };
  return await withStore(io, { op: 'catalogue import', args }, (store) =>
    withImports(io, store, async (imports) => toldOf(store, await importFile(imports, args))),
  );
}

async function undone(io: Io, verb: string | undefined, clientId: string, number: string): Promise<ToldImport> {
  const id = Number(number);
  if (verb !== 'undo' || !Number.isSafeInteger(id) || id < 1) throw wrongUse('esperado: import ARQUIVO ou undo NUMERO');
  return await withStore(io, { op: 'catalogue undo', args: { clientId, id } }, (store) =>
    withImports(io, store, async (imports) => toldOf(store, await undoImport(imports, clientId, id))),
  );
}

/** The imports of this process, as it has the database; what an earlier one left is gone on with first. */
async function withImports<T>(io: Io, store: Store, work: (imports: Imports) => Promise<T>): Promise<T> {
  const { dataDir, catalogueImportMb: maxMb } = readEnvironment(io.env, silentLog);
  const imports = await openImports({ store, dataDir, maxMb, clock: systemClock, log: silentLog });
  try {
    await imports.recover();
    await imports.idle();
    return await work(imports);
  } finally {
    await imports.close();
  }
}

function shown({ entry, issues }: ToldImport): string {
  const { id, state, format, read, valid, errors, added, changed, same, failure } = entry;
  const counts = [
    counted(added, 'novo', 'novos'),
    counted(changed, 'mudado', 'mudados'),
    counted(same, 'igual', 'iguais'),
  ].join(', ');
  return [
    `Importação ${id}: ${state}${format === null ? '' : ` (${format})`}`,
    `  ${counted(read, 'linha lida', 'linhas lidas')}, ${counted(valid, 'pode entrar', 'podem entrar')}, ${counted(errors, 'erro', 'erros')}; ${counts}`,
    ...(failure ? [`  ${failure.message} (${failure.code})`] : []),
    ...issues.map(lineOf),
    ...(issues.length === SHOWN_ISSUES ? ['  … o relatório inteiro está na API (…/imports/{número}/report.csv)'] : []),
  ].join('\n');
}

function lineOf({ row, column, item, kept, rule, message }: ImportIssue): string {
  const what = item ?? column ?? 'linha';
  const result = kept === null ? 'erro' : kept ? 'mantido' : 'fora';
  return `  ${String(row).padStart(6)}  ${result.padEnd(7)}  ${what}: ${message}${rule === null ? '' : ` [${rule}]`}`;
}

function wrongUse(what: string): BaltoError {
  return new BaltoError({ code: 'BALTO_CLI_USAGE', message: `catalogue: ${what}` });
}
