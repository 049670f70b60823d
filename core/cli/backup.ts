import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BackupReport } from '../store/backup.ts';
import { backupByCommand, restoreFrom, unreadable } from '../store/backup-file.ts';
import type { Command, Io } from './command.ts';
import { withStore } from './with-store.ts';

export const backupCommand: Command = {
  usage: 'backup ARQUIVO',
  summary:
    'Grava tudo o que está no banco em um arquivo (.tar.gz), com o servidor no ar ou parado. Não contém chaves em claro, mas contém o que clientes disseram: guarde-o como tal.',
  positionals: ['ARQUIVO'],
  async run({ values, positionals }, io) {
    const file = resolve(positionals[0] ?? '');
    const report = await withStore(io, { op: 'backup', args: { file } }, (store) => backupByCommand(store, file));
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

function say(io: Io, json: boolean, file: string, { rows }: BackupReport, what: string): void {
  const lines = Object.entries(rows).map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`);
  io.out(json ? JSON.stringify({ ok: true, file, rows }) : [`${what} ${file}`, ...lines].join('\n'));
}
