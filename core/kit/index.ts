/**
 * `balto/kit`: proves a provider against an emulator of its vendor, over real sockets and without a key.
 *
 * A vendor's test is five lines:
 * ```ts
 * import t from 'tap';
 * import { proveStt } from 'balto/kit';
 * import { acmeStt, vendor } from '../src/stt.ts';
 * import { startAcme } from './acme-emulator.ts';
 *
 * for (const { id, title, outcome, detail } of (await proveStt({ vendor, provider: acmeStt, start: startAcme })).results)
 *   t.not(outcome, 'failed', `${id}: ${detail ?? title}`);
 * ```
 * Its emulator is `startEmulator(wire, options)`: `wire` says how this vendor takes a key, refuses, answers and streams.
 * Sockets, counting, what it was asked, and every fault of requests and handshakes are the base's; the faults inside a
 * stream (see {@link Fault}) are the wire's, with {@link finalDelivery} for the order of finals. What the emulator hears
 * is the kit's (`options.listening`). A fault that an emulator ignores fails its check: nothing passes by not happening.
 *
 * What a subject may add: `settings` (another model), `closes` (the vendor's close codes and what they mean), `retired` (a
 * model name and the one that took its place), `streamOnly`, and `exempt` (id of a check and why it does not concern this
 * vendor; never a bronze one). With a real key, `proveStt(subject, { live: { credential } })` asks the vendor itself.
 */
export * from './check.ts';
export { CLEANER_CHECKS, type CleanerSubject, proveCleaner } from './cleaner/index.ts';
export { EMBEDDINGS_CHECKS, type EmbeddingsSubject, proveEmbeddings } from './embeddings/index.ts';
export * from './emulator/index.ts';
export * from './label.ts';
export { holdToLabel, readLabels } from './label-file.ts';
export { LLM_CHECKS, type LlmAnswer, type LlmEmulatorOptions, type LlmSubject, proveLlm } from './llm/index.ts';
export type { LabelledAudio } from './local/recording.ts';
export { proveSpeaker, SPEAKER_CHECKS, type SpeakerSubject } from './speaker/index.ts';
export { proveStt, STT_CHECKS } from './stt/index.ts';
export * from './stt/subject.ts';
export * from './subject.ts';
export { proveTts, TTS_CHECKS, type TtsSubject } from './tts/index.ts';
export { proveVad, VAD_CHECKS, type VadSubject } from './vad/index.ts';
