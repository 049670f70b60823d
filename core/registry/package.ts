import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import satisfies from 'semver/functions/satisfies.js';
import { BaltoError, CONTRACT_VERSION } from '../contracts/index.ts';

/**
 * What to import for a plugin named in the configuration, once its package is known to speak these contracts. A name is
 * looked for beside Balto, then in the folder it was started in; a path or a `file:` URL is an operator's own file.
 * Throws BALTO_PLUGIN_PEER before any of its code runs.
 */
export function locatePackage(name: string): string {
  if (name.startsWith('file:') || name.startsWith('/')) {
    const url = name.startsWith('/') ? pathToFileURL(name).href : name;
    const manifest = manifestFrom(url);
    const range = manifest === undefined ? undefined : peerRange(manifest);
    if (range !== undefined) checkRange(name, range);
    return url;
  }
  const here = pathToFileURL(join(process.cwd(), 'package.json')).href;
  for (const base of [import.meta.url, here]) {
    const manifest = manifestFrom(name, base);
    if (manifest === undefined) continue;
    checkRange(name, peerRange(manifest));
    return base === here ? entryFrom(name, here) : name;
  }
  return name; // the import says that there is none
}

/** A package that names no range is refused: written for other contracts, it would fail before a customer, not here. */
function checkRange(name: string, range: string | undefined): void {
  if (range !== undefined && satisfies(CONTRACT_VERSION, range)) return;
  const problem =
    range === undefined
      ? `não diz com que versões do Balto funciona: falta "peerDependencies": { "balto": "^${CONTRACT_VERSION}" } no package.json dele`
      : `pede balto "${range.slice(0, 80)}" (peerDependencies), e este Balto fala a versão ${CONTRACT_VERSION} dos contratos`;
  throw new BaltoError({ code: 'BALTO_PLUGIN_PEER', message: `o pacote "${name}" ${problem}`, field: name });
}

function peerRange(manifest: string): string | undefined {
  const { peerDependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as {
    peerDependencies?: Record<string, unknown>;
  };
  const range = peerDependencies?.['balto'];
  return typeof range === 'string' ? range : undefined;
}

function manifestFrom(specifier: string, base?: string): string | undefined {
  try {
    // Where there is none above a file, Node gives the file itself.
    const found = findPackageJSON(specifier, base);
    return found?.endsWith('package.json') ? found : undefined;
  } catch {
    return undefined; // not there, or not a name: the import says which
  }
}

function entryFrom(name: string, base: string): string {
  try {
    return pathToFileURL(createRequire(base).resolve(name)).href;
  } catch {
    return name; // it has no entry: the import says so
  }
}
