import type { Test } from 'tap';
import type { HttpServer } from './http-server.ts';

/** One answer of the administration API. */
export interface ApiAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where it is not there
  body: any;
}

/** A request as somebody who is logged in; `headers` over the usual ones. */
export type Api = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<ApiAnswer>;

/** The API of `url` with this cookie; paths are taken under `/api/v1` unless they name another `/api`. */
export function apiOf(url: string, cookie: string): Api {
  return async (method, path, body, headers = {}) => {
    const answer = await fetch(url + (path.startsWith('/api/') ? path : `/api/v1${path}`), {
      method,
      headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? null : JSON.parse(text) };
  };
}

/** The API of a running server, as its owner. */
export async function ownerApi(server: Pick<HttpServer, 'url' | 'login'>): Promise<Api> {
  return apiOf(server.url, await server.login());
}

/** Walks every page of a list; fails the test when a row comes twice. */
export async function everyPage(t: Test, api: Api, path: string): Promise<{ id: unknown }[]> {
  const items: { id: unknown }[] = [];
  let next: string | null = path;
  while (next !== null) {
    const { status, body, headers } = await api('GET', next);
    t.equal(status, 200, next);
    items.push(...body.items);
    const link = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? null;
    t.equal(link === null, body.next === null, 'the Link header and the body agree');
    next = link;
  }
  t.equal(new Set(items.map(({ id }) => id)).size, items.length, 'no row twice');
  return items;
}
