import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BaltoError } from '../contracts/index.ts';
import { unreadable } from './backup-file.ts';
import type { Author } from './config-versions.ts';
import type { Store } from './index.ts';
import type { LgpdReceipt } from './lgpd-receipts.ts';
import { type LgpdScope, parseScope } from './lgpd-scope.ts';
import type { Operations } from './socket.ts';

/** What the command line asks for, here or of the running server. */
export interface LgpdOrder {
  client: string;
  scope: LgpdScope;
}

/** Asked for at the command line; who that is, is who may run it. */
const BY: Author = { actor: 'cli' };

/** What the running server does for `balto lgpd`, as it alone holds the embedded database. */
export function lgpdOperations(store: Store): Operations {
  return {
    'lgpd erase': async (args) => eraseFor(store, await orderOf(store, args)),
    'lgpd export': async (args) => exportTo(store, await orderOf(store, args), fileOf(args)),
  };
}

export function eraseFor({ lgpd }: Pick<Store, 'lgpd'>, { client, scope }: LgpdOrder): Promise<LgpdReceipt> {
  return lgpd.erasure.erase(client, scope, BY);
}

/** Written beside and moved into place, for this user alone. */
export async function exportTo(
  { lgpd }: Pick<Store, 'lgpd'>,
  { client, scope }: LgpdOrder,
  file: string,
): Promise<LgpdReceipt> {
  const draft = `${file}.parcial`;
  let receipt: LgpdReceipt | undefined;
  try {
    const lines = lgpd.export.lines(client, scope, BY, (issued) => {
      receipt = issued;
    });
    await pipeline(Readable.from(lines), createWriteStream(draft, { mode: 0o600, flush: true }));
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error instanceof BaltoError ? error : unreadable(file, error);
  }
  if (!receipt) throw unreadable(file, new Error('no receipt'));
  return receipt;
}

/** Reads an order that came from outside. @throws BALTO_CLIENT_UNKNOWN, BALTO_LGPD_SCOPE */
export async function orderOf(store: Pick<Store, 'clients'>, args: unknown): Promise<LgpdOrder> {
  const scope = parseScope((args as { scope?: unknown } | null)?.scope);
  return { client: await clientOf(store, args), scope };
}

async function clientOf({ clients }: Pick<Store, 'clients'>, args: unknown): Promise<string> {
  const { client } = (args ?? {}) as { client?: unknown };
  if (typeof client === 'string' && (await clients.byId(client))) return client;
  throw new BaltoError({
    code: 'BALTO_CLIENT_UNKNOWN',
    field: 'client',
    message: 'client: diga o identificador de um cliente cadastrado.',
    statusCode: 404,
  });
}

function fileOf(args: unknown): string {
  const { file } = (args ?? {}) as { file?: unknown };
  if (typeof file === 'string' && file.startsWith('/')) return file;
  throw new BaltoError({ code: 'BALTO_CLI_USAGE', message: 'Falta o caminho inteiro do arquivo.', field: 'file' });
}
