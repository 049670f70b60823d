import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { BaltoError } from '../contracts/index.ts';
import { type BackupReport, backup, restore } from './backup.ts';
import type { Store } from './index.ts';
import type { Operations } from './socket.ts';

/** What the running server does for `balto backup` and `balto restore`, as it alone holds the embedded database. */
export function backupOperations(store: Store): Record<'backup' | 'restore', Operations[string]> {
  return {
    backup: (args) => backupByCommand(store, fileOf(args)),
    restore: (args) => restoreFrom(store, fileOf(args), (args as { force?: unknown }).force === true),
  };
}

/** Written beside and moved into place: a backup that was cut short never looks like one. */
export async function backupTo(store: Store, file: string): Promise<BackupReport> {
  const draft = `${file}.parcial`;
  try {
    const report = await backup(store, createWriteStream(draft, { mode: 0o600, flush: true }));
    await rename(draft, file);
    return report;
  } catch (error) {
    await rm(draft, { force: true });
    if (error instanceof BaltoError) throw error;
    throw unreadable(file, error);
  }
}

/** What `balto backup` does: the copy is noted, so that its age is known. */
export async function backupByCommand(store: Store, file: string): Promise<BackupReport> {
  const report = await backupTo(store, file);
  const { size } = await stat(file);
  await store.copies.note({ bytes: size, rows: Object.values(report.rows).reduce((sum, count) => sum + count, 0) });
  return report;
}

/** Throws BALTO_BACKUP_* for an archive that cannot be taken, and for a database that has data unless `force`. */
export function restoreFrom(store: Store, file: string, force: boolean): Promise<BackupReport> {
  return restore(store, createReadStream(file), { force });
}

function fileOf(args: unknown): string {
  const { file } = (args ?? {}) as { file?: unknown };
  if (typeof file === 'string' && file.startsWith('/')) return file;
  throw new BaltoError({ code: 'BALTO_CLI_USAGE', message: 'Falta o caminho inteiro do arquivo.', field: 'file' });
}

/** The file could not be read or written; names it and the system's code. */
export function unreadable(file: string, cause: unknown): BaltoError {
  const code = String((cause as { code?: unknown }).code ?? 'erro');
  return new BaltoError({
    code: 'BALTO_BACKUP_FILE',
    message: `O arquivo ${file} não pôde ser usado (${code}).`,
    cause,
  });
}
