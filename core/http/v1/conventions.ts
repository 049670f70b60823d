import type { FastifyReply, FastifyRequest } from 'fastify';
import { type TSchema, Type } from 'typebox';
import type { Author } from '../../store/config-versions.ts';
import { PAGE_ROWS, type Page } from '../../store/page.ts';
import type { Expected } from '../../store/revision.ts';
import { principalOf } from '../access.ts';
import type { Permission } from '../permissions.ts';
import { clientsWhere } from '../principal.ts';
import { refuse } from '../problem.ts';

/** What every route under `/api/v1` does alike: pages, revisions, and the reason of a change. */

/** Why something is changed, in the words of who changes it; it goes to the audit. */
export const Why = Type.String({
  minLength: 1,
  maxLength: 500,
  pattern: '\\S',
  description: 'Motivo da mudança, para a auditoria',
});

/** Who changes something, for the audit. */
export function authorOf(request: FastifyRequest, why?: string): Author {
  return { actor: principalOf(request).actor, address: request.ip, ...(why !== undefined && { why }) };
}

/**
 * Whose rows a list shows (a route with `client: 'any'`): of the client asked for, else of every one in which the caller
 * has the permission; null: of all. @throws 404 for a client that the caller has no part in.
 */
export function clientsShown(request: FastifyRequest, permission: Permission, clientId?: string): string[] | null {
  const visible = clientsWhere(principalOf(request), permission);
  if (clientId === undefined) return visible;
  if (visible === null || visible.includes(clientId)) return [clientId];
  throw refuse(404, 'BALTO_HTTP_NOT_FOUND', 'Não encontrado.', 'clientId');
}

/** Properties of a list's query string. */
export const PAGE_QUERY = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: PAGE_ROWS.most, default: PAGE_ROWS.usual, description: 'Linhas por página' }),
  ),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1024, description: 'O `next` da página anterior' })),
};

/** Body of a list: `next` also comes as `Link: <…>; rel="next"`. */
export function pageOf<T extends TSchema>(item: T) {
  return Type.Object({
    items: Type.Array(item),
    next: Type.Union([Type.String(), Type.Null()], { description: 'Cursor da próxima página; null: esta é a última' }),
  });
}

/** The page as a body; sets the `Link` header, with the other filters of this request kept. */
export function sendPage<T, R>(
  request: FastifyRequest,
  reply: FastifyReply,
  page: Page<T>,
  show: (item: T) => R,
): { items: R[]; next: string | null } {
  if (page.next !== null) {
    const [path = '', query = ''] = request.url.split('?', 2);
    const params = new URLSearchParams(query);
    params.set('cursor', page.next);
    reply.header('link', `<${path}?${params}>; rel="next"`);
  }
  return { items: page.items.map(show), next: page.next };
}

/** Schema of the headers of an update. */
export const IF_MATCH = Type.Object({
  'if-match': Type.Optional(
    Type.String({ maxLength: 64, description: 'O ETag do que você leu; `*`: seja qual for a revisão atual' }),
  ),
});

/** Says which revision this answer shows. */
export function setEtag(reply: FastifyReply, revision: number): void {
  reply.header('etag', `"${revision}"`);
}

/** A weak mark is taken too: proxies that compress put it there. */
const ETAG = /^(?:W\/)?"(\d{1,15})"$/;

/**
 * The revision that an update is based on; an update without one could undo what somebody else did in between.
 * @throws 428 without `If-Match`, 412 when it is none of ours.
 */
export function requireRevision(request: FastifyRequest): Expected {
  const expected = givenRevision(request);
  if (expected !== undefined) return expected;
  throw refuse(
    428,
    'BALTO_HTTP_IF_MATCH',
    'Mande em If-Match o ETag que você leu (ou `*`, para mudar seja qual for a revisão).',
    'If-Match',
  );
}

/** The same where an update may come without one. @throws 412 when it is none of ours. */
export function givenRevision(request: FastifyRequest): Expected | undefined {
  const given = request.headers['if-match']?.trim();
  if (given === undefined) return undefined;
  if (given === '*') return '*';
  const revision = ETAG.exec(given)?.[1];
  if (revision !== undefined) return Number(revision);
  throw refuse(412, 'BALTO_HTTP_STALE', 'If-Match não é o ETag de nenhuma revisão.', 'If-Match');
}
