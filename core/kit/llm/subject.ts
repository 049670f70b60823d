import type { EmulatorOptions } from '../emulator/index.ts';
import type { KitSubject } from '../subject.ts';

/** What an emulated model says: text, or calls of tools. */
export type LlmAnswer = string | { toolCalls: { name: string; arguments: string }[] };

/**
 * Options every emulator of a model takes. Without `respond` it answers with the smallest value that follows the schema
 * it finds in the vendor's own field, else with the text of the last message again.
 */
export interface LlmEmulatorOptions extends EmulatorOptions {
  respond?(): LlmAnswer;
}

/** A language model to prove: in most cases no more than `{ vendor, provider, start: startAcme }`. */
export interface LlmSubject extends KitSubject<'llm', LlmEmulatorOptions> {}
