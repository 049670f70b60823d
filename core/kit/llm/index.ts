import { type KitReport, runChecks } from '../check.ts';
import { withExemptions } from '../proof.ts';
import { remoteChecks } from '../remote/index.ts';
import { proofOf } from '../remote/proof.ts';
import { type KitOptions, modelOf } from '../subject.ts';
import { answerChecks } from './answer-checks.ts';
import { type LlmCheck, suite } from './proof.ts';
import { streamChecks } from './stream-checks.ts';
import { structuredChecks } from './structured-checks.ts';
import type { LlmSubject } from './subject.ts';

export type { LlmAnswer, LlmEmulatorOptions, LlmSubject } from './subject.ts';

/** What is asked of a language model, in the order it is asked. */
export const LLM_CHECKS: readonly LlmCheck[] = [
  ...remoteChecks(suite),
  ...answerChecks,
  ...structuredChecks,
  ...streamChecks,
];

/** Proves a language model against an emulator of its vendor, or live. Never throws for what the provider does. */
export async function proveLlm(subject: LlmSubject, options: KitOptions = {}): Promise<KitReport> {
  const checks = withExemptions(LLM_CHECKS, subject.exempt);
  return runChecks('llm', `llm/${subject.provider.id}`, checks, proofOf(subject, options), {
    ...options,
    model: modelOf(subject),
  });
}
