import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { KINDS } from '../../core/contracts/index.ts';
import { checkOut, emptyFolder, makePlugin, mustSucceed } from '../helpers/checkout.ts';

const BIN = 'node_modules/.bin';
const SOURCE = /^(plugins|test)\/.*\.ts$/;

/** With BALTO_QUALITY=write, what the kit showed becomes the template's label. */
function keepLabel(folder: string, name: string, kind: string): void {
  if (process.env['BALTO_QUALITY'] !== 'write') return;
  const label = readFileSync(join(folder, `plugins/${name}/quality.json`), 'utf8').replaceAll(name, 'acme');
  writeFileSync(new URL(`../../core/cli/templates/quality/${kind}.json`, import.meta.url), label);
}

// One kind, and what is refused, are in test/core/cli/new-plugin.test.ts: they run at every `npm test`.
t.test('inside the repository: every kind is green at its first run, well typed and well formed', async (test) => {
  const folder = emptyFolder(test);
  checkOut(folder);
  const files = new Set<string>();
  for (const kind of KINDS) {
    const name = `nova-${kind}`;
    const its = await makePlugin(test, 'core/cli/balto.js', [name, '--kind', kind], folder);
    const expected = ['README.md', 'config.ts', 'index.ts', 'quality.json', `${kind}.ts`];
    for (const file of expected) test.ok(its.includes(`plugins/${name}/${file}`), `${name}: ${file}`);
    for (const file of its) files.add(file);
  }
  const sources = [...files].filter((file) => SOURCE.test(file));
  const program = { extends: './tsconfig.json', files: [...sources, 'core/registry/plugin.ts'], include: [] };
  writeFileSync(join(folder, 'tsconfig.new.json'), JSON.stringify(program));
  await Promise.all([
    mustSucceed(
      test,
      `${BIN}/tap`,
      sources.filter((file) => file.endsWith('.test.ts')),
      folder,
    ),
    mustSucceed(test, `${BIN}/tsc`, ['-p', 'tsconfig.new.json'], folder),
  ]);
  await mustSucceed(test, `${BIN}/biome`, ['check', '--error-on-warnings', ...files].filter(notMarkdown), folder);
  for (const kind of KINDS) keepLabel(folder, `nova-${kind}`, kind);
});

function notMarkdown(path: string): boolean {
  return !path.endsWith('.md');
}
