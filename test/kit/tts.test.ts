import t from 'tap';
import { proveTts, TTS_CHECKS } from '../../core/kit/index.ts';
import { referenceTests, trippedTests } from './menagerie.ts';
import { subjectOf } from './zoo-remote/defects.ts';
import { sharedAnimals } from './zoo-remote/shared-animals.ts';
import { ttsAnimals, voiced } from './zoo-tts/animals.ts';
import { acmeTts } from './zoo-tts/reference.ts';

/** A right provider answers over loopback at once; an animal is not waited for longer. */
const PATIENCE_MS = 500;

const animals = [...sharedAnimals(acmeTts, [{ id: 'speak', isRaw: true }], voiced), ...ttsAnimals];

referenceTests(t, { checks: TTS_CHECKS, prove: proveTts, reference: voiced(subjectOf(acmeTts)), animals });
trippedTests(t, animals, (subject, options) => proveTts(subject, { ...options, patienceMs: PATIENCE_MS }));
