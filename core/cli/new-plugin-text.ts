import { dirname, relative } from 'node:path/posix';
import type { Kind } from '../contracts/index.ts';

/** How the name of a plugin is written where the templates write `acme`. */
export interface PluginNames {
  /** `minha-voz`: ids, files. */
  kebab: string;
  /** `minhaVoz`: values. */
  camel: string;
  /** `MinhaVoz`: classes. */
  pascal: string;
  /** `Minha Voz`: for people. */
  title: string;
  /** `MINHA_VOZ`: variables. */
  env: string;
}

export function namesOf(kebab: string): PluginNames {
  const words = kebab.split('-').map(capital);
  const pascal = words.join('');
  return {
    kebab,
    pascal,
    camel: `${words[0]?.toLowerCase() ?? ''}${words.slice(1).join('')}`,
    title: words.join(' '),
    env: kebab.toUpperCase().replaceAll('-', '_'),
  };
}

/** A template's text with the plugin's name in the place of `acme`, in each of its writings. */
export function renamed(text: string, { kebab, camel, pascal, title, env }: PluginNames): string {
  return text.replace(/acme/gi, (found, at: number) => {
    const isWithin = /[A-Z]/.test(text[at + found.length] ?? '') || /[a-z]/.test(text[at - 1] ?? '');
    if (found === 'ACME') return env;
    if (found === 'Acme') return isWithin ? pascal : title;
    return isWithin ? camel : kebab;
  });
}

/** A template written for the kind `from`, and serving all of its family, as `kind` has it. */
export function ofKind(text: string, from: Kind, kind: Kind): string {
  return text
    .replace(new RegExp(`${capital(from)}\\b`, 'g'), capital(kind))
    .replace(new RegExp(`\\b${from}(?=[-./])`, 'g'), kind);
}

/** Where each import of a template points once it is written: `./x.ts` by `targets`, `balto/…` by `packages`. */
export interface Places {
  /** Template file → file of the plugin, both relative to their roots. */
  targets: ReadonlyMap<string, string>;
  /** `balto/contracts` → the file that is it inside the repository; empty where it is a package. */
  packages: ReadonlyMap<string, string>;
}

/** The text of one template with its imports, and its `new URL('./…')`, as they are from `target`. */
export function withImports(text: string, target: string, { targets, packages }: Places): string {
  return text.replace(/( from | new URL\()'([^']+)'/g, (found, before: string, specifier: string) => {
    const place = specifier.startsWith('./') ? targets.get(specifier.slice(2)) : packages.get(specifier);
    return place === undefined ? found : `${before}'${relativeTo(target, place)}'`;
  });
}

function relativeTo(from: string, to: string): string {
  const path = relative(dirname(from), to);
  return path.startsWith('.') ? path : `./${path}`;
}

function capital(word: string): string {
  return `${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`;
}
