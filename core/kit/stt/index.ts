import { type KitReport, must, runChecks } from '../check.ts';
import { modeOf, withExemptions } from '../proof.ts';
import { type KitOptions, modelOf, settingsOf } from '../subject.ts';
import { abortChecks } from './abort-checks.ts';
import { batchChecks } from './batch-checks.ts';
import { closeChecks } from './close-checks.ts';
import { configChecks } from './config-checks.ts';
import { detailChecks } from './detail-checks.ts';
import { batchFaultChecks, openFaultChecks } from './fault-checks.ts';
import { lifeChecks, probeChecks } from './life-checks.ts';
import { manifestChecks } from './manifest-checks.ts';
import type { SttCheck, SttProof } from './proof.ts';
import { secretChecks } from './secret-checks.ts';
import { streamChecks } from './stream-checks.ts';
import { streamDetailChecks } from './stream-detail-checks.ts';
import { streamFaultChecks } from './stream-fault-checks.ts';
import type { SttSubject } from './subject.ts';

/** What is asked of an STT provider, in the order it is asked. */
export const STT_CHECKS: readonly SttCheck[] = [
  ...manifestChecks,
  ...configChecks,
  ...lifeChecks,
  ...probeChecks,
  ...batchChecks,
  ...detailChecks,
  ...abortChecks,
  ...batchFaultChecks,
  ...streamChecks,
  ...closeChecks,
  ...openFaultChecks,
  ...streamFaultChecks,
  ...streamDetailChecks,
  ...secretChecks,
];

/**
 * Proves an STT provider: against an emulator of its vendor, or with `options.live` against the vendor itself, or as it
 * is when it works in this process. Never throws for what the provider does; throws KitFailure for a subject that makes
 * no sense (an exemption of a check there is not, no speech for a provider that really listens).
 */
export async function proveStt(subject: SttSubject, options: KitOptions = {}): Promise<KitReport> {
  const checks = withExemptions(STT_CHECKS, subject.exempt);
  const proof = proofOf(subject, options);
  return runChecks('stt', `stt/${subject.provider.id}`, checks, proof, { ...options, model: modelOf(subject) });
}

function proofOf(subject: SttSubject, options: KitOptions): SttProof {
  const mode = modeOf(subject, options);
  must(mode === 'emulator' || subject.speech !== undefined, 'speech with known words, for a provider that listens');
  const { capabilities: stated } = subject.provider;
  const settings = { ...settingsOf(subject), ...options.live?.settings };
  const capabilities = typeof stated === 'function' ? stated(settings) : stated;
  const rate = capabilities.sampleRates.includes(16_000) ? 16_000 : (capabilities.sampleRates[0] ?? 16_000);
  const patienceMs = options.patienceMs ?? (mode === 'emulator' ? 3000 : 15_000);
  return { subject, mode, live: options.live, patienceMs, capabilities, rate };
}
