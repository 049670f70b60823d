import { type KitReport, runChecks } from '../check.ts';
import { withExemptions } from '../proof.ts';
import { remoteChecks } from '../remote/index.ts';
import { proofOf } from '../remote/proof.ts';
import { type KitOptions, modelOf } from '../subject.ts';
import { type EmbeddingsCheck, suite, vectorChecks } from './checks.ts';
import type { EmbeddingsSubject } from './subject.ts';

export type { EmbeddingsSubject } from './subject.ts';

/** What is asked of a provider of text vectors, in the order it is asked. */
export const EMBEDDINGS_CHECKS: readonly EmbeddingsCheck[] = [...remoteChecks(suite), ...vectorChecks];

/** Proves a provider of text vectors against an emulator, or live. Never throws for what the provider does. */
export async function proveEmbeddings(subject: EmbeddingsSubject, options: KitOptions = {}): Promise<KitReport> {
  const checks = withExemptions(EMBEDDINGS_CHECKS, subject.exempt);
  return runChecks('embeddings', `embeddings/${subject.provider.id}`, checks, proofOf(subject, options), {
    ...options,
    model: modelOf(subject),
  });
}
