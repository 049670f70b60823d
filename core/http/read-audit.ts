import type { FastifyRequest } from 'fastify';
import type { Audit } from '../store/audit.ts';
import { principalOf } from './access.ts';

/** What somebody was given of what people said. */
export interface SpokenRead {
  action:
    | 'interactions.read'
    | 'interactions.live'
    | 'interactions.export'
    | 'reviews.read'
    | 'audio.read'
    | 'lgpd.read';
  /** `interaction:12`, `counter:…`, or `interactions` for a list. */
  target: string;
  /** Of whose counters; absent: of several clients. */
  clientId?: string | null | undefined;
  /** What was asked for; a text that was searched is only said to have been. */
  filter?: Record<string, unknown>;
  /** Absent: of a stream, of which nobody knows yet. */
  rows?: number;
}

/**
 * Keeps that transcripts or voices were read: one row of the audit for each request, never one for each line. Call it
 * before the answer is sent: what cannot be audited is not shown.
 */
export async function auditRead(
  { audit }: { audit: Pick<Audit, 'append'> },
  request: FastifyRequest,
  { action, target, clientId, filter = {}, rows }: SpokenRead,
): Promise<void> {
  const after: Record<string, unknown> = rows === undefined ? {} : { rows };
  for (const [name, value] of Object.entries(filter)) {
    if (value === undefined || value === null) continue;
    after[name] = value instanceof Date ? value.toISOString() : SEARCHED.has(name) ? true : value;
  }
  const { actor } = principalOf(request);
  await audit.append({ actor, address: request.ip, action, target, clientId: clientId ?? undefined, after });
}

/** Filters whose value is a piece of what was said. */
const SEARCHED = new Set(['text', 'q', 'busca']);
