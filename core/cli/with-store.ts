import { type Environment, readEnvironment } from '../../config/environment.ts';
import { BaltoError } from '../contracts/index.ts';
import { openStore, type Store } from '../store/index.ts';
import { callServer } from '../store/socket.ts';
import type { Io } from './command.ts';
import { silentLog } from './silent-log.ts';

/** In this process where the database lets us in; through the server (`remote`) where it holds the embedded one. */
export async function withStore<T>(
  io: Pick<Io, 'env'>,
  remote: { op: string; args: object },
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const environment = readEnvironment(io.env, silentLog);
  let store: Store;
  try {
    store = await open(environment);
  } catch (error) {
    if ((error as BaltoError).code !== 'BALTO_STORE_LOCKED') throw error;
    return (await callServer(environment.dataDir, remote.op, remote.args)) as T;
  }
  try {
    if (store.db.status().state !== 'ready') throw away();
    return await work(store);
  } finally {
    await store.close();
  }
}

function open({ databaseUrl, dataDir, secretKey, previousSecretKeys, audioDumpDir }: Environment): Promise<Store> {
  const audioDir = audioDumpDir;
  return openStore({ url: databaseUrl, dataDir, secretKey, previousSecretKeys, audioDir, log: silentLog });
}

function away(): BaltoError {
  return new BaltoError({
    code: 'BALTO_STORE_AWAY',
    message: 'O banco de dados não responde; confira POSTGRES_* ou DATABASE_URL.',
    statusCode: 503,
  });
}
