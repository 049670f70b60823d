import t, { type Test } from 'tap';
import type { Balto } from '../../core/app.ts';
import { ensureOwner } from '../../core/owner.ts';
import { openTestStore } from '../helpers/databases.ts';
import { keptLog } from '../helpers/provider.ts';

async function house(t: Test) {
  const store = await openTestStore(t);
  const log = keptLog();
  const said: string[] = [];
  return {
    store,
    log,
    said,
    async ensure(adminSecret?: string): Promise<void> {
      const balto = { store, app: { log }, environment: { adminSecret } } as unknown as Balto;
      await ensureOwner(balto, (line) => said.push(line));
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

t.test('a database that fails is logged by its code and stops nobody', async (t) => {
  const { store, log, said, ensure } = await house(t);
  await store.close();
  await ensure('a primeira senha do dono');
  t.same(said, []);
  t.equal(log.lines.length, 1);
  t.notMatch(log.lines.join(), /primeira senha/);
});
