/** Prints the test files of the suite whose process may open a database: on a real Postgres the others say nothing new. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const DATABASES = join('test', 'helpers', 'databases.ts');
const IMPORT = /from '(\.[^']*\.ts)'/g;
/** As `.taprc` leaves them out. */
const LEFT_OUT = [/^test.long/, /^test.browser/, /^test.demo/, /^test.e2e.(?!(conversation|gate|start)\.)/];
const known = new Map<string, boolean>();

function opens(file: string): boolean {
  if (file === DATABASES) return true;
  const before = known.get(file);
  if (before !== undefined) return before;
  known.set(file, false); // whoever imports each other in a circle is decided by the rest
  const imported = [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, path = '']) => join(dirname(file), path));
  const found = imported.some((path) => path.startsWith('test') && opens(path));
  known.set(file, found);
  return found;
}

const files = globSync('test/**/*.test.ts').filter((file) => !LEFT_OUT.some((left) => left.test(file)));
console.log(files.filter(opens).join(' '));
