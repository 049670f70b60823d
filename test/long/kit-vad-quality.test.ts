import t from 'tap';
import { proveVad } from '../../core/kit/index.ts';
import { animalTests } from '../kit/menagerie.ts';
import { qualityAnimals } from '../kit/zoo-vad/quality-animals.ts';

animalTests(t, { prove: proveVad, animals: qualityAnimals });
