import type { ReadError } from '../openai/client.ts';
import { chatError } from '../openai/errors.ts';
import type { Preset } from './preset.ts';

export function errorOf({ vendor }: Preset): ReadError {
  return (error, signal, apiKey) => chatError(vendor.title, error, signal, apiKey, codeOfStatus498);
}

/** One vendor's own status: out of capacity, which the next request may not meet. */
function codeOfStatus498(_text: string, status: number): 'server' | undefined {
  return status === 498 ? 'server' : undefined;
}
