import t from 'tap';
import { proveVad } from '../../core/kit/index.ts';
import { animalTests } from './menagerie.ts';
import { qualityAnimals } from './zoo-vad/quality-animals.ts';

animalTests(t, { prove: proveVad, animals: qualityAnimals });
