import type { Clock, Log } from './contracts/index.ts';
import { AudioKeeper } from './counter/audio-keeper.ts';
import { Masking } from './counter/masking.ts';
import type { PharmacyData } from './pharmacy/data.ts';
import { loadPrivacyData } from './privacy/data.ts';
import { ClientNames } from './store/client-words.ts';
import type { Database } from './store/database.ts';
import type { Store } from './store/index.ts';

/** Keeps people out of texts; what products and employees are called is read per client, when its first counter comes. */
export function openMasking(db: Database, { starter, otc }: PharmacyData, clock: Clock, log: Log): Masking {
  const items = starter.itens.flatMap(({ nome, sinonimos }) => [nome, ...sinonimos]);
  const common = [...items, ...otc.names.spoken.map(({ text }) => text)];
  return new Masking({ data: loadPrivacyData(), common, source: new ClientNames(db), clock, log });
}

/** Keeps the voices of those clients that decided so. */
export function openKeeper({ dataProtection, audio, journal }: Store, clock: Clock, log: Log): AudioKeeper {
  return new AudioKeeper({
    async keeping() {
      const found = await dataProtection.withAudio();
      return found.flatMap(({ clientId, audio }) => (audio ? [{ clientId, until: audio.until }] : []));
    },
    files: audio,
    append: (entry) => journal.append(entry),
    clock,
    log,
  });
}

/** The job, as `scheduled_jobs` names it, and how often it is done. */
const RETENTION = { name: 'retention', everyMs: 60 * 60_000 };
/** How often this process looks whether it is due. */
const LOOK_MS = 60_000;

interface RetentionParts {
  store: Store;
  clock: Clock;
  log: Log;
  environment: { auditRetentionYears: number };
}

/**
 * Lets go of what is over its time: once an hour, in one process of all. And after an erasure, whoever made it, what this
 * process has journalled and stored is deleted from its files too.
 */
export function openRetention({ store, environment, clock, log }: RetentionParts): { close(): Promise<void> } {
  const stop = new AbortController();
  let working: Promise<void> = Promise.resolve();
  let rolledAt = clock.date();
  let cancel = clock.after(LOOK_MS, look);
  function look(): void {
    working = round()
      .catch((error: unknown) => log.warn({ code: (error as { code?: unknown }).code }, 'retention could not run'))
      .finally(() => {
        if (!stop.signal.aborted) cancel = clock.after(LOOK_MS, look);
      });
  }
  async function round(): Promise<void> {
    if (store.db.status().state !== 'ready') return;
    const erasedAt = await store.lgpd.receipts.lastErasure();
    if (erasedAt && erasedAt >= rolledAt) {
      rolledAt = clock.date();
      await store.settled();
    }
    if (!(await store.jobs.claim(RETENTION.name))) return;
    try {
      const done = await store.retention.run(stop.signal);
      const audit = await store.auditRetention.run(environment.auditRetentionYears, stop.signal);
      const report = { ...done, audit: audit.rows };
      await store.jobs.finish(RETENTION.name, RETENTION.everyMs, report);
      if (report.texts + report.rows + report.voices + report.audit > 0)
        log.info({ ...report }, 'what was over its time is gone');
    } catch (error) {
      await store.jobs.release(RETENTION.name);
      throw error;
    }
  }
  return {
    async close() {
      cancel();
      stop.abort();
      await working;
    },
  };
}
