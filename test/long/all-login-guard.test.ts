import t from 'tap';
import { LoginGuard } from '../../core/store/login-guard.ts';
import { forEachDatabase } from '../helpers/databases.ts';
import { MovableClock } from '../helpers/http-server.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

t.test('guesses of passwords, on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const clock = new MovableClock();
    const guard = new LoginGuard(store.db, store.secrets, clock);
    let places = 0;
    const newPlace = () => `10.${places >> 8}.${places++ & 255}.1`;
    t.beforeEach(async () => {
      clock.offsetMs = 0;
      await store.db.kysely.deleteFrom('login_attempts').execute();
      await store.db.kysely.deleteFrom('login_places').execute();
    });
    const fail = async (account: string, place: string, times: number) => {
      for (let count = 0; count < times; count += 1) await guard.begin(account, place);
    };
    const succeed = async (account: string, place: string) => (await guard.begin(account, place))?.succeeded();

    t.test('ten failures at one place, and none is checked there for ten minutes', async (t) => {
      const place = newPlace();
      await fail('ana@x', place, 6);
      await fail('bia@x', place, 4);
      t.equal(await guard.begin('ana@x', place), null);
      t.equal(await guard.begin('caio@x', place), null, 'whatever the account');
      t.ok(await guard.begin('ana@x', newPlace()), 'elsewhere it is');
      clock.offsetMs = 10 * MINUTE + 1;
      t.ok(await guard.begin('ana@x', place));
    });

    t.test('a right password is no failure', async (t) => {
      const place = newPlace();
      for (let count = 0; count < 30; count += 1) await succeed('ana@x', place);
      t.match(await guard.begin('ana@x', place), { isKnown: true, waitMs: 0 });
    });

    t.test('a thousand from elsewhere neither lock an account nor slow its own place down', async (t) => {
      const home = newPlace();
      await succeed('Ana@X ', home);
      for (let count = 0; count < 100; count += 1) await fail('ana@x', newPlace(), 10);
      t.match(await guard.begin('ana@x', home), { isKnown: true, waitMs: 0 }, 'as it was typed before, in other case');
      const away = await guard.begin('ana@x', newPlace());
      t.match(away, { isKnown: false, waitMs: 5000 }, 'from a new place it takes five seconds, and is checked');
      await away?.succeeded();
    });

    t.test('slower by what was tried, alike for accounts that do not exist', async (t) => {
      const waits: number[] = [];
      for (const account of ['owner@x', 'ninguem@x']) {
        for (let count = 0; count < 24; count += 1) {
          const attempt = await guard.begin(account, newPlace());
          waits.push(attempt?.waitMs ?? -1);
        }
      }
      const one = [...Array(21).fill(0), 50, 100, 150];
      t.same(waits, [...one, ...one]);
    });

    t.test('many accounts tried a little each slow new places down too', async (t) => {
      for (let count = 0; count < 220; count += 1) await guard.begin(`${count}@x`, newPlace());
      t.match(await guard.begin('outra@x', newPlace()), { waitMs: 1000 });
    });

    t.test('a known place is known for that account only, and for ninety days', async (t) => {
      const home = newPlace();
      await succeed('ana@x', home);
      t.match(await guard.begin('bia@x', home), { isKnown: false });
      await fail('bia@x', home, 9);
      t.equal(await guard.begin('caio@x', home), null);
      t.match(await guard.begin('ana@x', home), { isKnown: true }, 'a colleague’s failures are not hers');
      await fail('ana@x', home, 9);
      t.equal(await guard.begin('ana@x', home), null, 'her own are');
      clock.offsetMs = 91 * DAY;
      t.match(await guard.begin('ana@x', home), { isKnown: false });
    });

    t.test('the twenty newest places of an account are kept', async (t) => {
      const first = newPlace();
      await succeed('ana@x', first);
      for (let count = 0; count < 20; count += 1) {
        clock.offsetMs += 1000;
        await succeed('ana@x', newPlace());
      }
      t.match(await guard.begin('ana@x', first), { isKnown: false });
    });

    t.test('all processes count as one, and guesses sent at once as if in turn', async (t) => {
      const other = new LoginGuard(store.db, store.secrets, clock);
      const place = newPlace();
      const attempts = await Promise.all(
        Array.from({ length: 40 }, (_, index) => (index % 2 ? guard : other).begin('ana@x', place)),
      );
      t.equal(attempts.filter((attempt) => attempt !== null).length, 10);
    });

    t.test('neither addresses nor what was typed are stored readable, and nothing is kept for long', async (t) => {
      await succeed('ana@farmacia.com.br', '203.0.113.7');
      await fail('minha senha digitada no campo errado', '203.0.113.8', 1);
      const rows = [
        ...(await store.db.kysely.selectFrom('login_attempts').selectAll().execute()),
        ...(await store.db.kysely.selectFrom('login_places').selectAll().execute()),
      ];
      t.equal(rows.length, 2);
      t.notMatch(JSON.stringify(rows), /ana|senha|203/);
      clock.offsetMs = 11 * MINUTE;
      await guard.begin('x', newPlace());
      const left = await store.db.kysely.selectFrom('login_attempts').selectAll().execute();
      t.equal(left.length, 1);
    });
  }),
);
