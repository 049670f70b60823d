import type { FeedbackResult } from './types.ts';

/** What a counter may say beside audio. Only what is known is passed on: nothing else of the peer's object survives. */
export type Command =
  | { comando: 'ping' | 'pong' | 'pausar' | 'retomar' | 'fim' }
  | { comando: 'feedback'; interactionId: number; result: FeedbackResult }
  | { comando: 'recebido'; interactionId: number }
  /** A JSON object with a `comando` that is not known, or one of which this `field` is wrong. */
  | { comando: null; field?: string };

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
  const { comando, interacao_id: id, resultado } = message;
  const plain = PLAIN.find((known) => known === comando);
  if (plain) return { comando: plain };
  if (comando !== 'feedback' && comando !== 'recebido') return { comando: null };
  const isId = typeof id === 'number' && Number.isInteger(id) && id > 0 && id <= LARGEST_ID;
  if (!isId) return { comando: null, field: 'interacao_id' };
  if (comando === 'recebido') return { comando, interactionId: id };
  const result = RESULTS.find((known) => known === resultado);
  return result ? { comando, interactionId: id, result } : { comando: null, field: 'resultado' };
}

/** `erro` of protocol 2: stable codes, texts for people. */
export const TOO_LONG = { comando: 'erro', codigo: 'command_too_long', mensagem: 'Comando acima de 16 KiB: ignorado.' };

export function commandError(command: Extract<Command, { comando: null }> | null): object {
  return command?.field === undefined
    ? { comando: 'erro', codigo: 'unknown_command', mensagem: 'Comando desconhecido.' }
    : {
        comando: 'erro',
        codigo: 'invalid_command',
        campo: command.field,
        mensagem: `Comando com erro em ${command.field}.`,
      };
}
