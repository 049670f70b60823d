import { type Check, type KitReport, runChecks } from '../check.ts';
import { localChecks } from '../local/manifest-checks.ts';
import { basicChecks } from './basic-checks.ts';
import { qualityChecks } from './quality-checks.ts';
import type { CleanerSubject } from './subject.ts';

export type { CleanerSubject } from './subject.ts';

/** What is asked of a cleaner, in the order it is asked. */
export const CLEANER_CHECKS: readonly Check<CleanerSubject>[] = [
  ...localChecks('cleaner'),
  ...basicChecks,
  ...qualityChecks,
];

/** Proves a cleaner on the recording it came with. Never throws for what the cleaner does. */
export function proveCleaner(subject: CleanerSubject, options?: Parameters<typeof runChecks>[4]): Promise<KitReport> {
  return runChecks('cleaner', `cleaner/${subject.provider.id}`, CLEANER_CHECKS, subject, options);
}
