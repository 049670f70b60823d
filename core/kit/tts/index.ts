import { type KitReport, runChecks } from '../check.ts';
import { withExemptions } from '../proof.ts';
import { remoteChecks } from '../remote/index.ts';
import { proofOf } from '../remote/proof.ts';
import { type KitOptions, modelOf } from '../subject.ts';
import { audioChecks, wireChecks } from './audio-checks.ts';
import { fit, suite, type TtsCheck } from './proof.ts';
import { streamChecks } from './stream-checks.ts';
import type { TtsSubject } from './subject.ts';

export type { TtsSubject } from './subject.ts';

/** What is asked of a voice, in the order it is asked. */
export const TTS_CHECKS: readonly TtsCheck[] = [...remoteChecks(suite), ...audioChecks, ...wireChecks, ...streamChecks];

/** Proves a voice: against an emulator, live, or as it is when it works in this process. Never throws for what it does. */
export async function proveTts(subject: TtsSubject, options: KitOptions = {}): Promise<KitReport> {
  const checks = withExemptions(TTS_CHECKS, subject.exempt);
  return runChecks('tts', `tts/${subject.provider.id}`, checks, fit(proofOf(subject, options)), {
    ...options,
    model: modelOf(subject),
  });
}
