import { type Check, type KitReport, runChecks } from '../check.ts';
import { localChecks } from '../local/manifest-checks.ts';
import { withExemptions } from '../proof.ts';
import { type KitOptions, modelOf } from '../subject.ts';
import { basicChecks } from './basic-checks.ts';
import { extremeChecks } from './extreme-checks.ts';
import { qualityChecks } from './quality-checks.ts';
import { streamChecks } from './stream-checks.ts';
import type { VadSubject } from './subject.ts';

export type { VadSubject } from './subject.ts';

/** What is asked of a voice activity detector, in the order it is asked. */
export const VAD_CHECKS: readonly Check<VadSubject>[] = [
  ...localChecks('vad'),
  ...basicChecks,
  ...streamChecks,
  ...qualityChecks,
  ...extremeChecks,
];

/** Proves a detector on the recording it came with. Never throws for what the detector does. */
export async function proveVad(subject: VadSubject, options: KitOptions = {}): Promise<KitReport> {
  const checks = withExemptions(VAD_CHECKS, subject.exempt);
  return runChecks('vad', `vad/${subject.provider.id}`, checks, subject, { ...options, model: modelOf(subject) });
}
