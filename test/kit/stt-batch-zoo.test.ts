import t from 'tap';
import { animalTests } from './stt-zoo.ts';
import { batchAnimals } from './zoo-stt/batch-animals.ts';

animalTests(t, batchAnimals);
