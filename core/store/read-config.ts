import { itemsAt, newestIn } from './config-items.ts';
import type { ConfigSnapshot } from './config-snapshot.ts';
import { EMPTY_SNAPSHOT, nextSnapshot } from './config-snapshot.ts';
import { openDatabase } from './database.ts';
import type { StoreOptions } from './index.ts';
import { secretKeys } from './secret-key-file.ts';
import { Secrets } from './secrets.ts';
import { systemClock } from './system-clock.ts';
import { openCredentials } from './vendor-credentials.ts';

/**
 * The configuration that is stored, for a look at it: nothing is written, nothing is followed.
 * @throws BaltoError what `openDatabase` throws, `BALTO_STORE_LOCKED` where a server holds the embedded one.
 */
export async function readStoredConfig(options: Omit<StoreOptions, 'clock' | 'journalBytes'>): Promise<ConfigSnapshot> {
  const { current, previous } = await secretKeys(options);
  const secrets = new Secrets(current, previous);
  const db = await openDatabase({ ...options, clock: systemClock, maxConnections: 1 });
  try {
    const { version, items } = await db.system(async (trx) => {
      const version = await newestIn(trx);
      return { version, items: await itemsAt(trx, version, {}) };
    });
    return await nextSnapshot(EMPTY_SNAPSHOT, version, items, (ids) => openCredentials(db, secrets, ids));
  } finally {
    await db.close();
  }
}
