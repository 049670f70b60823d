import { readFile, rename, writeFile } from 'node:fs/promises';
import { compareLabel, type Label, type LabelFacts, type Labels, labelOf, parseLabels, type Shown } from './label.ts';

/** `BALTO_QUALITY=write` makes {@link holdToLabel} write labels instead of comparing them; refused where `CI` is set. */
const VARIABLE = 'BALTO_QUALITY';

type Environment = Record<string, string | undefined>;

/** Whether labels are written in this process. Throws Error in CI: there they are claims to be tested. */
export function writesLabels(env: Environment = process.env): boolean {
  const mode = env[VARIABLE]?.trim() ?? '';
  if (mode === '') return false;
  if (mode !== 'write') throw new Error(`${VARIABLE} is "write" or not set at all`);
  if (env['CI']) throw new Error(`${VARIABLE}=write is not for CI: a label that CI writes is held against nothing`);
  return true;
}

/** The labels in a `quality.json`; none where there is no such file. Throws BALTO_QUALITY_LABEL when it is not one. */
export async function readLabels(file: URL): Promise<Labels> {
  try {
    return parseLabels(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/**
 * Holds what the kit showed of one provider (a report per model, the default first) against its label in `file`:
 * ```ts
 * const report = await proveStt(subject);
 * t.same(await holdToLabel(new URL('../plugins/acme/quality.json', import.meta.url), report), []);
 * ```
 * @returns the differences ({@link compareLabel}); none with `BALTO_QUALITY=write`, which writes the label first.
 */
export async function holdToLabel(
  file: URL,
  shown: Shown,
  facts: LabelFacts = {},
  env: Environment = process.env,
): Promise<string[]> {
  const address = 'address' in shown ? shown.address : (shown[0]?.address ?? '');
  if (writesLabels(env)) await writeLabel(file, address, labelOf(shown, facts));
  return compareLabel((await readLabels(file))[address], shown, facts);
}

/** A label that says the same as before keeps its date: a run that changes nothing changes no file. */
async function writeLabel(file: URL, address: string, label: Label): Promise<void> {
  const labels = await readLabels(file);
  const old = labels[address];
  if (old && JSON.stringify({ ...old, date: label.date }) === JSON.stringify(label)) return;
  const sorted = Object.entries({ ...labels, [address]: label }).sort(([a], [b]) => (a < b ? -1 : 1));
  const fresh = new URL(`${file.href}.${process.pid}`);
  await writeFile(fresh, `${textOf(Object.fromEntries(sorted))}\n`);
  await rename(fresh, file);
}

/** As formatters write JSON: a list that fits the line stays on it. */
function textOf(labels: Labels): string {
  return JSON.stringify(labels, null, 2).replace(/\[\n\s+([^[\]{}]*?)\n\s+\]/g, (list, items: string) => {
    const line = `[${items.replace(/,\n\s+/g, ', ')}]`;
    return line.length <= 100 ? line : list;
  });
}
