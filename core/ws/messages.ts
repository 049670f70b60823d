import type { FeedbackResult } from './types.ts';

/** What a counter may say beside audio. Only what is known is passed on: nothing else of the peer's object survives. */
export type Command =
  | { comando: 'ping' | 'pong' | 'pausar' | 'retomar' | 'fim' }
  | { comando: 'feedback'; interactionId: number; result: FeedbackResult }
  /** A JSON object with a `comando` that is not known, or a feedback that is incomplete. */
  | { comando: null };

const PLAIN = ['ping', 'pong', 'pausar', 'retomar', 'fim'] as const;
const RESULTS: readonly FeedbackResult[] = ['aceito', 'recusado', 'ignorado'];
/** `interacoes.id` is a serial. */
const LARGEST_ID = 2 ** 31 - 1;

/** A JSON object, or null for anything else. */
export function parseObject(text: string): Record<string, unknown> | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null; // what is no JSON is no message; the caller decides what that means
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** Reads a text frame after the handshake; null when it is no JSON object with a `comando`. */
export function parseCommand(text: string): Command | null {
  const message = parseObject(text);
  if (!message || typeof message['comando'] !== 'string') return null;
  const plain = PLAIN.find((known) => known === message['comando']);
  if (plain) return { comando: plain };
  if (message['comando'] !== 'feedback') return { comando: null };
  const id = message['interacao_id'];
  const result = RESULTS.find((known) => known === message['resultado']);
  const isId = typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= LARGEST_ID;
  return isId && result ? { comando: 'feedback', interactionId: id, result } : { comando: null };
}
