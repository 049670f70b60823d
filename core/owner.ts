import { randomBytes } from 'node:crypto';
import type { Balto } from './app.ts';

/**
 * Makes sure that somebody can log in: the first owner's password is ADMIN_SECRET, else a random one that is said once.
 * Without ADMIN_SECRET an embedded start also says a link at which the owner chooses a password, for as long as nobody
 * has. Waits for a database that is still away; never stops the start.
 * @param panel where the panel is, as seen from this machine; null: there is none.
 */
export async function ensureOwner(
  balto: Pick<Balto, 'app' | 'environment' | 'store'>,
  say: (line: string) => void,
  panel: string | null,
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
    if (!(await store.admin.hasOwner())) {
      const password = randomBytes(18).toString('base64url');
      await store.admin.bootstrapOwner(password);
      say(`  dono          senha criada agora e mostrada só esta vez: ${password}`);
    }
    if (panel !== null && store.db.kind === 'embedded') await saySetup(store, say, panel);
  } catch (error) {
    app.log.error({ code: (error as { code?: unknown }).code }, 'the first owner could not be made');
  }
}

/** The invitation goes behind `#`: no server and no proxy on the way sees it, and no log keeps it. */
async function saySetup({ admin }: Balto['store'], say: (line: string) => void, panel: string): Promise<void> {
  const invite = await admin.inviteOwner();
  if (!invite) return;
  say(`  COMECE AQUI   ${panel}/convite#${invite.token}`);
  say('                (abra no navegador desta máquina; vale uma vez, por uma hora; outra partida mostra outro)');
}
