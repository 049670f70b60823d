import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { KINDS } from '../../core/contracts/index.ts';
import { emptyFolder, installBalto, installPacked, makePlugin, mustSucceed } from '../helpers/checkout.ts';
import { startServer } from '../helpers/server-process.ts';

t.test('elsewhere: packages of their own, green, and loaded by name by a Balto that is a package too', async (test) => {
  const folder = emptyFolder(test);
  const balto = await installBalto(folder);
  const bin = join(balto, 'core/cli/balto.js');
  for (const kind of KINDS) {
    const files = await makePlugin(test, bin, [`nova-${kind}`, '--kind', kind, '--dir', kind], folder);
    for (const file of files) test.same(foreignImports(join(folder, kind, file)), [], `${kind}: ${file}`);
  }
  const program = { extends: './stt/tsconfig.json', include: KINDS.flatMap((kind) => [`${kind}/src`, `${kind}/test`]) };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(program));
  await mustSucceed(test, 'node_modules/typescript/bin/tsc', ['--noEmit'], folder);
  const names: string[] = [];
  for (const kind of ['stt', 'llm']) {
    const own = join(folder, kind);
    test.match(await mustSucceed(test, 'npm', ['test'], own), /tier: (silver|gold|platinum)/);
    await mustSucceed(test, 'npm', ['run', 'build'], own);
    names.push(`balto-plugin-nova-${kind}`);
    await installPacked(own, folder, `balto-plugin-nova-${kind}`);
  }
  await loadedByName(test, folder, bin, names);
});

async function loadedByName(test: Test, folder: string, bin: string, names: string[]): Promise<void> {
  const env = {
    BALTO_PLUGINS: names.join(','),
    BALTO_STT: 'stt/nova-stt',
    BALTO_LLM: 'llm/nova-llm',
    NOVA_STT_API_KEY: 'chave',
    NOVA_LLM_API_KEY: 'chave',
  };
  const listed = await mustSucceed(test, process.execPath, [bin, 'plugins', '--json'], folder, env);
  const { plugins } = JSON.parse(listed) as { plugins: { address: string; tier: string | null; failed: number }[] };
  for (const address of ['stt/nova-stt', 'llm/nova-llm', 'stt/deepgram']) {
    const row = plugins.find((each) => each.address === address);
    test.match(row, { tier: /silver|gold|platinum/, failed: 0 }, `balto plugins lists ${address} with its label`);
  }
  const server = await startServer({ ...env, PORT: '0', BALTO_DATA_DIR: join(folder, 'data') }, folder, bin);
  test.teardown(() => server.kill());
  test.equal((await fetch(`${server.url}/health/ready`)).status, 200, 'it has all it needs');
  const said = server.output.join('\n');
  test.match(said, /transcrição +stt\/nova-stt \(nova-stt-1\)/);
  test.match(said, /modelo +llm\/nova-llm \(nova-llm-1\)/);
  await server.kill();
}

/** What a file imports besides itself, Node and the two doors of Balto. */
function foreignImports(file: string): string[] {
  if (!file.endsWith('.ts')) return [];
  const specifiers = [...readFileSync(file, 'utf8').matchAll(/ from '([^']+)'/g)].map(
    ([, specifier = '']) => specifier,
  );
  return specifiers.filter((specifier) => !/^(node:|\.\.?\/|balto\/(contracts|kit)$)/.test(specifier));
}
