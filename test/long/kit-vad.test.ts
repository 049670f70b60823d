import t from 'tap';
import { proveVad, VAD_CHECKS } from '../../core/kit/index.ts';
import { zooTests } from '../kit/menagerie.ts';
import { basicAnimals } from '../kit/zoo-vad/basic-animals.ts';
import { qualityAnimals } from '../kit/zoo-vad/quality-animals.ts';
import { vadWith } from '../kit/zoo-vad/reference.ts';
import { streamAnimals } from '../kit/zoo-vad/stream-animals.ts';

zooTests(t, {
  checks: VAD_CHECKS,
  prove: proveVad,
  reference: vadWith(),
  animals: [...basicAnimals, ...streamAnimals],
  elsewhere: qualityAnimals,
});
