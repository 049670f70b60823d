import t from 'tap';
import { CLEANER_CHECKS, proveCleaner } from '../../core/kit/index.ts';
import { referenceTests, trippedTests } from '../kit/menagerie.ts';
import { cleanerAnimals } from '../kit/zoo-cleaner/animals.ts';
import { cleanerWith } from '../kit/zoo-cleaner/reference.ts';

referenceTests(t, {
  checks: CLEANER_CHECKS,
  prove: proveCleaner,
  reference: cleanerWith(),
  animals: cleanerAnimals,
});
trippedTests(t, cleanerAnimals, proveCleaner);
