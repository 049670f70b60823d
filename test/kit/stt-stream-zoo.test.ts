import t from 'tap';
import { animalTests } from './stt-zoo.ts';
import { streamAnimals } from './zoo-stt/stream-animals.ts';
import { streamFaultAnimals } from './zoo-stt/stream-fault-animals.ts';

animalTests(t, [...streamAnimals, ...streamFaultAnimals]);
