import { execFile } from 'node:child_process';
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { emptyFolder } from '../../helpers/checkout.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Ways a file could make a request of its own; each as the whole content of a plugin's file. */
const WAYS = [
  "export const a = await fetch('https://x.test');",
  "export const a = new WebSocket('wss://x.test');",
  "export const a = new EventSource('https://x.test');",
  "import { get } from 'node:http';\n\nget('http://x.test');",
  "import https from 'https';\n\nhttps.get('https://x.test');",
  "export { connect } from 'node:http2';",
  "import { connect } from 'node:net';\n\nconnect(1);",
  "import * as net from 'node:net';\n\nnet.connect(1);",
  "import tls from 'node:tls';\n\ntls.connect(1);",
  "import { createSocket } from 'node:dgram';\n\ncreateSocket('udp4');",
  "import WebSocket from 'ws';\n\nnew WebSocket('wss://x.test');",
  "import WebSocket from 'ws/wrapper.mjs';\n\nnew WebSocket('wss://x.test');",
  "import { request } from 'undici';\n\nrequest('https://x.test');",
  "const http = await import('node:http');\nhttp.get('http://x.test');",
];

const HARMLESS = [
  "import { isIP } from 'node:net';\n\nexport const a = isIP('::');",
  'export const a = (fetch: typeof globalThis.fetch) => fetch;',
];

/** What the linter sees no harm in: a global by its object, a module by its back door. */
const BACK_DOORS = /globalThis\s*[.[]|getBuiltinModule|process\.binding|createRequire\(/;
/** A type, and a package's place on the disk. */
const FRONT_DOORS = /typeof globalThis\.fetch\b|createRequire\([\w.]+\)\.resolve\(/g;

t.test('the linter finds a request made past the guard, in core and in plugins', async (t) => {
  const folder = emptyFolder(t);
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  await write('biome.json', await readFile(join(ROOT, 'biome.json'), 'utf8'));
  for (const [index, code] of WAYS.entries()) {
    await write(`core/counter/way-${index}.ts`, `${code}\n`);
    await write(`plugins/acme/way-${index}.ts`, `${code}\n`);
  }
  for (const [index, code] of HARMLESS.entries()) await write(`plugins/harmless/${index}.ts`, `${code}\n`);
  const found = await lint(folder);
  for (const where of ['core/counter', 'plugins/acme']) {
    for (const [index, code] of WAYS.entries()) t.ok(found.has(`${where}/way-${index}.ts`), `${where}: ${code}`);
  }
  t.notOk([...found].some((path) => path.includes('harmless')));
});

t.test('nothing goes by a door the linter does not watch', async (t) => {
  let files = 0;
  for await (const path of glob('{core,plugins}/**/*.ts', { cwd: ROOT })) {
    const text = await readFile(join(ROOT, path), 'utf8');
    t.notMatch(text.replaceAll(FRONT_DOORS, ''), BACK_DOORS, path);
    files++;
  }
  t.ok(files > 300);
});

/** Files with a finding of the two rules. */
async function lint(folder: string): Promise<Set<string>> {
  const biome = join(ROOT, 'node_modules', '.bin', 'biome');
  const only = ['--only=style/noRestrictedGlobals', '--only=style/noRestrictedImports'];
  const options = { cwd: folder, maxBuffer: 1 << 26 };
  const args = ['lint', '--reporter=github', '--max-diagnostics=none', ...only, '.'];
  const output = await new Promise<string>((resolve) => {
    execFile(biome, args, options, (_error, stdout, stderr) => resolve(`${stdout}\n${stderr}`));
  });
  return new Set([...output.matchAll(/file=([^,]+),/g)].map(([, path]) => relative(folder, String(path))));
}
