import { isPublishedSecret } from '../../config/admin-secret.ts';
import { BaltoError } from '../contracts/index.ts';

const SHORTEST = 12;
const LONGEST = 1024;
/** Fewer make `aaaaaaaaaaaa` and `121212121212`. */
const FEWEST_CHARACTERS = 5;

/**
 * Holds a new password against the rules.
 * @throws BaltoError BALTO_PASSWORD_WEAK, field `password`; the password is not quoted.
 */
export function checkPassword(password: string, person: { email: string | null; name: string }): void {
  const said = plain(password);
  const known = [person.email, person.email?.split('@')[0], person.name].map((text) => plain(text ?? ''));
  if (password.length < SHORTEST) throw weak(`precisa de ${SHORTEST} caracteres ou mais`);
  if (password.length > LONGEST) throw weak(`pode ter até ${LONGEST} caracteres`);
  if (known.some((text) => text !== '' && text === said)) throw weak('não pode ser o e-mail nem o nome');
  if (isPublishedSecret(password)) throw weak('é um valor que aparece em documentos públicos');
  if (new Set(said).size < FEWEST_CHARACTERS) throw weak('repete poucos caracteres');
}

function plain(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

function weak(why: string): BaltoError {
  return new BaltoError({ code: 'BALTO_PASSWORD_WEAK', message: `A senha ${why}.`, field: 'password' });
}
