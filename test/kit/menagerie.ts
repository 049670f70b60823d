import type { Test } from 'tap';
import type { KitReport } from '../../core/kit/index.ts';

/** A provider that is wrong in just one way. */
export interface Animal<Subject> {
  /** What is wrong with it. */
  name: string;
  /** The one check it must fail. */
  trips: string;
  subject: Subject;
}

export interface Zoo<Subject> {
  checks: readonly { id: string }[];
  prove(subject: Subject): Promise<KitReport>;
  /** A provider that does everything right. */
  reference: Subject;
  animals: readonly Animal<Subject>[];
  /** Animals that another test file shows to the kit: they count here, so that no check goes without. */
  elsewhere?: readonly Animal<Subject>[];
}

/** The tests of a suite: the reference passes all of it, each animal fails its own check and no other, none is missing. */
export function zooTests<Subject>(t: Test, zoo: Zoo<Subject>): void {
  referenceTests(t, zoo);
  animalTests(t, zoo);
}

/** Each animal is shown the check it must fail, and fails it: for suites too long to run whole for each of them. */
export function trippedTests<Subject>(
  t: Test,
  animals: readonly Animal<Subject>[],
  prove: (subject: Subject, options: { only: string[] }) => Promise<KitReport>,
): void {
  for (const { name, trips, subject } of animals) {
    t.test(`${trips}: ${name}`, async (test) => {
      const { results } = await prove(subject, { only: [trips] });
      test.match(results, [{ id: trips, outcome: 'failed' }]);
    });
  }
}

/** Each check has an animal, each id is there once, and the reference passes all of it. */
export function referenceTests<Subject>(t: Test, zoo: Zoo<Subject>): void {
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
