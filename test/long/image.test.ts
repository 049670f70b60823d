/**
 * There is no container engine on every machine, so this runs the Dockerfile's own steps in empty folders: what each
 * stage copies and runs, then its CMD and its health check, as the image would.
 */
import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

interface Stage {
  name: string;
  steps: { instruction: string; words: string }[];
}

function stages(dockerfile: string): Stage[] {
  const found: Stage[] = [];
  for (const line of dockerfile.replace(/\\\n/g, ' ').split('\n')) {
    const match = /^([A-Z]+)\s+(.*)$/.exec(line.trim());
    if (!match) continue;
    const [, instruction = '', words = ''] = match;
    if (instruction === 'FROM') found.push({ name: /\bAS (\w+)/.exec(words)?.[1] ?? 'final', steps: [] });
    else found.at(-1)?.steps.push({ instruction, words });
  }
  return found;
}

async function tracked(): Promise<string[]> {
  const ignored = (await readFile(join(root, '.dockerignore'), 'utf8')).split('\n').filter(Boolean);
  const { stdout } = await run('git', ['ls-files'], { cwd: root, maxBuffer: 1 << 24 });
  return stdout
    .split('\n')
    .filter((path) => path && !ignored.some((rule) => path === rule || path.startsWith(`${rule}/`)));
}

async function copyStep(words: string, folder: string, folders: Map<string, string>): Promise<void> {
  const parts = words.split(/\s+/);
  const from = /^--from=(\w+)$/.exec(parts[0] ?? '')?.[1];
  if (from) parts.shift();
  const target = parts.pop() ?? '.';
  for (const source of parts) {
    if (from) {
      const path = source.replace(/^\/app\//, '');
      await cp(join(folders.get(from) ?? '', path), join(folder, path), { recursive: true, verbatimSymlinks: true });
      continue;
    }
    const files = source === '.' ? await tracked() : [source];
    for (const file of files) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await cp(join(root, file), join(folder, target === '.' || target === './' ? file : target));
    }
  }
}

/** The test runner loads itself into every Node below it, by a variable it sets at each spawn: an image knows nothing of it. */
const BARE = 'unset NODE_OPTIONS; ';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : 0;
}

t.test('the image builds, starts as its CMD says, and its health check passes', { timeout: 600_000 }, async (t) => {
  const dockerfile = await readFile(join(root, 'Dockerfile'), 'utf8');
  const folders = new Map<string, string>();
  const data = await mkdtemp(join(tmpdir(), 'balto-image-data-'));
  t.teardown(() =>
    Promise.all([...folders.values(), data].map((folder) => rm(folder, { recursive: true, force: true }))),
  );
  let command: string[] = [];
  let health: string[] = [];
  let user = 'root';
  for (const stage of stages(dockerfile)) {
    const folder = await mkdtemp(join(tmpdir(), `balto-image-${stage.name}-`));
    folders.set(stage.name, folder);
    for (const { instruction, words } of stage.steps) {
      if (instruction === 'COPY') await copyStep(words, folder, folders);
      else if (instruction === 'RUN' && stage.name === 'build')
        await run('sh', ['-ec', BARE + words], { cwd: folder, maxBuffer: 1 << 26 });
      else if (instruction === 'USER') user = words;
      else if (instruction === 'CMD') command = JSON.parse(words);
      else if (instruction === 'HEALTHCHECK') health = JSON.parse(words.slice(words.indexOf('[')));
    }
  }
  t.equal(user, 'node', 'not root');
  const port = await freePort();
  const env = { ...process.env, NODE_ENV: 'production', BALTO_DATA_DIR: data, PORT: String(port) };
  const folder = folders.get('final') ?? '';
  const [program = 'node', ...args] = command;
  const server = spawn(
    'sh',
    ['-c', `${BARE}exec "$0" "$@"`, program === 'node' ? process.execPath : program, ...args],
    {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  t.teardown(() => server.kill('SIGKILL'));
  let output = '';
  server.stdout.on('data', (chunk) => (output += chunk));
  server.stderr.on('data', (chunk) => (output += chunk));
  const [, ...check] = health[0] === 'CMD' ? health.slice(1) : health;
  let healthy = false;
  for (let tries = 0; tries < 60 && !healthy && server.exitCode === null; tries++) {
    healthy = await run(process.execPath, check, { env }).then(
      () => true,
      () => new Promise<boolean>((done) => setTimeout(() => done(false), 1000)),
    );
  }
  t.ok(healthy, `health check; the server said: ${output.slice(-2000)}`);
  const stopped = new Promise((done) => server.once('exit', done));
  server.kill('SIGTERM');
  t.equal(await stopped, 0, 'stops cleanly');
});
