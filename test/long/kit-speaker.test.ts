import t from 'tap';
import { proveSpeaker, SPEAKER_CHECKS } from '../../core/kit/index.ts';
import { referenceTests, trippedTests } from '../kit/menagerie.ts';
import { speakerAnimals } from '../kit/zoo-speaker/animals.ts';
import { speakerWith } from '../kit/zoo-speaker/reference.ts';

referenceTests(t, {
  checks: SPEAKER_CHECKS,
  prove: proveSpeaker,
  reference: speakerWith(),
  animals: speakerAnimals,
});
trippedTests(t, speakerAnimals, proveSpeaker);
