import t from 'tap';
import { animalTests } from '../kit/stt-zoo.ts';
import { batchAnimals } from '../kit/zoo-stt/batch-animals.ts';

animalTests(t, batchAnimals);
