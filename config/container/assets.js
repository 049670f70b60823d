// Copies what is data and not code into dist, beside the code that reads it. Run by `npm run build` after tsc; another
// folder than dist may be named.
import { cpSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [, , dist = 'dist'] = process.argv;
const DATA = /\.(json|md|sql|txt|wav)$/;

for (const root of ['config', 'plugins', 'core']) {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !DATA.test(entry.name) || entry.name === 'README.md') continue;
    const from = join(entry.parentPath, entry.name);
    cpSync(from, join(dist, dirname(from), entry.name), { recursive: true });
  }
}
cpSync('core/cli/balto.js', join(dist, 'core/cli/balto.js'));
// What `balto new plugin` writes: text to it, though it is TypeScript.
cpSync('core/cli/templates', join(dist, 'core/cli/templates'), { recursive: true });
// The panel, as vite built it.
cpSync('plugins/panel/built', join(dist, 'plugins/panel/built'), { recursive: true });
