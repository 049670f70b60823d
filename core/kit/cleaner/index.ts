import { type Check, type KitReport, runChecks } from '../check.ts';
import { localChecks } from '../local/manifest-checks.ts';
import { withExemptions } from '../proof.ts';
import { type KitOptions, modelOf } from '../subject.ts';
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
export async function proveCleaner(subject: CleanerSubject, options: KitOptions = {}): Promise<KitReport> {
  const checks = withExemptions(CLEANER_CHECKS, subject.exempt);
  return runChecks('cleaner', `cleaner/${subject.provider.id}`, checks, subject, {
    ...options,
    model: modelOf(subject),
  });
}
