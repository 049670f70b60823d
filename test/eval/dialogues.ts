import { readFileSync } from 'node:fs';

/** What nobody may be offered in a dialogue: no medicine, none to swallow, or no product at all. */
export type Forbidden = 'medicine' | 'medicine-oral' | 'all';

export type Split = 'dev' | 'test';

/** One conversation at a counter, labelled. Items are codes of the starter catalogue. */
export interface Dialogue {
  id: string;
  split: Split;
  kind: string;
  /** What each send holds, in order. */
  turns: string[];
  /** Needs that a good answer serves, each with the items that serve it. */
  expected: { need: string; items: ReadonlySet<string> }[];
  /** Further items that are no mistake. */
  welcome: ReadonlySet<string>;
  /** Named already: to suggest them is a mistake. */
  named: ReadonlySet<string>;
  forbidden: Forbidden | null;
}

interface Written {
  id: string;
  kind: string;
  turns: string[];
  expect: string[];
  also?: string[];
  named?: string[];
  forbid?: Forbidden;
}

const FOLDER = new URL('../fixtures/eval/', import.meta.url);

function json(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
}

/** The labelled dialogues of `test/fixtures/eval/`. Throws where a label names a group that does not exist. */
export function dialogues(splits: readonly Split[]): Dialogue[] {
  const groups = json('groups.json') as Record<string, string[]>;
  const items = (need: string): string[] => {
    const found = groups[need];
    if (!found) throw new Error(`no such group: ${need}`);
    return found;
  };
  return splits.flatMap((split) =>
    (json(`${split}.json`) as Written[]).map((written) => ({
      id: written.id,
      split,
      kind: written.kind,
      turns: written.turns,
      expected: written.expect.map((need) => ({ need, items: new Set(items(need)) })),
      welcome: new Set((written.also ?? []).flatMap(items)),
      named: new Set(written.named ?? []),
      forbidden: written.forbid ?? null,
    })),
  );
}
