import { isIP } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from './problem.ts';

const OVER_TLS = '__Host-balto';
const ON_LOOPBACK = 'admin_token';
/** 32 random bytes in base64url: nothing else is worth a query. */
const TOKEN = /^[\w-]{43}$/;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Name of the session's cookie on this connection: `__Host-balto` over TLS, `admin_token` over plain http on loopback,
 * null elsewhere, where a session would travel readable. Behind a port published by a container the caller's address is
 * the bridge's, so the name in the URL counts too: who forges it fools only himself.
 */
function cookieName(request: FastifyRequest): string | null {
  if (request.protocol === 'https') return OVER_TLS;
  return isLoopback(request.ip) || isLoopback(request.hostname) ? ON_LOOPBACK : null;
}

/** The token this request carries, when it has the shape of one. */
export function sessionToken(request: FastifyRequest): string | null {
  const name = cookieName(request);
  const value = name === null ? undefined : request.cookies[name];
  return value !== undefined && TOKEN.test(value) ? value : null;
}

/** Gives the browser its session. @throws BALTO_ADMIN_TLS_REQUIRED (403) where it would travel readable. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, token: string): void {
  reply.setCookie(requireCookieName(request), token, cookieOptions(request));
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(requireCookieName(request), cookieOptions(request));
}

export function requireCookieName(request: FastifyRequest): string {
  const name = cookieName(request);
  if (name !== null) return name;
  throw refuse(
    403,
    'BALTO_ADMIN_TLS_REQUIRED',
    'Entre por https, ou por http://127.0.0.1 na própria máquina: em http comum a sessão viajaria legível.',
  );
}

/** Cross-site request forgery: absent headers pass (tools), a foreign `Origin` or `Sec-Fetch-Site` on a write does not. */
export function refuseForeign(request: FastifyRequest): void {
  if (SAFE_METHODS.has(request.method)) return;
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const isForeign =
    (origin !== undefined && origin !== `${request.protocol}://${request.host}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none');
  if (isForeign) throw refuse(403, 'BALTO_ADMIN_FOREIGN', 'Pedido vindo de outra página foi recusado.');
}

function cookieOptions(request: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' } as const;
}

function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (name === 'localhost' || name === '::1') return true;
  const address = name.replace(/^::ffff:/, '');
  return isIP(address) === 4 && address.startsWith('127.');
}
