import type { Test } from 'tap';
import type { Check, KitReport } from '../../core/kit/index.ts';

/** A provider that is wrong in just one way. */
export interface Animal<Subject> {
  /** What is wrong with it. */
  name: string;
  /** The one check it must fail. */
  trips: string;
  subject: Subject;
}

export interface Zoo<Subject> {
  checks: readonly Check<Subject>[];
  prove(subject: Subject): Promise<KitReport>;
  /** A provider that does everything right. */
  reference: Subject;
  animals: readonly Animal<Subject>[];
  /** Animals that another test file shows to the kit: they count here, so that no check goes without. */
  elsewhere?: readonly Animal<Subject>[];
}

/** The tests of a suite: the reference passes all of it, each animal fails its own check and no other, none is missing. */
export function zooTests<Subject>(t: Test, zoo: Zoo<Subject>): void {
  t.test('the reference passes every check, and none is exempt', async (test) => {
    const { results, tier } = await zoo.prove(zoo.reference);
    for (const { id, outcome, detail } of results) test.equal(outcome, 'passed', `${id}: ${detail}`);
    test.equal(results.length, zoo.checks.length);
    test.equal(tier, 'platinum');
  });

  t.test('each check has an animal, and each id is there once', async (test) => {
    const ids = zoo.checks.map(({ id }) => id);
    test.equal(new Set(ids).size, ids.length);
    const tripped = new Set([...zoo.animals, ...(zoo.elsewhere ?? [])].map(({ trips }) => trips));
    test.same([...tripped].toSorted(), ids.toSorted());
  });

  animalTests(t, zoo);
}

/** Each animal fails its own check and no other. */
export function animalTests<Subject>(t: Test, { prove, animals }: Pick<Zoo<Subject>, 'prove' | 'animals'>): void {
  for (const { name, trips, subject } of animals) {
    t.test(`${trips}: ${name}`, async (test) => {
      const { results } = await prove(subject);
      const failed = results.filter(({ outcome }) => outcome === 'failed');
      test.same(
        failed.map(({ id }) => id),
        [trips],
        failed.map(({ id, detail }) => `${id}: ${detail}`).join('; '),
      );
    });
  }
}
