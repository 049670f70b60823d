import t from 'tap';
import { proveVad, VAD_CHECKS } from '../../core/kit/index.ts';
import { zooTests } from './menagerie.ts';
import { basicAnimals } from './zoo-vad/basic-animals.ts';
import { qualityAnimals } from './zoo-vad/quality-animals.ts';
import { vadWith } from './zoo-vad/reference.ts';
import { streamAnimals } from './zoo-vad/stream-animals.ts';

zooTests(t, {
  checks: VAD_CHECKS,
  prove: proveVad,
  reference: vadWith(),
  animals: [...basicAnimals, ...streamAnimals],
  elsewhere: qualityAnimals,
});
