import { BaltoError } from '../contracts/index.ts';

/** The revision a change was based on (`revisao`); `*`: whatever it is now. */
export type Expected = number | '*';

/** A row as it was and as it is. */
export interface Changed<T> {
  before: T;
  after: T;
}

/** @throws BaltoError `BALTO_HTTP_STALE` (412): somebody else's change came between reading and writing. */
export function checkRevision(expected: Expected, current: number): void {
  if (expected === '*' || expected === current) return;
  throw new BaltoError({
    code: 'BALTO_HTTP_STALE',
    field: 'If-Match',
    message: 'Isto foi mudado depois que você leu: leia de novo e refaça a mudança.',
    statusCode: 412,
  });
}
