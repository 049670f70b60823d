import t, { type Test } from 'tap';
import type { Balto } from '../../core/app.ts';
import { ensureOwner } from '../../core/owner.ts';
import { openTestStore } from '../helpers/databases.ts';
import { keptLog } from '../helpers/provider.ts';

const PANEL = 'http://127.0.0.1:8765/admin';

async function house(t: Test) {
  const store = await openTestStore(t);
  const log = keptLog();
  const said: string[] = [];
  return {
    store,
    log,
    said,
    async ensure(adminSecret?: string, panel: string | null = null): Promise<void> {
      const balto = { store, app: { log }, environment: { adminSecret } } as unknown as Balto;
      await ensureOwner(balto, (line) => said.push(line), panel);
    },
  };
}

t.test('without ADMIN_SECRET a password is made, works, and is said once', async (t) => {
  const { store, said, ensure } = await house(t);
  await ensure();
  await ensure();
  t.equal(said.length, 1);
  const password = said[0]?.split(': ').at(-1) ?? '';
  t.ok(password.length >= 24);
  t.equal(await store.admin.bootstrapOwner(password), 'unchanged', 'it is the one that opens');
});

t.test('ADMIN_SECRET is the password, also when it changes; it is never said', async (t) => {
  const { store, said, ensure } = await house(t);
  await ensure('a primeira senha do dono');
  t.same(said, []);
  await ensure('a segunda senha do dono');
  t.equal(said.length, 1);
  t.notMatch(said.join(), /segunda senha/);
  t.equal(await store.admin.bootstrapOwner('a segunda senha do dono'), 'unchanged');
});

t.test(
  'a start on the embedded database says a link that sets the password, once, until somebody has come in',
  async (t) => {
    const { store, said, ensure } = await house(t);
    if (store.db.kind !== 'embedded') return t.pass('an external database takes ADMIN_SECRET');
    const linkOf = () => {
      const found = said.splice(0).flatMap((line) => /#(bi_[\w-]{43})$/u.exec(line)?.[1] ?? []);
      t.ok(found.length <= 1);
      return found[0];
    };
    await ensure(undefined, PANEL);
    const first = linkOf() ?? '';
    await ensure(undefined, PANEL);
    const second = linkOf() ?? '';
    await t.rejects(store.passwords.accept(first, 'uma senha bem comprida', '127.0.0.1'), {
      code: 'BALTO_INVITE_INVALID',
    });
    await t.rejects(store.passwords.accept(second, 'curta', '127.0.0.1'), { code: 'BALTO_PASSWORD_WEAK' });
    t.match(await store.passwords.accept(second, 'uma senha bem comprida', '127.0.0.1'), { id: 'owner' });
    await t.rejects(store.passwords.accept(second, 'outra senha comprida', '127.0.0.1'), {
      code: 'BALTO_INVITE_INVALID',
    });
    t.ok(await store.admin.login(null, 'uma senha bem comprida'));
    await ensure(undefined, PANEL);
    t.equal(linkOf(), undefined, 'a password was chosen');
  },
);

t.test(
  'the link opens nothing after an hour, and nothing once the owner came in with the printed password',
  async (t) => {
    const { store, said, ensure } = await house(t);
    if (store.db.kind !== 'embedded') return t.pass('an external database takes ADMIN_SECRET');
    await ensure(undefined, PANEL);
    const { expires_at } = await store.db.system((trx) =>
      trx.selectFrom('admin_invites').selectAll().executeTakeFirstOrThrow(),
    );
    t.ok(expires_at.getTime() <= Date.now() + 3_600_000);
    const token = said.flatMap((line) => /#(bi_[\w-]{43})$/u.exec(line)?.[1] ?? [])[0] ?? '';
    await store.admin.createSession('owner');
    await t.rejects(store.passwords.accept(token, 'uma senha bem comprida', '127.0.0.1'), {
      code: 'BALTO_INVITE_INVALID',
    });
    await store.audit.append({ actor: 'admin:owner', action: 'session.open', target: 'admin:owner' });
    said.length = 0;
    await ensure(undefined, PANEL);
    t.same(said, [], 'who came in once has a password');
  },
);

t.test('with ADMIN_SECRET there is no link', async (t) => {
  const { said, ensure } = await house(t);
  await ensure('a primeira senha do dono', PANEL);
  t.same(said, []);
});

t.test('a database that fails is logged by its code and stops nobody', async (t) => {
  const { store, log, said, ensure } = await house(t);
  await store.close();
  await ensure('a primeira senha do dono');
  t.same(said, []);
  t.equal(log.lines.length, 1);
  t.notMatch(log.lines.join(), /primeira senha/);
});
