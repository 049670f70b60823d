import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Environment, readEnvironment } from '../../config/environment.ts';
import { BaltoError } from '../contracts/index.ts';
import type { BackupReport } from '../store/backup.ts';
import { backupTo, restoreFrom, unreadable } from '../store/backup-file.ts';
import { openStore, type Store } from '../store/index.ts';
import { callServer } from '../store/socket.ts';
import type { Command, Io } from './command.ts';
import { silentLog } from './silent-log.ts';

export const backupCommand: Command = {
  usage: 'backup ARQUIVO',
  summary:
    'Grava tudo o que está no banco em um arquivo (.tar.gz), com o servidor no ar ou parado. Não contém chaves em claro, mas contém o que clientes disseram: guarde-o como tal.',
  positionals: ['ARQUIVO'],
  async run({ values, positionals }, io) {
    const file = resolve(positionals[0] ?? '');
    const report = await withStore(io, { op: 'backup', args: { file } }, (store) => backupTo(store, file));
    say(io, values['json'] === true, file, report, 'Backup gravado em');
    return 0;
  },
};

export const restoreCommand: Command = {
  usage: 'restore ARQUIVO [--force]',
  summary:
    'Restaura um backup, feito de qualquer um dos bancos, no banco configurado. Tudo ou nada; um banco que já tem dados só é substituído com --force.',
  options: { force: { type: 'boolean', help: 'Substitui os dados que há' } },
  positionals: ['ARQUIVO'],
  async run({ values, positionals }, io) {
    const file = resolve(positionals[0] ?? '');
    const force = values['force'] === true;
    await stat(file).catch((cause) => {
      throw unreadable(file, cause);
    });
    const report = await withStore(io, { op: 'restore', args: { file, force } }, (store) =>
      restoreFrom(store, file, force),
    );
    say(io, values['json'] === true, file, report, 'Backup restaurado de');
    return 0;
  },
};

/** In this process where the database lets us in; through the server where it holds the embedded one. */
async function withStore(
  io: Io,
  remote: { op: string; args: object },
  work: (store: Store) => Promise<BackupReport>,
): Promise<BackupReport> {
  const environment = readEnvironment(io.env, silentLog);
  let store: Store;
  try {
    store = await open(environment);
  } catch (error) {
    if ((error as BaltoError).code !== 'BALTO_STORE_LOCKED') throw error;
    return (await callServer(environment.dataDir, remote.op, remote.args)) as BackupReport;
  }
  try {
    if (store.db.status().state !== 'ready') throw away();
    return await work(store);
  } finally {
    await store.close();
  }
}

function open({ databaseUrl, dataDir, secretKey }: Environment): Promise<Store> {
  return openStore({ url: databaseUrl, dataDir, secretKey, log: silentLog });
}

function say(io: Io, json: boolean, file: string, { rows }: BackupReport, what: string): void {
  const lines = Object.entries(rows).map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`);
  io.out(json ? JSON.stringify({ ok: true, file, rows }) : [`${what} ${file}`, ...lines].join('\n'));
}

function away(): BaltoError {
  return new BaltoError({
    code: 'BALTO_STORE_AWAY',
    message: 'O banco de dados não responde; confira POSTGRES_* ou DATABASE_URL.',
    statusCode: 503,
  });
}
