import { randomBytes } from 'node:crypto';
import type { Balto } from './app.ts';

/**
 * Makes sure that somebody can log in: the first owner's password is ADMIN_SECRET, else a random one that is said once.
 * Waits for a database that is still away; never stops the start.
 */
export async function ensureOwner(
  balto: Pick<Balto, 'app' | 'environment' | 'store'>,
  say: (line: string) => void,
): Promise<void> {
  const { app, environment, store } = balto;
  try {
    await store.db.ready();
    if (environment.adminSecret !== undefined) {
      if ((await store.admin.bootstrapOwner(environment.adminSecret)) === 'changed') {
        say('  dono          a senha passou a ser a de ADMIN_SECRET');
      }
      return;
    }
    if (await store.admin.hasOwner()) return;
    const password = randomBytes(18).toString('base64url');
    await store.admin.bootstrapOwner(password);
    say(`  dono          senha criada agora e mostrada só esta vez: ${password}`);
  } catch (error) {
    app.log.error({ code: (error as { code?: unknown }).code }, 'the first owner could not be made');
  }
}
