import t from 'tap';
import { STT_CHECKS } from '../../core/kit/index.ts';
import { animalTests } from '../kit/stt-zoo.ts';
import { batchAnimals } from '../kit/zoo-stt/batch-animals.ts';
import { manifestAnimals } from '../kit/zoo-stt/manifest-animals.ts';
import { openAnimals } from '../kit/zoo-stt/open-animals.ts';
import { streamAnimals } from '../kit/zoo-stt/stream-animals.ts';
import { streamFaultAnimals } from '../kit/zoo-stt/stream-fault-animals.ts';

t.test('each check has an animal, and each id is there once', async (test) => {
  const ids = STT_CHECKS.map((check) => check.id);
  const animals = [...manifestAnimals, ...batchAnimals, ...openAnimals, ...streamAnimals, ...streamFaultAnimals];
  test.equal(new Set(ids).size, ids.length);
  test.same(animals.map((animal) => animal.trips).toSorted(), ids.toSorted());
});

animalTests(t, [...manifestAnimals, ...openAnimals]);
