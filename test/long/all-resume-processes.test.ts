import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { wavReference } from '../emulators/listening/references.ts';
import { embedded, postgres } from '../helpers/databases.ts';
import { seededRandom } from '../helpers/noises.ts';
import { heardOnceAndWhole, resumeHouse } from '../helpers/resumed.ts';
import { pcmBetween, spokenUntil } from '../helpers/talk.ts';

const server = process.env['TEST_DATABASE_URL'];
const UNTIL_MS = 37_200;
const STREAM = { bytes: pcmBetween(0, UNTIL_MS), seconds: UNTIL_MS / 1000, said: spokenUntil(UNTIL_MS) };

t.test(
  'of two processes on one Postgres the one that serves is killed with -9: the other goes on',
  {
    skip: server ? false : 'TEST_DATABASE_URL is not set: two processes need a real Postgres',
  },
  async (t) => {
    const seed = Date.now() % 1_000_000;
    t.comment(`seed ${seed}`);
    const house = await resumeHouse(t, await postgres(t, server ?? ''), await wavReference());
    const other = await house.start();
    await heardOnceAndWhole(t, house, STREAM, async () => {
      await sleep(1000 + seededRandom(seed)() * 5000);
      const dying = house.serving;
      house.serving = other;
      await dying.kill();
    });
  },
);

t.test('the only process is killed with -9, and the next one goes on', async (t) => {
  const house = await resumeHouse(t, await embedded(t), await wavReference());
  await heardOnceAndWhole(t, house, STREAM, async () => {
    await sleep(3000);
    await house.serving.kill();
    house.serving = await house.start();
  });
});

t.test('a server that is stopped hands its counters over, in the middle of a word', async (t) => {
  const house = await resumeHouse(t, await embedded(t), await wavReference());
  await heardOnceAndWhole(t, house, STREAM, async (device) => {
    await sleep(2500);
    t.equal(await house.serving.stop(), 0);
    t.ok(device.closes.some(({ code }) => code === 1001));
    house.serving = await house.start();
  });
});
