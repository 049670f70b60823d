import { join } from 'node:path';
import type { Clock, Log } from './contracts/index.ts';
import { BackupDesk } from './store/backup-desk.ts';
import type { Store } from './store/index.ts';

/** The job, as `scheduled_jobs` names it, and how often it is done. */
const WATCH = { name: 'backup-age', everyMs: 60 * 60_000 };
/** How often this process looks whether it is due. */
const LOOK_MS = 60_000;

/** The copies of this installation, and the eye on the age of the newest: once an hour, in one process of all. */
export function openBackups(parts: {
  store: Store;
  environment: { dataDir: string; backupDir?: string | undefined; backupKeep: number; backupMaxAgeDays: number };
  clock: Clock;
  log: Log;
}): { desk: BackupDesk; close(): Promise<void> } {
  const { store, environment, clock, log } = parts;
  const { dataDir, backupDir, backupKeep: keep, backupMaxAgeDays: maxAgeDays } = environment;
  const desk = new BackupDesk({ store, folder: backupDir ?? join(dataDir, 'copias'), keep, maxAgeDays, clock, log });
  let isClosed = false;
  let looking: Promise<void> = Promise.resolve();
  let cancel = clock.after(LOOK_MS, look);
  function look(): void {
    looking = round()
      .catch((error: unknown) =>
        log.warn({ code: (error as { code?: unknown }).code }, 'copies could not be looked at'),
      )
      .finally(() => {
        if (!isClosed) cancel = clock.after(LOOK_MS, look);
      });
  }
  async function round(): Promise<void> {
    if (store.db.status().state !== 'ready' || !(await store.jobs.claim(WATCH.name))) return;
    try {
      const isRaised = await desk.watch();
      await store.jobs.finish(WATCH.name, WATCH.everyMs, { raised: isRaised });
    } catch (error) {
      await store.jobs.release(WATCH.name);
      throw error;
    }
  }
  return {
    desk,
    async close() {
      isClosed = true;
      cancel();
      await looking;
      await desk.close();
    },
  };
}
