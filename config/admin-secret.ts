import { createHash } from 'node:crypto';
import { BaltoError } from '../core/contracts/index.ts';

const SHORTEST = 16;

/** Beginnings of the SHA-256 of secrets that stand in public documents: known to everybody, so no secret. */
const PUBLISHED = ['83dde2eb9663e4dc', '240be518fabd2724', 'd5e67a913ed4f8fc'];

/** @throws BaltoError BALTO_CONFIG_ADMIN_SECRET for one that is short or published; the value is not quoted. */
export function checkAdminSecret(secret: string): void {
  if (isPublishedSecret(secret)) {
    throw refused('é um valor que aparece em documentos públicos; escolha outro');
  }
  if (secret.length < SHORTEST) throw refused(`precisa de ${SHORTEST} caracteres ou mais`);
}

/** Whether it stands in a public document. */
export function isPublishedSecret(secret: string): boolean {
  const digest = createHash('sha256').update(secret).digest('hex');
  return PUBLISHED.some((known) => digest.startsWith(known));
}

function refused(why: string): BaltoError {
  return new BaltoError({
    code: 'BALTO_CONFIG_ADMIN_SECRET',
    message: `ADMIN_SECRET ${why}`,
    field: 'ADMIN_SECRET',
  });
}
