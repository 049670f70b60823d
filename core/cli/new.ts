import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BaltoError, KINDS, type Kind } from '../contracts/index.ts';
import type { Command } from './command.ts';
import { type BaltoPackage, type NewFile, pluginInside, pluginPackage } from './new-plugin.ts';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST_NAME = 40;

export const command: Command = {
  usage: 'new plugin NOME --kind TIPO [--dir PASTA]',
  summary:
    'Faz um plugin novo, já verde no kit: plugins/NOME dentro do repositório do Balto, um pacote próprio fora dele.',
  options: {
    kind: { type: 'string', value: 'TIPO', help: `O que ele é: ${KINDS.join(', ')}` },
    dir: { type: 'string', value: 'PASTA', help: 'Um pacote próprio, nesta pasta (padrão: balto-plugin-NOME)' },
  },
  positionals: ['plugin', 'NOME'],
  async run({ values, positionals }, io) {
    const [what, given = ''] = positionals;
    if (what !== 'plugin') throw wrong('plugin', `só sei fazer "plugin", não "${what?.slice(0, 40)}"`);
    const name = checkedName(given);
    const made = make(name, checkedKind(values['kind']), values['dir'] as string | undefined);
    if (values['json'] === true) io.out(JSON.stringify({ ok: true, ...made }, null, 2));
    else for (const line of told(made)) io.out(line);
    return 0;
  },
};

interface Made {
  directory: string;
  files: string[];
  next: string[];
}

function make(name: string, kind: Kind, dir: string | undefined): Made {
  const here = process.cwd();
  const isInside = dir === undefined && isCheckout(here);
  const directory = isInside ? here : resolve(dir ?? `balto-plugin-${name}`);
  const files = isInside ? pluginInside(name, kind) : pluginPackage(name, kind, directory, thisBalto());
  if (isInside) refuseTaken(here, name);
  else if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw wrong('--dir', `a pasta ${directory} não está vazia: nada foi escrito`);
  }
  write(directory, files);
  if (isInside) tidy(here, files);
  const next = isInside
    ? [`npx tap test/plugins/${name}.test.ts`, 'npm run docs:env', `$EDITOR plugins/${name}`]
    : [`cd ${relative(here, directory) || '.'}`, 'npm install', 'npm test', 'npm run typecheck'];
  return { directory, files: files.map(({ path }) => path).sort(), next };
}

/** All or nothing: a file that is there already is never written over. */
function write(directory: string, files: readonly NewFile[]): void {
  const taken = files.find(({ path }) => existsSync(join(directory, path)));
  if (taken) throw wrong('NOME', `${taken.path} já existe: nada foi escrito`);
  for (const { path, text } of files) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
  }
}

/** The formatter of the repository, where it is installed: a longer name may break a line or the order of imports. */
function tidy(checkout: string, files: readonly NewFile[]): void {
  const formatter = join(checkout, 'node_modules/.bin/biome');
  if (!existsSync(formatter)) return;
  spawnSync(formatter, ['check', '--write', ...files.map(({ path }) => path)], { cwd: checkout, stdio: 'ignore' });
}

function checkedName(name: string): string {
  if (NAME.test(name) && name.length <= LONGEST_NAME) return name;
  const shape = `minúsculas, dígitos e hífen, começando por letra, até ${LONGEST_NAME} caracteres`;
  throw wrong('NOME', `"${name.slice(0, 80)}" não serve (${shape})`);
}

function checkedKind(given: string | boolean | undefined): Kind {
  const kind = KINDS.find((known) => known === given);
  if (kind) return kind;
  const problem = given === undefined ? 'falta' : `"${String(given).slice(0, 40)}" não existe`;
  throw wrong('--kind', `${problem} (há: ${KINDS.join(', ')})`);
}

/** Folders of `plugins/` are vendors' ids: two of one name would not start. */
function refuseTaken(checkout: string, name: string): void {
  if (existsSync(join(checkout, 'plugins', name))) throw wrong('NOME', `já há um plugin "${name}": nada foi escrito`);
}

function isCheckout(directory: string): boolean {
  const { name } = packageOf(directory);
  return name === 'balto' && existsSync(join(directory, 'core/contracts/index.ts'));
}

/** The package this very file belongs to: sources and build lie at different depths. */
function thisBalto(): BaltoPackage {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (packageOf(directory).name !== 'balto' && dirname(directory) !== directory) directory = dirname(directory);
  return { directory, devDependencies: packageOf(directory).devDependencies ?? {} };
}

function packageOf(directory: string): { name?: string; devDependencies?: Record<string, string> } {
  try {
    return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as ReturnType<typeof packageOf>;
  } catch {
    return {}; // none, or none that can be read: not Balto's
  }
}

function told({ directory, files, next }: Made): string[] {
  return [
    `Feito em ${directory}:`,
    ...files.map((file) => `  ${file}`),
    '',
    'Agora:',
    ...next.map((step) => `  ${step}`),
  ];
}

function wrong(field: string, problem: string): BaltoError {
  return new BaltoError({ code: 'BALTO_NEW_PLUGIN', message: `${field}: ${problem}`, field });
}
