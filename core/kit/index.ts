/**
 * `balto/kit`: proves a provider against an emulator of its vendor, over real sockets and without a key.
 *
 * A vendor's test is five lines:
 * ```ts
 * import t from 'tap';
 * import { proveStt } from 'balto/kit';
 * import { acmeStt, vendor } from '../plugins/acme/stt.ts';
 * import { startAcme } from './acme-emulator.ts';
 *
 * for (const check of (await proveStt({ vendor, provider: acmeStt, start: startAcme })).results)
 *   t.not(check.outcome, 'failed', `${check.id}: ${check.detail ?? check.title}`);
 * ```
 * The emulator is `startEmulator(wire, options)` with the vendor's wire; faults, sockets and counting are the base's.
 */
export * from './check.ts';
export * from './emulator/index.ts';
export { LLM_CHECKS, type LlmAnswer, type LlmEmulatorOptions, type LlmSubject, proveLlm } from './llm/index.ts';
export type { LabelledAudio } from './local/recording.ts';
export { proveStt, STT_CHECKS } from './stt/index.ts';
export * from './stt/subject.ts';
export * from './subject.ts';
export { proveVad, VAD_CHECKS, type VadSubject } from './vad/index.ts';
