/** `balto/contracts`: everything a plugin needs to know about Balto, and all it may import. */
export * from './afterwork.ts';
export * from './audio.ts';
export * from './cleaner.ts';
export * from './context.ts';
export * from './errors.ts';
export * from './event-queue.ts';
export * from './http.ts';
export * from './llm.ts';
export * from './manifest.ts';
export * from './models.ts';
export * from './other-kinds.ts';
export * from './parse.ts';
export * from './poll.ts';
export * from './stt.ts';
export * from './stt-link.ts';
export * from './vad.ts';
export * from './wav.ts';
