import { existsSync, readFileSync } from 'node:fs';
import { BaltoError } from '../contracts/index.ts';
import { type Labels, parseLabels, QUALITY_FILE } from '../kit/label.ts';

/**
 * The labels a plugin brings: those of the `quality.json` beside its entry, or in the nearest folder above it, up to the
 * one with its `package.json`. Of the same plugin the file is read once per call of `labelReader`. A file that cannot be
 * read as labels counts as none, and `onBad` hears why.
 */
export function labelReader(onBad: (message: string) => void): (entry: string | undefined) => Labels {
  const known = new Map<string, Labels>();
  return (entry) => {
    if (!entry?.startsWith('file:')) return {};
    const labels = known.get(entry) ?? read(entry, onBad);
    known.set(entry, labels);
    return labels;
  };
}

function read(entry: string, onBad: (message: string) => void): Labels {
  const file = labelBeside(entry);
  if (!file) return {};
  try {
    return parseLabels(readFileSync(file, 'utf8'));
  } catch (error) {
    onBad(`${file.pathname}: ${error instanceof BaltoError ? error.message : 'não pode ser lido'}`);
    return {};
  }
}

function labelBeside(entry: string): URL | undefined {
  for (let folder = new URL('.', entry); ; folder = new URL('..', folder)) {
    const file = new URL(QUALITY_FILE, folder);
    if (existsSync(file)) return file;
    if (folder.pathname === '/' || existsSync(new URL('package.json', folder))) return undefined;
  }
}
