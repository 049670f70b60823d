/**
 * The embedded Postgres, off the main thread: on it a query would hold up audio for as long as it runs. It answers the
 * Postgres wire protocol, message for message, so that everything above is the same client as with a real server.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { unaccent } from '@electric-sql/pglite/contrib/unaccent';
import type { FromWorker, ToWorker } from './embedded.ts';

const port = parentPort;
if (!port) throw new Error('embedded-worker runs as a worker thread');

const engine = await PGlite.create({
  dataDir: (workerData as { folder: string }).folder,
  extensions: { pg_trgm, unaccent },
});
say({ type: 'open' });

let queue: Promise<void> = Promise.resolve();
port.on('message', (message: ToWorker) => {
  queue = queue.then(() => handle(message));
});

async function handle(message: ToWorker): Promise<void> {
  if (message.type === 'protocol') {
    const answer = await engine.execProtocolRaw(message.bytes);
    say({ type: 'protocol', connection: message.connection, bytes: answer });
    return;
  }
  if (message.type === 'reset') {
    // A connection went away, perhaps inside a transaction: the next one must find a clean session.
    await engine.exec('rollback');
    await engine.exec('discard all');
    return;
  }
  await engine.close();
  port?.close();
}

function say(message: FromWorker): void {
  port?.postMessage(message);
}
