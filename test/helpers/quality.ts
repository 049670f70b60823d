import type { Test } from 'tap';
import { holdToLabel, type LabelFacts, type Shown } from '../../core/kit/index.ts';

/** Where a plugin of ours keeps its labels. */
export function labelFile(plugin: string): URL {
  return new URL(`../../plugins/${plugin}/quality.json`, import.meta.url);
}

/**
 * Fails for every check that the kit failed, and for every difference between what it showed of one provider and that
 * provider's label: a plugin of the house passes everything, and claims exactly that. `npm run quality` writes the labels.
 */
export async function heldToLabel(test: Test, plugin: string, shown: Shown, facts: LabelFacts = {}): Promise<void> {
  for (const { model, results } of 'address' in shown ? [shown] : shown) {
    for (const { id, title, outcome, detail } of results) {
      test.not(outcome, 'failed', `${model ?? plugin} ${id}: ${detail ?? title}`);
    }
  }
  const claims = 'quality.json claims what the kit shows, no more and no less';
  test.same(await holdToLabel(labelFile(plugin), shown, facts), [], claims);
}
