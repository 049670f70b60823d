import { readFile } from 'node:fs/promises';
import t from 'tap';
import { PERMISSIONS, PLATFORM_OWNER_PERMISSIONS, ROLE_PERMISSIONS } from '../../../core/http/permissions.ts';
import { ROLES } from '../../../core/store/roles-table.ts';

function isWithin<T>(part: ReadonlySet<T>, whole: ReadonlySet<T>): boolean {
  return [...part].every((each) => whole.has(each));
}

t.test('each role may all that the one before it may, and something more', async (t) => {
  for (const [index, role] of ROLES.entries()) {
    const below = ROLES[index - 1];
    if (below === undefined) continue;
    const [less, more] = [ROLE_PERMISSIONS[below], ROLE_PERMISSIONS[role]];
    t.ok(isWithin(less, more) && less.size < more.size, `${below} < ${role}`);
  }
  t.ok(isWithin(ROLE_PERMISSIONS.owner, PLATFORM_OWNER_PERMISSIONS));
  t.same([...PLATFORM_OWNER_PERMISSIONS], Object.keys(PERMISSIONS));
});

t.test('docs/operacao.md shows the roles as they are', async (t) => {
  const manual = await readFile(new URL('../../../docs/operacao.md', import.meta.url), 'utf8');
  const rows = manual.split('\n').flatMap((line) => {
    const [, permission, meaning, ...marks] = line.split('|').map((cell) => cell.trim());
    const name = /^`([a-z]+(?:\.[a-z]+)?)`$/.exec(permission ?? '')?.[1];
    return name && Object.hasOwn(PERMISSIONS, name) ? [{ name, meaning, marks: marks.slice(0, 5) }] : [];
  });
  const holders = [...ROLES.map((role) => ROLE_PERMISSIONS[role]), PLATFORM_OWNER_PERMISSIONS];
  const due = (Object.keys(PERMISSIONS) as (keyof typeof PERMISSIONS)[]).map((name) => ({
    name,
    meaning: PERMISSIONS[name],
    marks: holders.map((held) => (held.has(name) ? 'sim' : '')),
  }));
  t.same(rows, due);
});
