import type { KitSubject } from '../subject.ts';

/** A provider of text vectors to prove: in most cases no more than `{ vendor, provider, start: startAcme }`. */
export type EmbeddingsSubject = KitSubject<'embeddings'>;
