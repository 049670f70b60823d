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
