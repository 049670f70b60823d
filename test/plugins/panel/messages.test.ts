import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';

const SOURCES = new URL('../../../plugins/panel/web/src/', import.meta.url).pathname;
const AREAS = join(SOURCES, 'messages');

function files(pattern: RegExp): { path: string; text: string }[] {
  return readdirSync(SOURCES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: path.slice(SOURCES.length), text: readFileSync(path, 'utf8') }));
}

/** Comments say what they like. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/[^\n]*/g, '$1');
}

const code = files(/\.tsx?$/).map(({ path, text }) => ({ path, text: withoutComments(text) }));

t.test('no text a person reads stands in the code', async (t) => {
  /** Text between tags, and attributes that are read out or shown. */
  const BETWEEN_TAGS = />\s*([^<>{}()=;]*\p{L}{2,}[^<>{}()=;]*)\s*<\//gu;
  const ATTRIBUTES =
    /\b(?:title|label|placeholder|alt|lead|hint|caption|confirmLabel|aria-label|aria-description)="([^"]*\p{L}[^"]*)"/gu;
  const ACCENTED = /(['"`])([^'"`\n]*[áàâãéêíóôõúç][^'"`\n]*)\1/giu;
  for (const { path, text } of code) {
    if (path.startsWith('messages/')) continue;
    const found = [BETWEEN_TAGS, ATTRIBUTES].flatMap((pattern) =>
      path.endsWith('.tsx') ? [...text.matchAll(pattern)] : [],
    );
    const accented = [...text.matchAll(ACCENTED)];
    t.same(
      [...found, ...accented].map(([whole]) => whole).filter((whole) => !/>\s*Balto\s*</.test(whole)),
      [],
      path,
    );
  }
});

t.test('every text is used, and none is empty', async (t) => {
  for (const name of readdirSync(AREAS)) {
    const area = basename(name, '.ts');
    const module = (await import(join(AREAS, name))) as Record<string, { table?: Record<string, unknown> }>;
    const tables = Object.values(module).flatMap(({ table }) => (table ? [table] : []));
    t.ok(tables.length > 0, `${name} has a table`);
    const users = code.filter(({ path, text }) => path !== `messages/${name}` && text.includes(`messages/${area}.ts`));
    t.ok(users.length > 0, `${name} is used`);
    const text = users.map(({ text }) => text).join('\n');
    /** `t(`state.${x}`)` uses every key that begins so. */
    const built = [...text.matchAll(/[`'"]([\w.-]*)\$\{/g)]
      .map(([, prefix = '']) => prefix)
      .filter((prefix) => prefix !== '');
    const prefixes = [...built, ...[...text.matchAll(/['"`]([\w.-]+\.)['"`]\s*\+/g)].map(([, prefix = '']) => prefix)];
    for (const [key, value] of tables.flatMap((table) => Object.entries(table))) {
      const isUsed = new RegExp(`['"\`]${key.replaceAll('.', '\\.')}['"\`]`).test(text);
      t.ok(isUsed || prefixes.some((prefix) => key.startsWith(prefix)), `${area}: ${key} is used`);
      const forms = typeof value === 'string' ? [value] : Object.values(value as Record<string, string>);
      t.ok(
        forms.every((form) => form.trim() !== ''),
        `${area}: ${key} says something`,
      );
    }
  }
});

t.test('no markup is made from a string', async (t) => {
  for (const { path, text } of code) {
    t.notMatch(text, /dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/, path);
  }
});
