import t from 'tap';
import { proveSpeaker, SPEAKER_CHECKS } from '../../core/kit/index.ts';
import { referenceTests, trippedTests } from './menagerie.ts';
import { speakerAnimals } from './zoo-speaker/animals.ts';
import { speakerWith } from './zoo-speaker/reference.ts';

referenceTests(t, {
  checks: SPEAKER_CHECKS,
  prove: proveSpeaker,
  reference: speakerWith(),
  animals: speakerAnimals,
});
trippedTests(t, speakerAnimals, proveSpeaker);
