import { join } from 'node:path';
import { type ImportOrder, Imports } from './catalogue/imports.ts';
import { Spool } from './catalogue/spool.ts';
import { BaltoError, type Clock, type Log } from './contracts/index.ts';
import type { CatalogueImport, ImportIssue } from './store/catalogue-imports-table.ts';
import type { Store } from './store/index.ts';
import type { Operations } from './store/socket.ts';

/** The imports of this process over its store. Files wait in the data folder, at most `maxMb` megabytes each. */
export async function openImports(parts: {
  store: Pick<Store, 'db' | 'catalogueImports' | 'catalogueActivation'>;
  dataDir: string;
  maxMb: number;
  clock: Clock;
  log: Log;
}): Promise<Imports> {
  const { store, dataDir, maxMb, clock, log } = parts;
  const { db, catalogueImports: imports, catalogueActivation: activation } = store;
  const spool = new Spool(join(dataDir, 'importacoes'), maxMb * 1024 * 1024);
  await spool.prepare();
  return new Imports({ db, imports, activation, clock, log }, spool, db.kind === 'embedded');
}

/** Goes on with what an earlier process left in the middle, once the database is there. */
export async function recoverImports(imports: Imports, { ready }: Pick<Store, 'ready'>, log: Log): Promise<void> {
  try {
    await ready();
    await imports.recover();
  } catch (error) {
    log.error(
      { code: (error as { code?: unknown }).code },
      'imports that were left in the middle were not gone on with',
    );
  }
}

/** What `balto catalogue` asks for. */
export interface CatalogueCommand extends Omit<ImportOrder, 'fileName'> {
  /** Whole path. */
  file: string;
}

/** What the command line is told of an import. */
export interface ToldImport {
  ok: boolean;
  entry: CatalogueImport;
  /** The beginning of its report; all of it is in the REST API. */
  issues: ImportIssue[];
}

export const SHOWN_ISSUES = 20;

/** What became of an import. */
export async function toldOf(store: Pick<Store, 'catalogueImports'>, entry: CatalogueImport): Promise<ToldImport> {
  const { items } = await store.catalogueImports.issues(entry.clientId, entry.id, SHOWN_ISSUES);
  return { ok: entry.failure === null, entry, issues: items };
}

/** Imports a file of this machine and waits for the end. */
export async function importFile(imports: Imports, command: CatalogueCommand): Promise<CatalogueImport> {
  const { file, ...order } = command;
  const spooled = await imports.spool.own(file);
  const begun = await imports.start({ ...order, fileName: file.split(/[\\/]/).at(-1) ?? file }, spooled, {
    actor: 'cli',
  });
  return await imports.ended(begun.id);
}

/** Undoes an import and waits for the end. */
export async function undoImport(imports: Imports, clientId: string, id: number): Promise<CatalogueImport> {
  await imports.undo(clientId, id, { actor: 'cli' });
  return await imports.ended(id);
}

/** What the running server does for `balto catalogue`, as it alone holds the embedded database. */
export function catalogueOperations(imports: Imports, store: Pick<Store, 'catalogueImports'>): Operations {
  return {
    'catalogue import': async (args) => toldOf(store, await importFile(imports, commandOf(args))),
    'catalogue undo': async (args) => {
      const { clientId, id } = (args ?? {}) as { clientId?: unknown; id?: unknown };
      if (typeof clientId !== 'string' || typeof id !== 'number') throw wrongUse();
      return await toldOf(store, await undoImport(imports, clientId, id));
    },
  };
}

function commandOf(args: unknown): CatalogueCommand {
  const { file, clientId, dryRun, partial, priceColumn } = (args ?? {}) as Record<string, unknown>;
  if (typeof file !== 'string' || !file.startsWith('/') || typeof clientId !== 'string') throw wrongUse();
  return {
    file,
    clientId,
    dryRun: dryRun === true,
    partial: partial === true,
    ...(typeof priceColumn === 'string' && { priceColumn }),
  };
}

function wrongUse(): BaltoError {
  return new BaltoError({ code: 'BALTO_CLI_USAGE', message: 'O servidor não entendeu o comando; ele é desta versão?' });
}
