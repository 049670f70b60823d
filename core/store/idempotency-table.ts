/** `idempotency_keys`. */
export interface IdempotencyTable {
  principal: string;
  key: string;
  request_hash: string;
  /** HTTP status of the answer; null while the request is under way, 0 once it has changed something. */
  status: number | null;
  /** JSON of {@link StoredAnswer}'s rest, sealed; null: under way, or an answer that is shown only once. */
  answer: string | null;
  at: Date;
}

/** What was answered, as it is said again. */
export interface StoredAnswer {
  status: number;
  /** Null: it told a secret, which is said only once. */
  body: string | null;
  headers: Record<string, string>;
}
