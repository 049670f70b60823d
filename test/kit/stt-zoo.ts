import type { Test } from 'tap';
import { proveStt, type SttSubject } from '../../core/kit/index.ts';
import type { Animal } from './menagerie.ts';

/** A right provider answers over loopback at once; an animal is not waited for longer than this. */
const PATIENCE_MS = 600;

/** Each animal is shown the check it must fail, and fails it; that the reference passes is a test of its own. */
export function animalTests(t: Test, animals: readonly Animal<SttSubject>[]): void {
  for (const { trips, name, subject } of animals) {
    t.test(`${trips}: ${name}`, async (test) => {
      const { results, tier } = await proveStt(subject, { only: [trips], patienceMs: PATIENCE_MS });
      test.match(results, [{ id: trips, outcome: 'failed' }], JSON.stringify(results));
      test.not(tier, 'platinum');
      test.comment(results[0]?.detail ?? '');
    });
  }
}
