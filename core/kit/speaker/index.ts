import { type Check, type KitReport, runChecks } from '../check.ts';
import { localChecks } from '../local/manifest-checks.ts';
import { withExemptions } from '../proof.ts';
import { type KitOptions, modelOf } from '../subject.ts';
import { speakerChecks } from './checks.ts';
import type { SpeakerSubject } from './subject.ts';

export type { SpeakerSubject } from './subject.ts';

/** What is asked of a provider of voice vectors, in the order it is asked. */
export const SPEAKER_CHECKS: readonly Check<SpeakerSubject>[] = [...localChecks('speaker'), ...speakerChecks];

/** Proves a provider of voice vectors on the clips it came with. Never throws for what the provider does. */
export async function proveSpeaker(subject: SpeakerSubject, options: KitOptions = {}): Promise<KitReport> {
  const checks = withExemptions(SPEAKER_CHECKS, subject.exempt);
  return runChecks('speaker', `speaker/${subject.provider.id}`, checks, subject, {
    ...options,
    model: modelOf(subject),
  });
}
