import type { CounterIdentity, Handshake, ResumableSession, Resumed } from '../counter/types.ts';
import { CLOSE, overloadReason } from './close.ts';
import type { Connections } from './connections.ts';
import { type HandshakeResult, parseHandshake } from './handshake.ts';
import type { Authenticate, AuthenticateResult, ConnectionDeps, WsLimits, WsOptions } from './types.ts';
import { within } from './within.ts';

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

/** Whether a connection is let in, and to which session; else with what it is closed. */
export type Admission =
  | { ok: true; identity: CounterIdentity; session: ResumableSession | null; isFull: () => string | null }
  | { ok: false; code: number; reason: string };

/** The first frame of a connection. */
export function readFirstFrame(data: Buffer, isBinary: boolean, limits: Pick<WsLimits, 'textBytes'>): HandshakeResult {
  if (isBinary) return { ok: false, reason: 'handshake inválido: o primeiro quadro deve ser texto JSON' };
  if (data.byteLength > limits.textBytes) return { ok: false, reason: 'handshake inválido: acima de 16 KiB' };
  return parseHandshake(data.toString('utf8'));
}

/**
 * Looks the key up, and the session that the device wants to go on with. A refusal takes the same time, whatever was
 * looked up for it. Never rejects.
 */
export async function admit(
  apiKey: string,
  { resume }: Handshake,
  { options, limits, log, random }: ConnectionDeps,
  connections: Connections,
): Promise<Admission> {
  const { clock } = options;
  const startedAt = clock.now();
  const refuse = async (code: number, reason: string): Promise<Admission> => {
    const waitMs = limits.refusalMs - (clock.now() - startedAt);
    if (waitMs > 0) await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    return { ok: false, code, reason };
  };
  const overload = (cause: string): Admission => ({
    ok: false,
    code: CLOSE.overload,
    reason: overloadReason(cause, random),
  });
  const failed = (what: string) => (error: unknown) => {
    log.error({ code: codeOf(error) }, what);
    return { status: 'unavailable' as const };
  };
  const lookup: Promise<AuthenticateResult> = options.authenticate(apiKey).catch(failed('key lookup failed'));
  const found = await within(lookup, limits.authenticateMs, clock);
  if (!found || found.status === 'unavailable') return overload('banco de dados indisponível');
  if (found.status === 'pending') return refuse(CLOSE.notApproved, 'balcão ainda não aprovado');
  if (found.status === 'suspended') return refuse(CLOSE.notApproved, 'balcão suspenso');
  if (found.status !== 'ok') return refuse(CLOSE.key, 'chave desconhecida ou revogada');
  const { identity } = found;
  const { resumeSession } = options;
  const isFull = () => whyFull(options, connections, found);
  const cause = isFull();
  if (cause !== null) return overload(cause);
  if (!resume) return { ok: true, identity, session: null, isFull };
  const search: Promise<Resumed> = resumeSession?.(identity, resume) ?? Promise.resolve({ status: 'unknown' });
  const resumed = await within(search.catch(failed('a session could not be looked up')), limits.resumeMs, clock);
  if (!resumed || resumed.status === 'unavailable') return overload('a sessão não pôde ser procurada');
  if (resumed.status !== 'ok') return refuse(CLOSE.handshake, 'handshake inválido: retomar');
  return { ok: true, identity, session: resumed.session, isFull: () => null };
}

/** For the log. */
export function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name ?? 'unknown');
}
