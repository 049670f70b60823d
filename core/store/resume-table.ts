import type { SealedColumn } from './key-rotation.ts';

/** `resume_records`. */
export interface ResumeRecordsTable {
  token_hash: string;
  cliente_id: string;
  balcao_id: string;
  sessao_id: string;
  owner: string | null;
  claimed_by: string | null;
  sealed: string;
  updated_at: Date;
  expires_at: Date;
}

/** A session that its device may resume, as it is written; what it holds is sealed by the repository. */
export interface ResumeRecord {
  tokenHash: string;
  clientId: string;
  counterId: string;
  sessionId: string;
  /** JSON; holds what people said. */
  state: string;
  /** Milliseconds for which it may be resumed from now on. */
  ttlMs: number;
}

export function identityOf(tokenHash: string): string {
  return `resume_records:${tokenHash}`;
}

/** Where the states stand, for a rotation of the keys. */
export const SEALED_STATES: SealedColumn = {
  table: 'resume_records',
  key: ['token_hash'],
  column: 'sealed',
  identity: ({ token_hash }) => identityOf(token_hash ?? ''),
};
