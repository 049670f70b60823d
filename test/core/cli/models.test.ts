import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { download } from '../../../core/cli/model-download.ts';
import { CATALOGUE } from '../../../core/cli/model-store.ts';
import { runCli } from '../../../core/cli/run.ts';
import { cli } from '../../helpers/cli.ts';
import { temporaryFolder } from '../../helpers/databases.ts';
import { archive, modelHouse as house, MODEL, sha256 } from '../../helpers/model-archive.ts';
import { holdAfter, redirectTo, serveWhole } from '../../helpers/model-server.ts';

t.test('a whole download: progress told, unpacked, in place, nothing left over', async (test) => {
  const { folder, pull, left, server } = await house(test, gzipSync(await archive(MODEL)));
  const first = await pull();
  test.match(first, { code: 0, out: `Pronto: ${join(folder, 'modelo')}`, error: /baixando: 100 % \(0,0 de 0,0 MB/ });
  test.equal(
    await readFile(join(folder, 'modelo/tokens.txt'), 'utf8'),
    'conteúdo',
    'the one folder on top is the model',
  );
  test.equal(await readFile(join(folder, 'modelo/sub/encoder.onnx'), 'utf8'), 'conteúdo');
  test.same(await left(), { partial: [], models: ['modelo'] });
  test.match(await pull(['--json']), { code: 0, out: /"already":true/ });
  test.equal(server.ranges.length, 1, 'what is there is not fetched again');
  const list = await cli(['models', 'list', '--json'], { BALTO_MODELS_DIR: folder });
  test.match(JSON.parse(list.out), { ok: true, folder, others: ['modelo'] });
});

t.test('cut in the middle: goes on by Range, as long as something comes', async (test) => {
  const body = randomBytes(300_000);
  const { server, folder } = await house(test, body);
  await mkdir(folder, { recursive: true });
  server.script.push(holdAfter(server, 1000), holdAfter(server, 2000));
  const seen: number[] = [];
  const path = await download({
    url: new URL(`${server.origin}/modelo.tar.gz`),
    sha256: sha256(body),
    folder,
    maxBytes: 1e9,
    signal: new AbortController().signal,
    checkRoom: async () => {},
    onProgress(done) {
      seen.push(done);
      server.cut();
    },
  });
  test.same(server.ranges, ['', 'bytes=1000-', 'bytes=3000-']);
  test.ok((await readFile(path)).equals(body));
  test.same(
    seen,
    [...seen].sort((a, b) => a - b),
    'progress never goes back',
  );
});

t.test('stopped altogether: the next command goes on', async (test) => {
  const body = gzipSync(await archive(MODEL, randomBytes(300_000).toString('hex')));
  const { server, folder, pull, left } = await house(test, body);
  server.script.push(holdAfter(server, 1000), holdAfter(server, 0));
  const lines: string[] = [];
  const error = (line: string) => {
    lines.push(line);
    server.cut();
  };
  const args = ['models', 'pull', '--url', `${server.origin}/modelo.tar.gz`, '--sha256', sha256(body)];
  const { signal } = new AbortController();
  test.equal(await runCli(args, { out: () => {}, error, env: { BALTO_MODELS_DIR: folder }, signal }), 1);
  test.match(lines.at(-1), /rode o mesmo comando para continuar.*BALTO_MODELS_INTERRUPTED/);
  test.same(await left(), { partial: [`${sha256(body)}.part`], models: [] });
  test.match(await pull(), { code: 0 });
  test.same(server.ranges, ['', 'bytes=1000-', 'bytes=1000-']);
  test.same(await left(), { partial: [], models: ['modelo'] });
});

t.test('a server without Range begins again, and it is right in the end', async (test) => {
  const body = gzipSync(await archive(MODEL, randomBytes(300_000).toString('hex')));
  const { server, folder, pull, left } = await house(test, body);
  await mkdir(join(folder, '.partial'), { recursive: true });
  await writeFile(join(folder, '.partial', `${sha256(body)}.part`), randomBytes(400_000));
  server.script.push(serveWhole);
  test.match(await pull(), { code: 0 });
  test.same(server.ranges, ['bytes=400000-']);
  test.same(await left(), { partial: [], models: ['modelo'] });
});

t.test('a server that goes on at the wrong place is not believed', async (test) => {
  const body = gzipSync(await archive(MODEL));
  const { server, folder, pull, left } = await house(test, body);
  await mkdir(join(folder, '.partial'), { recursive: true });
  await writeFile(join(folder, '.partial', `${sha256(body)}.part`), body.subarray(0, 10));
  server.script.push((_request, response, whole) => {
    response.writeHead(206, { 'content-range': `bytes 0-${whole.length - 1}/${whole.length}` }).end(whole);
  });
  test.match(await pull(), { code: 1, error: /lugar errado.*BALTO_MODELS_HTTP/ });
  test.same(await left(), { partial: [], models: [] });
  test.match(await pull(), { code: 0 });
});

t.test('an unfinished file that is already whole, or longer than it should be', async (test) => {
  const body = gzipSync(await archive(MODEL));
  const { folder, pull, left } = await house(test, body);
  const part = join(folder, '.partial', `${sha256(body)}.part`);
  await mkdir(join(folder, '.partial'), { recursive: true });
  await writeFile(part, body);
  test.match(await pull(), { code: 0 });
  await writeFile(part, Buffer.concat([body, Buffer.from('mais')]));
  test.match(await pull(['--name', 'b']), { code: 1, error: /BALTO_MODELS_CHECKSUM/ });
  test.match(await pull(['--name', 'b']), { code: 0 }, 'and the next time from the start');
  test.same((await left()).partial, []);
});

t.test('a wrong checksum leaves nothing, and says both', async (test) => {
  const body = gzipSync(await archive(MODEL));
  const { pull, left } = await house(test, body);
  const wrong = 'ab'.repeat(32);
  const outcome = await pull([], { hex: wrong });
  test.match(outcome, { code: 1, error: /BALTO_MODELS_CHECKSUM/ });
  test.match(outcome.error, new RegExp(`${sha256(body)}.*${wrong}`));
  test.same(await left(), { partial: [], models: [] });
});

t.test('redirects: within the host and to TLS, not from here to another host', async (test) => {
  const { pull, left, server } = await house(test, gzipSync(await archive(MODEL)));
  server.script.push(redirectTo('/modelo.tar.gz?assinatura=segredo'));
  test.match(await pull(), { code: 0 });
  server.script.push(redirectTo(`${server.otherOrigin}/modelo.tar.gz?assinatura=segredo`));
  const other = await pull(['--name', 'outro']);
  test.match(other, { code: 1, error: /localhost.*só se segue para https.*BALTO_MODELS_REDIRECT/ });
  test.notMatch(other.error, /segredo/);
  server.script.push(redirectTo('file:///etc/passwd'));
  test.match(await pull(['--name', 'outro']), { code: 1, error: /BALTO_MODELS_REDIRECT/ });
  server.script.push(...Array.from({ length: 6 }, () => redirectTo('/modelo.tar.gz')));
  test.match(await pull(['--name', 'outro']), { code: 1, error: /mais de 5 vezes/ });
  test.same((await left()).models, ['modelo']);
});

t.test('sizes are bounded: the file, what it says it is, and what comes out of it', async (test) => {
  const { pull, left, server } = await house(test, randomBytes(1_200_000));
  test.match(await pull(['--max-mb', '1']), { code: 1, error: /limite de 1 MB.*BALTO_MODELS_SIZE/ });
  server.script.push((_request, response, body) => void response.writeHead(200).end(body)); // no length stated
  test.match(await pull(['--max-mb', '1']), { code: 1, error: /BALTO_MODELS_SIZE/ });
  server.script.push((_request, response) => void response.writeHead(200, { 'content-length': 2 ** 52 }).end());
  test.match(await pull(['--max-mb', '1048576']), { code: 1, error: /BALTO_MODELS_(SIZE|DISK)/ });
  const bomb = await house(test, gzipSync(await archive(['zeros'], '0'.repeat(4_000_000))));
  test.match(await bomb.pull(['--max-mb', '1']), { code: 1, error: /Aberto.*BALTO_MODELS_SIZE/ });
  test.same(await bomb.left(), { partial: [], models: [] });
  test.same((await left()).models, []);
});

t.test('no room on the disk is said before anything is written', async (test) => {
  const { pull, left, server } = await house(test, Buffer.alloc(1));
  server.script.push((_request, response) => void response.writeHead(200, { 'content-length': 2 ** 40 - 1 }).end());
  test.match(await pull(['--max-mb', '1048576']), { code: 1, error: /Falta espaço.*BALTO_MODELS_DISK/ });
  test.same(await left(), { partial: [], models: [] });
});

t.test('another model of the same name is not overwritten unless told so', async (test) => {
  const { folder, pull, left } = await house(test, gzipSync(await archive(MODEL)));
  await mkdir(join(folder, 'modelo'), { recursive: true });
  await writeFile(join(folder, 'modelo', 'meu.txt'), 'meu');
  test.match(await pull(), { code: 1, error: /--force.*BALTO_MODELS_EXISTS/ });
  test.equal(await readFile(join(folder, 'modelo', 'meu.txt'), 'utf8'), 'meu');
  test.match(await pull(['--force'], { hex: 'cd'.repeat(32) }), { code: 1 });
  test.equal(await readFile(join(folder, 'modelo', 'meu.txt'), 'utf8'), 'meu', 'a pull that failed changed nothing');
  test.match(await pull(['--force']), { code: 0 });
  test.match(await readdir(join(folder, 'modelo')), ['.balto-model.json', 'sub', 'tokens.txt']);
  test.same((await left()).partial, []);
});

t.test('Ctrl-C keeps what came; a server that falls silent is given up', async (test) => {
  const body = randomBytes(200_000);
  const { server, folder, left } = await house(test, body);
  const interrupt = new AbortController();
  const lines: string[] = [];
  const error = (line: string) => {
    lines.push(line);
    interrupt.abort();
  };
  server.script.push(holdAfter(server, 50_000));
  const args = ['models', 'pull', '--url', `${server.origin}/modelo.tar.gz`, '--sha256', sha256(body)];
  const io = { out: () => {}, error, env: { BALTO_MODELS_DIR: folder }, signal: interrupt.signal };
  test.equal(await runCli(args, io), 1);
  test.match(lines.at(-1), /BALTO_MODELS_ABORTED/);
  test.same(await left(), { partial: [`${sha256(body)}.part`], models: [] });

  server.script.push((_request, response) => void response.writeHead(200, { 'content-length': 9 }).flushHeaders());
  const call = download({
    url: new URL(`${server.origin}/modelo.tar.gz`),
    sha256: 'ef'.repeat(32),
    folder,
    maxBytes: 1e9,
    signal: new AbortController().signal,
    checkRoom: async () => {},
    onProgress: () => {},
    stallMs: 50,
  });
  await test.rejects(call, { code: 'BALTO_MODELS_INTERRUPTED', message: /se calou/ });
});

t.test('wrong use, and a server that has no such file', async (test) => {
  const { pull, server, folder } = await house(test, Buffer.alloc(1));
  const env = { BALTO_MODELS_DIR: folder };
  test.match(await pull([], { url: `${server.origin}/outro` }), { code: 1, error: /respondeu 404.*BALTO_MODELS_HTTP/ });
  test.match(await pull([], { hex: 'abc' }), { code: 1, error: /64 dígitos/ });
  test.match(await pull(['--name', '../fora']), { code: 1, error: /--name/ });
  test.match(await pull([], { url: 'ftp://x/y' }), { code: 1, error: /--url/ });
  test.match(await pull([], { url: 'https://usuario:senha@x/y' }), { code: 1, error: /sem usuário e senha/ });
  test.match(await pull(['--max-mb', '0']), { code: 1, error: /--max-mb/ });
  for (const args of [['pull'], ['pull', 'ausente'], ['list', 'x'], ['apagar'], ['pull', 'x', '--sha256', 'ab']]) {
    test.match(
      await cli(['models', ...args], env),
      { code: 1, error: /BALTO_(CLI_USAGE|MODELS_UNKNOWN)/ },
      args.join(' '),
    );
  }
  test.match(await cli(['models'], env), { code: 2, error: /list\|pull/ });
  test.match(await cli(['models', 'pull', 'ausente', '--json'], env), { code: 1, out: /"BALTO_MODELS_UNKNOWN"/ });
});

t.test('the catalogue lists nothing without the source of its checksum', async (test) => {
  for (const { name, url, sha256: hex, checksumFrom, publisher, license, use } of CATALOGUE) {
    test.match(hex, /^[0-9a-f]{64}$/, name);
    test.match(url, /^https:\/\//);
    test.match(publisher, /^https:\/\/.*checksum\.txt$/);
    test.match(checksumFrom, /commit [0-9a-f]{8}.*lido em \d{4}-\d{2}-\d{2}/);
    test.ok(license && use);
  }
  test.equal(new Set(CATALOGUE.map(({ name }) => name)).size, CATALOGUE.length);
  const folder = await temporaryFolder(test);
  const { out } = await cli(['models', 'list'], { BALTO_DATA_DIR: folder });
  test.match(out, join(folder, 'models'));
  for (const { name } of CATALOGUE) test.match(out, name);
});
