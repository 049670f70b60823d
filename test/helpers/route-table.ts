import type { Permission } from '../../core/http/permissions.ts';

/**
 * Who passes where, said once more and by hand: the matrix test holds every route of a running server against it, so that
 * a route whose own statement is wrong is seen. A route without an entry fails that test.
 */
export interface RouteEntry {
  /**
   * `public` and `counter`: everybody passes. `user`: any session. `signed-in`: any session or token. `own-token`: a key
   * that none of the matrix's callers has.
   */
  needs: 'public' | 'counter' | 'own-token' | 'user' | 'signed-in' | Permission;
  /**
   * Which client the request is about, as the matrix fills it in: `own` is the client of its people (its `:id`, or the
   * thing's that `:id` names), `none` the whole installation, `any` whichever the caller has. Default `none`.
   */
  client?: 'own' | 'none' | 'any';
  /** What `:id` names in the fixture. Default: by the path, `/clients/` and `/counters/`. */
  id?: 'client' | 'counter' | 'user' | 'token' | 'session' | 'credential' | 'draft' | 'interaction' | 'alert' | 'none';
  /** A valid body; `$client` becomes the fixture's client. Default `{}` for writes. */
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
  query?: string;
  /** No token passes, whatever its scopes. */
  sessionOnly?: boolean;
  /** Scopes that a token needs beside the permission. */
  also?: Permission[];
  /** Who passes may be told 404 all the same: the fixture has no such thing. */
  mayBeAbsent?: boolean;
}

const WHY = { why: 'teste' };
const ANY_REVISION = { 'if-match': '*' };
const VIEWER: Permission[] = ['clients.read', 'interactions.read'];

export const ROUTES: Record<string, RouteEntry> = {
  'GET /health/live': { needs: 'public' },
  'GET /health/ready': { needs: 'public' },
  'GET /docs': { needs: 'public' },
  'GET /docs/json': { needs: 'public' },
  'GET /docs/yaml': { needs: 'public' },
  'GET /docs/static/*': { needs: 'public', mayBeAbsent: true },
  'GET /docs/static/index.html': { needs: 'public' },
  'GET /docs/static/swagger-initializer.js': { needs: 'public' },
  'GET /ws': { needs: 'counter' },
  'GET /metrics': { needs: 'own-token' },

  'POST /cadastro/cliente': { needs: 'public' },
  'POST /cadastro/balcao': { needs: 'public' },
  'OPTIONS *': { needs: 'public' },
  'POST /admin/login': { needs: 'public' },
  'POST /admin/logout': { needs: 'user' },
  'GET /api/data/interacoes': { needs: 'interactions.read', client: 'any' },
  'GET /api/data/balcao/:id/metricas': { needs: 'interactions.read', client: 'own', id: 'counter' },
  'GET /api/admin/client/:user_codigo/balcoes': { needs: 'clients.read', client: 'own', id: 'client' },
  'PUT /api/admin/balcao/:id/vad': { needs: 'counters.write', client: 'own', id: 'counter' },

  'GET /api/v1/clients': { needs: 'clients.read', client: 'any' },
  'POST /api/v1/clients': { needs: 'clients.write' },
  'GET /api/v1/clients/:id': { needs: 'clients.read', client: 'own' },
  'PATCH /api/v1/clients/:id': { needs: 'clients.write', client: 'own', headers: ANY_REVISION, body: WHY },
  'POST /api/v1/clients/:id/code': { needs: 'clients.write', client: 'own' },
  'GET /api/v1/clients/:id/counters': { needs: 'clients.read', client: 'own' },
  'GET /api/v1/counters': { needs: 'clients.read', client: 'any' },
  'GET /api/v1/counters/:id': { needs: 'clients.read', client: 'own' },
  'PATCH /api/v1/counters/:id': { needs: 'counters.write', client: 'own' },
  'PUT /api/v1/counters/:id/vad': { needs: 'counters.write', client: 'own' },
  'POST /api/v1/counters/:id/approve': { needs: 'counters.write', client: 'own' },
  'POST /api/v1/counters/:id/suspend': { needs: 'counters.write', client: 'own' },
  'POST /api/v1/counters/:id/revoke': { needs: 'counters.write', client: 'own' },
  'POST /api/v1/counters/:id/rotate': { needs: 'counters.write', client: 'own' },

  'GET /api/v1/sessions': { needs: 'clients.read', client: 'any' },

  'GET /api/v1/prices': { needs: 'clients.read', client: 'any' },
  'PUT /api/v1/prices': { needs: 'prices.write', body: { ...WHY, prices: [] } },
  'DELETE /api/v1/prices': { needs: 'prices.write', body: WHY },
  'GET /api/v1/costs': { needs: 'clients.read', client: 'any' },
  'GET /api/v1/global/budget': { needs: 'clients.read' },
  'PUT /api/v1/global/budget': { needs: 'limits.write', body: { ...WHY, microUsd: 1, period: 'day' } },
  'DELETE /api/v1/global/budget': { needs: 'limits.write', body: WHY },
  'GET /api/v1/clients/:id/budget': { needs: 'clients.read', client: 'own' },
  'PUT /api/v1/clients/:id/budget': {
    needs: 'limits.write',
    client: 'own',
    body: { ...WHY, microUsd: 1, period: 'day' },
  },
  'DELETE /api/v1/clients/:id/budget': { needs: 'limits.write', client: 'own', body: WHY },
  'GET /api/v1/global/limits': { needs: 'clients.read' },
  'PUT /api/v1/global/limits': { needs: 'platform', body: { ...WHY, counters: 100 } },
  'DELETE /api/v1/global/limits': { needs: 'platform', body: WHY },
  'GET /api/v1/clients/:id/limits': { needs: 'clients.read', client: 'own' },
  'PUT /api/v1/clients/:id/limits': { needs: 'platform', body: { ...WHY, counters: 100 } },
  'DELETE /api/v1/clients/:id/limits': { needs: 'platform', body: WHY },

  'GET /api/v1/global/providers/:kind': { needs: 'clients.read' },
  'PUT /api/v1/global/providers/:kind': { needs: 'providers.write' },
  'DELETE /api/v1/global/providers/:kind': { needs: 'providers.write', body: WHY },
  'GET /api/v1/global/credentials': { needs: 'clients.read' },
  'POST /api/v1/global/credentials/:vendor': { needs: 'secrets.write' },
  'PUT /api/v1/global/credentials/:vendor': { needs: 'secrets.write' },
  'GET /api/v1/clients/:id/providers/:kind': { needs: 'clients.read', client: 'own' },
  'PUT /api/v1/clients/:id/providers/:kind': { needs: 'providers.write', client: 'own' },
  'DELETE /api/v1/clients/:id/providers/:kind': { needs: 'providers.write', client: 'own', body: WHY },
  'GET /api/v1/clients/:id/credentials': { needs: 'clients.read', client: 'own' },
  'POST /api/v1/clients/:id/credentials/:vendor': { needs: 'secrets.write', client: 'own' },
  'PUT /api/v1/clients/:id/credentials/:vendor': { needs: 'secrets.write', client: 'own' },
  'GET /api/v1/counters/:id/providers/:kind': { needs: 'clients.read', client: 'own' },
  'PUT /api/v1/counters/:id/providers/:kind': { needs: 'providers.write', client: 'own' },
  'DELETE /api/v1/counters/:id/providers/:kind': { needs: 'providers.write', client: 'own', body: WHY },
  'GET /api/v1/counters/:id/credentials': { needs: 'clients.read', client: 'own' },
  'POST /api/v1/counters/:id/credentials/:vendor': { needs: 'secrets.write', client: 'own' },
  'PUT /api/v1/counters/:id/credentials/:vendor': { needs: 'secrets.write', client: 'own' },
  'POST /api/v1/credentials/:id/disable': { needs: 'secrets.write', client: 'own', id: 'credential', body: WHY },
  'GET /api/v1/providers': { needs: 'clients.read', client: 'any' },
  'GET /api/v1/providers/health': { needs: 'clients.read', client: 'any' },
  'GET /api/v1/global/routing-rules': { needs: 'clients.read' },
  'PUT /api/v1/global/routing-rules': { needs: 'routing.write', body: { ...WHY, rules: [] } },
  'GET /api/v1/clients/:id/routing-rules': { needs: 'clients.read', client: 'own' },
  'PUT /api/v1/clients/:id/routing-rules': { needs: 'routing.write', client: 'own', body: { ...WHY, rules: [] } },
  'POST /api/v1/routing/explain': { needs: 'clients.read', client: 'any', body: {} },
  'POST /api/v1/routing/simulate': {
    needs: 'routing.write',
    client: 'any',
    body: { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' },
  },
  'POST /api/v1/providers/:kind/:id/probe': { needs: 'providers.write', client: 'any', id: 'none', mayBeAbsent: true },
  'GET /api/v1/drafts': { needs: 'clients.read', client: 'any' },
  'GET /api/v1/drafts/:id': { needs: 'clients.read', client: 'own', id: 'draft' },
  'POST /api/v1/drafts/:id/activate': { needs: 'providers.write', client: 'own', id: 'draft', body: WHY },
  'POST /api/v1/drafts/:id/discard': { needs: 'providers.write', client: 'own', id: 'draft' },
  'GET /api/v1/versions': { needs: 'clients.read', client: 'any' },
  'GET /api/v1/versions/:n': { needs: 'clients.read', client: 'any', mayBeAbsent: true },
  'POST /api/v1/versions/:n/rollback': { needs: 'providers.write', client: 'any', mayBeAbsent: true },
  'GET /api/v1/config/status': { needs: 'clients.read' },
  'GET /api/v1/interactions': { needs: 'interactions.read', client: 'any' },
  'GET /api/v1/interactions/:id': { needs: 'interactions.read', client: 'own', id: 'interaction' },
  'POST /api/v1/interactions/:id/reviews': { needs: 'reviews.write', client: 'own', id: 'interaction' },
  'GET /api/v1/reviews': { needs: 'interactions.read', client: 'any' },
  'GET /api/v1/reviews/summary': { needs: 'interactions.read', client: 'any' },
  'GET /api/v1/alerts': { needs: 'clients.read', client: 'any' },
  'POST /api/v1/alerts/:id/acknowledge': { needs: 'reviews.write', client: 'own', id: 'alert' },

  'GET /api/v1/users': { needs: 'users.write', client: 'any' },
  'GET /api/v1/users/:id': { needs: 'users.write', client: 'own', id: 'user' },
  'POST /api/v1/users': {
    needs: 'users.write',
    client: 'own',
    body: { email: '$email', name: 'Ana', clientId: '$client', role: 'viewer' },
    also: VIEWER,
  },
  'PATCH /api/v1/users/:id': {
    needs: 'users.write',
    client: 'own',
    id: 'user',
    headers: ANY_REVISION,
    body: { name: 'Bia', ...WHY },
    also: VIEWER,
  },
  'PUT /api/v1/users/:id/roles/:client': {
    needs: 'users.write',
    client: 'own',
    id: 'user',
    headers: ANY_REVISION,
    body: { role: 'viewer', ...WHY },
    also: VIEWER,
  },
  'DELETE /api/v1/users/:id/roles/:client': {
    needs: 'users.write',
    client: 'own',
    id: 'user',
    body: WHY,
    also: VIEWER,
  },
  'POST /api/v1/users/:id/disable': { needs: 'users.write', client: 'own', id: 'user', body: WHY, also: VIEWER },
  'POST /api/v1/users/:id/enable': { needs: 'users.write', client: 'own', id: 'user', body: WHY, also: VIEWER },
  'POST /api/v1/users/:id/reset': {
    needs: 'users.reset',
    client: 'own',
    id: 'user',
    body: WHY,
    also: [...VIEWER, 'users.write'],
  },
  'POST /api/v1/invites/accept': { needs: 'public', body: { token: 'bi_x', password: 'x' }, mayBeAbsent: true },
  'GET /api/v1/me': { needs: 'signed-in' },
  'PUT /api/v1/me/password': { needs: 'user' },
  'GET /api/v1/me/sessions': { needs: 'user' },
  'DELETE /api/v1/me/sessions/:id': { needs: 'user', id: 'session' },
  'GET /api/v1/tokens': { needs: 'user' },
  'POST /api/v1/tokens': {
    needs: 'tokens.write',
    client: 'own',
    body: { name: 'x', clientId: '$client', scopes: ['clients.read'] },
    sessionOnly: true,
  },
  'DELETE /api/v1/tokens/:id': { needs: 'users.write', client: 'own', id: 'token' },
  'GET /api/v1/audit': { needs: 'audit.read', client: 'any' },
};
