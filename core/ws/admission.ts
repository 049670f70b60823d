import type { Connections } from './connections.ts';
import type { Authenticate, AuthenticateResult, WsOptions } from './types.ts';

type Known = Extract<AuthenticateResult, { status: 'ok' }>;

/** Looks a key up, and asks of a good one whether one more counter of its client may come in. */
export function authenticateAndAdmit(
  { authenticate, admit }: Pick<WsOptions, 'authenticate' | 'admit'>,
  connections: Pick<Connections, 'ofClient'>,
): Authenticate {
  return async (apiKey) => {
    const result = await authenticate(apiKey);
    if (result.status !== 'ok' || !admit) return result;
    return { ...result, admit: await admit(result.identity, connections.ofClient(result.identity.clientId)) };
  };
}

/** Why a counter with a good key may not come in (pt-BR); null: it may. Asked in the moment it would. */
export function whyFull(
  { maxCounters, overload }: Pick<WsOptions, 'maxCounters' | 'overload'>,
  connections: Pick<Connections, 'sessions' | 'ofClient'>,
  { identity, admit }: Known,
): string | null {
  if (maxCounters !== undefined && connections.sessions >= maxCounters) return 'limite de balcões atingido';
  return overload?.() ?? admit?.(connections.ofClient(identity.clientId)) ?? null;
}
