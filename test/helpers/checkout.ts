import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = ['core', 'plugins', 'config', 'test/emulators', 'test/helpers', 'test/fixtures'];
const FILES = ['package.json', 'tsconfig.json', 'biome.json', '.taprc'];

/** What an integrator has after cloning and `npm ci`, in `folder`; the installed packages are ours. */
export function checkOut(folder: string): void {
  for (const path of [...SOURCES, ...FILES]) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

/**
 * Balto as `npm install` leaves it in the `node_modules` of `folder`: packed from a build, without its sources; and beside
 * it the tools that a package which is being written asks for. What is made below `folder` finds them there.
 */
export async function installBalto(folder: string): Promise<string> {
  const stage = join(folder, 'stage');
  mkdirSync(join(stage, 'core/cli'), { recursive: true });
  for (const path of ['package.json', 'core/cli/balto.js']) cpSync(join(ROOT, path), join(stage, path));
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  await mustRun(tsc, ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', join(stage, 'dist')], ROOT);
  await mustRun(process.execPath, ['config/container/assets.js', join(stage, 'dist')], ROOT);
  const installed = await installPacked(stage, folder, 'balto');
  symlinkSync(join(ROOT, 'node_modules'), join(installed, 'node_modules'));
  for (const tool of ['typescript', '@types']) {
    symlinkSync(join(ROOT, 'node_modules', tool), join(folder, 'node_modules', tool));
  }
  return installed;
}

/** Packs the package in `source` and unpacks it where `npm install` would, without asking any registry. */
export async function installPacked(source: string, folder: string, name: string): Promise<string> {
  const installed = join(folder, 'node_modules', name);
  mkdirSync(installed, { recursive: true });
  const args = ['pack', '--ignore-scripts', '--offline', '--silent', '--pack-destination', folder];
  const archive = (await mustRun('npm', args, source)).trim();
  execFileSync('tar', ['xzf', join(folder, archive), '-C', installed, '--strip-components=1']);
  return installed;
}

interface Ran {
  code: number;
  /** Both outputs. */
  output: string;
  /** What was answered, without the messages. */
  out: string;
}

/** Runs a program with an environment of its own, as a person's terminal: what the test runner sets is not for it. */
export function run(program: string, args: string[], cwd: string, env: Record<string, string> = {}): Promise<Ran> {
  const { PATH = '', HOME = '', BALTO_QUALITY } = process.env;
  const given = {
    PATH: `${dirname(process.execPath)}:${PATH}`,
    HOME,
    ...(BALTO_QUALITY === undefined ? {} : { BALTO_QUALITY }),
    ...env,
  };
  // By `env -i` and not by the option: the runner adds its own loader to every child's environment.
  const settings = Object.entries(given).map(([name, value]) => `${name}=${value}`);
  return new Promise((resolve) => {
    execFile('env', ['-i', ...settings, program, ...args], { cwd }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ code, output: `${stdout}${stderr}`, out: stdout });
    });
  });
}

/** An empty folder away from this repository: nothing of ours is found from there. Gone with the test. */
export function emptyFolder(test: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'balto-new-'));
  test.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a program says that must end well. */
export async function mustSucceed(
  test: Test,
  program: string,
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<string> {
  const { code, output, out } = await run(program, args, cwd, env);
  test.equal(code, 0, code === 0 ? `${basename(program)} ${args[0]}` : output);
  return out;
}

/** The files of a new plugin, made by `balto new plugin` as a person calls it. `balto` is its entry. */
export async function makePlugin(test: Test, balto: string, args: string[], cwd: string): Promise<string[]> {
  const out = await mustSucceed(test, process.execPath, [balto, 'new', 'plugin', ...args, '--json'], cwd);
  return (JSON.parse(out) as { files: string[] }).files;
}

async function mustRun(program: string, args: string[], cwd: string): Promise<string> {
  const { code, output, out } = await run(program, args, cwd);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${output}`);
  return out;
}
