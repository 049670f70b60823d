import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import { CONTRACT_VERSION, type Kind } from '../contracts/index.ts';
import { namesOf, ofKind, type Places, type PluginNames, renamed, withImports } from './new-plugin-text.ts';

/** One file of a new plugin; `path` is relative to the folder it is made in. */
export interface NewFile {
  path: string;
  text: string;
}

interface Template {
  /** Relative to `templates/`. */
  from: string;
  to: string;
  /** There is one already: nothing is written, imports find what is there. */
  isThere?: boolean;
}

const TEMPLATES = new URL('./templates/', import.meta.url);

/** Templates that serve every kind beside them: written for one of them. */
const SHARED = new Set(['index.ts', 'package.ts', 'tap.ts', 'node.ts', 'inside.md', 'package.md']);

/** Kinds that ask a vendor over HTTP; the others work in this process, and have no wire, no errors and no emulator. */
const REMOTE: readonly Kind[] = ['stt', 'llm', 'tts', 'embeddings'];

/** The folders of a plugin, inside Balto's repository and in a package of its own. */
interface Layout {
  source: string;
  emulator: string;
  test: string;
  /** Where `quality.json` lies. */
  label: string;
  readme: string;
  /** Where clips of voices lie. */
  voices: string;
  runner: 'tap' | 'node';
  entry: 'index' | 'package';
  packages: Places['packages'];
}

function insideLayout(name: string): Layout {
  return {
    source: `plugins/${name}/`,
    emulator: `test/emulators/${name}.ts`,
    test: `test/plugins/${name}.test.ts`,
    label: `plugins/${name}/quality.json`,
    readme: `plugins/${name}/README.md`,
    voices: `test/helpers/${name}-voices.ts`,
    runner: 'tap',
    entry: 'index',
    packages: new Map([
      ['balto/contracts', 'core/contracts/index.ts'],
      ['balto/kit', 'core/kit/index.ts'],
    ]),
  };
}

const PACKAGE: Layout = {
  source: 'src/',
  emulator: 'test/emulator.ts',
  test: 'test/kit.test.ts',
  label: 'quality.json',
  readme: 'README.md',
  voices: 'test/voices.ts',
  runner: 'node',
  entry: 'package',
  packages: new Map(),
};

/** A plugin inside Balto's own repository: found by its folder, tested by `npx tap`. */
export function pluginInside(name: string, kind: Kind): NewFile[] {
  return filesOf(namesOf(name), kind, insideLayout(name));
}

/** A package of its own, which knows `balto/contracts` and `balto/kit` and nothing else. `balto` is where Balto is. */
export function pluginPackage(name: string, kind: Kind, directory: string, balto: BaltoPackage): NewFile[] {
  return [
    ...filesOf(namesOf(name), kind, PACKAGE),
    { path: 'package.json', text: json(manifestOf(name, relative(directory, balto.directory), balto)) },
    { path: 'tsconfig.json', text: json(TSCONFIG) },
    { path: 'tsconfig.build.json', text: json(TSCONFIG_BUILD) },
    { path: '.gitignore', text: 'node_modules/\ndist/\n*.tgz\n' },
  ];
}

/** The Balto that makes it. */
export interface BaltoPackage {
  directory: string;
  devDependencies: Record<string, string>;
}

function templatesOf(kind: Kind, layout: Layout): Template[] {
  const { source, emulator, test, runner, entry, label, readme, voices } = layout;
  const isInside = entry === 'index';
  const shared = [
    { from: `quality/${kind}.json`, to: label },
    { from: `${entry}.ts`, to: `${source}index.ts` },
    { from: `${kind}.ts`, to: `${source}${kind}.ts` },
    { from: kind === 'speaker' ? `speaker-${runner}.ts` : `${runner}.ts`, to: test },
    { from: isInside ? 'inside.md' : 'package.md', to: readme },
  ];
  const remote = [
    { from: 'config.ts', to: `${source}config.ts` },
    { from: 'errors.ts', to: `${source}errors.ts` },
    { from: `${kind}-wire.ts`, to: `${source}wire.ts` },
    { from: `${kind}-emulator.ts`, to: emulator },
  ];
  const local = [
    { from: `${kind}-config.ts`, to: `${source}config.ts` },
    kind === 'speaker'
      ? { from: 'voices.ts', to: voices }
      : { from: 'recording.ts', to: isInside ? 'test/helpers/labelled.ts' : 'test/recording.ts', isThere: isInside },
  ];
  const isRemote = REMOTE.includes(kind);
  return [...shared, ...(isRemote ? remote : local)].map((template) =>
    template.from.includes('/') ? template : { ...template, from: `${isRemote ? 'remote' : 'local'}/${template.from}` },
  );
}

function filesOf(names: PluginNames, kind: Kind, layout: Layout): NewFile[] {
  const { packages, label } = layout;
  const templates = templatesOf(kind, layout);
  const targets = new Map(templates.map(({ from, to }) => [basename(from), to]));
  targets.set('quality.json', label);
  const written = REMOTE.includes(kind) ? 'stt' : 'vad';
  return templates
    .filter(({ isThere }) => isThere !== true)
    .map(({ from, to }) => {
      const text = readFileSync(new URL(from, TEMPLATES), 'utf8');
      const its = SHARED.has(basename(from)) ? ofKind(text, written, kind) : text;
      return { path: to, text: renamed(withImports(its, to, { targets, packages }), names) };
    });
}

function manifestOf(name: string, balto: string, { devDependencies }: BaltoPackage): Record<string, unknown> {
  return {
    name: `balto-plugin-${name}`,
    version: '0.1.0',
    description: `Balto: ${namesOf(name).title}`,
    type: 'module',
    engines: { node: '>=22.18' },
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist', 'quality.json'],
    scripts: {
      build: 'tsc -p tsconfig.build.json',
      typecheck: 'tsc --noEmit',
      test: 'node --test test/*.test.ts',
      prepack: 'npm run build',
    },
    peerDependencies: { balto: `^${CONTRACT_VERSION}` },
    devDependencies: {
      '@types/node': devDependencies['@types/node'],
      balto: `file:${balto}`,
      // The Node that the scripts run on, as in Balto's own repository: whoever has an older one needs no other.
      node: devDependencies['node'],
      typescript: devDependencies['typescript'],
    },
  };
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['src', 'test'],
};

const TSCONFIG_BUILD = {
  extends: './tsconfig.json',
  compilerOptions: { noEmit: false, outDir: 'dist', rootDir: 'src', declaration: true },
  include: ['src'],
};

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
