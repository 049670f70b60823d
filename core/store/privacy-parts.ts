import type { Clock, Log } from '../contracts/index.ts';
import type { AudioFiles } from './audio-files.ts';
import type { Audit } from './audit.ts';
import { AuditRetention } from './audit-retention.ts';
import { DataProtections } from './data-protection.ts';
import type { Database } from './database.ts';
import type { Employees } from './employees.ts';
import { Erasure } from './erasure.ts';
import { processMark } from './folder-lock.ts';
import type { Store } from './index.ts';
import type { Journal } from './journal.ts';
import { LgpdExport } from './lgpd-export.ts';
import { LgpdReceipts } from './lgpd-receipts.ts';
import { Retention } from './retention.ts';
import { ScheduledJobs } from './scheduled-jobs.ts';
import type { Secrets } from './secrets.ts';

/** What keeps people's data for its time only, and gives it out or erases it when asked. */
export function privacyParts(parts: {
  db: Database;
  secrets: Secrets;
  audit: Audit;
  clock: Clock;
  log: Log;
  employees: Employees;
  audio: AudioFiles;
  settled(): Promise<void>;
  /** Entries that the database refused. */
  rejected: Journal;
}): Pick<Store, 'dataProtection' | 'lgpd' | 'retention' | 'auditRetention' | 'jobs'> {
  const { db, secrets, audit, clock, log, employees, audio, settled, rejected } = parts;
  const receipts = new LgpdReceipts(db, audit, clock);
  const erasure = new Erasure({
    db,
    employees,
    receipts,
    settled,
    removeAudio: (path) => audio.remove(path),
    refusedBytes: async () => {
      await rejected.measure();
      return rejected.bytes;
    },
  });
  return {
    dataProtection: new DataProtections(db, audit, clock),
    lgpd: { export: new LgpdExport({ db, receipts, settled }), erasure, receipts },
    retention: new Retention(db, clock, audio),
    auditRetention: new AuditRetention({ db, secrets, audit, clock, log }),
    jobs: new ScheduledJobs(db, processMark()),
  };
}
