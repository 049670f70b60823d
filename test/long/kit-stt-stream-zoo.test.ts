import t from 'tap';
import { animalTests } from '../kit/stt-zoo.ts';
import { streamAnimals } from '../kit/zoo-stt/stream-animals.ts';
import { streamFaultAnimals } from '../kit/zoo-stt/stream-fault-animals.ts';

animalTests(t, [...streamAnimals, ...streamFaultAnimals]);
