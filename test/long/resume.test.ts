import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { wavReference, webmReference } from '../emulators/listening/references.ts';
import { conversation } from '../helpers/conversation.ts';
import { postgres } from '../helpers/databases.ts';
import { seededRandom } from '../helpers/noises.ts';
import { heardOnceAndWhole, resumeHouse } from '../helpers/resumed.ts';

const server = process.env['TEST_DATABASE_URL'];
const ROUNDS = Number(process.env['BALTO_RESUME_ROUNDS'] ?? 2);
const { script, wav, webm } = conversation();
const STREAMS = {
  PCM: { bytes: wav.subarray(44), reference: wavReference },
  WebM: { bytes: webm, reference: webmReference },
};

t.setTimeout(600_000);

t.test(
  'two processes on one Postgres: whichever serves is killed with -9, again and again',
  {
    skip: server ? false : 'TEST_DATABASE_URL is not set: two processes need a real Postgres',
  },
  async (t) => {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, { bytes, reference }] of Object.entries(STREAMS)) {
        await t.test(`${name}, round ${round + 1}`, async (t) => {
          const seed = Date.now() % 1_000_000;
          t.comment(`seed ${seed}`);
          const random = seededRandom(seed);
          const house = await resumeHouse(t, await postgres(t, server ?? ''), await reference());
          let other = house.start();
          const stream = { bytes, seconds: script.durationMs / 1000, said: script.utterances };
          let kills = 0;
          await heardOnceAndWhole(t, house, stream, async (device) => {
            while (!device.isDone) {
              await sleep(1000 + random() * 3000);
              const [dying, next] = [house.serving, await other];
              if (device.isDone) break;
              const connections = device.of('pronto').length;
              house.serving = next;
              await dying.kill();
              kills++;
              other = house.start();
              await device.until((each) => each.isDone || each.of('pronto').length > connections);
            }
          });
          t.ok(kills >= 2, `${kills} kills`);
          await (await other).stop();
        });
      }
    }
  },
);
