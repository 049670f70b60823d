import { BaltoError } from '../contracts/index.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 5;

/**
 * `fetch` that follows redirects by our rule: to any host over TLS (release pages hand over to a storage host, and the
 * checksum says what the bytes must be), never from TLS to plain HTTP, and over plain HTTP only within the same host.
 * Nothing secret travels: no cookie, no credential. Throws BALTO_MODELS_REDIRECT; hosts are named, whole addresses not.
 */
export async function followRedirects(
  from: URL,
  init: { headers: Record<string, string>; signal: AbortSignal },
): Promise<Response> {
  let url = from;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await fetch(url, { ...init, redirect: 'manual' });
    if (!REDIRECTS.has(response.status)) return response;
    await response.body?.cancel();
    const next = target(response.headers.get('location'), url);
    if (!next || !mayFollow(url, next)) throw refused(url, next);
    url = next;
  }
  throw new BaltoError({
    code: 'BALTO_MODELS_REDIRECT',
    message: `${from.host} redireciona mais de ${MAX_REDIRECTS} vezes.`,
  });
}

function target(location: string | null, base: URL): URL | null {
  return location === null ? null : URL.parse(location, base.href);
}

function mayFollow(from: URL, to: URL): boolean {
  if (to.username !== '' || to.password !== '') return false;
  if (to.protocol === 'https:') return true;
  return to.protocol === 'http:' && from.protocol === 'http:' && to.host === from.host;
}

function refused(from: URL, to: URL | null): BaltoError {
  const where = to ? `${to.protocol}//${to.host}` : 'lugar nenhum';
  return new BaltoError({
    code: 'BALTO_MODELS_REDIRECT',
    message: `${from.protocol}//${from.host} redireciona para ${where}: só se segue para https, ou no mesmo servidor.`,
  });
}
