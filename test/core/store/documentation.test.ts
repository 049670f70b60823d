import { readFile } from 'node:fs/promises';
import t from 'tap';
import { describeDatabase, MANUAL } from '../../../core/store/describe.ts';
import { forEachDatabase } from '../../helpers/databases.ts';

t.test('docs/banco.md says what the migrated database is (else: npm run docs:banco)', (t) =>
  forEachDatabase(t, async (t, open) => {
    const manual = await describeDatabase((await open()).db);
    t.equal(manual, await readFile(MANUAL, 'utf8'));
    t.same(
      manual.split('\n').filter((line) => /^\| `.*\| +\|$/.test(line)),
      [],
      'every column has its meaning',
    );
  }),
);
