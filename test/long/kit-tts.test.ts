import t from 'tap';
import { proveTts, TTS_CHECKS } from '../../core/kit/index.ts';
import { referenceTests, trippedTests } from '../kit/menagerie.ts';
import { subjectOf } from '../kit/zoo-remote/defects.ts';
import { sharedAnimals } from '../kit/zoo-remote/shared-animals.ts';
import { ttsAnimals, voiced } from '../kit/zoo-tts/animals.ts';
import { acmeTts } from '../kit/zoo-tts/reference.ts';

/** A right provider answers over loopback at once; an animal is not waited for longer. */
const PATIENCE_MS = 500;

const animals = [...sharedAnimals(acmeTts, [{ id: 'speak', isRaw: true }], voiced), ...ttsAnimals];

referenceTests(t, { checks: TTS_CHECKS, prove: proveTts, reference: voiced(subjectOf(acmeTts)), animals });
trippedTests(t, animals, (subject, options) => proveTts(subject, { ...options, patienceMs: PATIENCE_MS }));
