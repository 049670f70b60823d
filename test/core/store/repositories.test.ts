import { readFile } from 'node:fs/promises';
import t from 'tap';
import type { Clock } from '../../../core/contracts/index.ts';
import { systemClock } from '../../../core/store/system-clock.ts';
import { forEachDatabase } from '../../helpers/databases.ts';
import { interaction, usage } from '../../helpers/interactions.ts';

const MINUTE = 60_000;

t.test('on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    const clock: Clock = { ...systemClock, date: () => new Date(now) };
    const store = await open({ clock });
    const { client, code } = await store.clients.create({ email: 'a@x', companyName: 'A' }, 24);

    t.test('a code expires, is renewed, and a taken e-mail is said', async (t) => {
      await t.rejects(store.clients.create({ email: ' A@X ', companyName: 'B' }), {
        code: 'BALTO_CLIENT_EMAIL_TAKEN',
        statusCode: 409,
      });
      t.same((await store.clients.byCode(code))?.codeCreatedAt, new Date(now));
      now += 24 * 60 * MINUTE;
      t.equal(await store.clients.byCode(code), null, 'a day later');
      const renewed = (await store.clients.createCode(client.clientId)) ?? '';
      t.equal((await store.clients.byCode(renewed))?.client.clientId, client.clientId);
      const third = (await store.clients.createCode(client.clientId)) ?? '';
      if (third !== renewed) t.equal(await store.clients.byCode(renewed), null, 'the one before stops working');
      t.equal(await store.clients.createCode('nobody'), null);
    });

    t.test('a counter waits, serves, is suspended, renamed, rotated, revoked', async (t) => {
      const { counter, apiKey } = await store.counters.register(client.clientId, 'Caixa', 'pending');
      const { counterId } = counter;
      t.equal((await store.counters.byKey(apiKey))?.status, 'pending');
      const by = { actor: 'cli' };
      const { counterChanges } = store;
      await counterChanges.approve(counterId, by);
      await counterChanges.update(counterId, { name: 'Caixa 2' }, by);
      await counterChanges.update(counterId, { vad: { thresholdMultiplier: 2, minEnergy: 80 } }, by);
      await store.clients.update(client.clientId, { vad: { alpha: 0.1 } }, by);
      t.strictSame(await store.counters.byKey(apiKey), {
        counterId,
        clientId: client.clientId,
        counterName: 'Caixa 2',
        keyPrefix: apiKey.slice(0, 11),
        status: 'active',
        presetVad: { thresholdMultiplier: 2, minEnergy: 80 },
        clientVad: { alpha: 0.1 },
        tags: [],
        // 1 each, and one more for each of approve, rename and the two settings.
        revision: 6,
      });
      t.same(await store.counters.revisions([counterId, 'nobody']), new Map([[counterId, 6]]));
      t.match((await store.counters.tunings([counterId])).get(counterId), {
        presetVad: { minEnergy: 80 },
        revision: 6,
      });
      await store.counters.seen([counterId]);
      t.equal((await store.counters.byKey(apiKey))?.revision, 6, 'what the server notes by itself is no change');
      await counterChanges.suspend(counterId, by);
      t.equal((await store.counters.byKey(apiKey))?.status, 'suspended');
      const rotated = await counterChanges.rotate(counterId, by);
      t.equal(await store.counters.byKey(apiKey), null, 'the old key');
      t.equal((await store.counters.byKey(rotated?.apiKey ?? ''))?.status, 'suspended');
      await counterChanges.revoke(counterId, by);
      t.equal(await store.counters.byKey(rotated?.apiKey ?? ''), null);
      await t.rejects(counterChanges.approve(counterId, by), { code: 'BALTO_COUNTER_REVOKED', statusCode: 409 });
      t.match(await store.counters.listByClient(client.clientId), [{ counterId, status: 'revoked', revision: 7 }]);
      t.equal(await counterChanges.update('nobody', { name: 'x' }, by), null);
    });

    t.test('an owner, its password, and sessions that end', async (t) => {
      t.equal(await store.admin.hasOwner(), false);
      t.equal(await store.admin.bootstrapOwner('primeira senha longa'), 'created');
      t.equal(await store.admin.bootstrapOwner('primeira senha longa'), 'unchanged');
      t.equal(await store.admin.login(null, 'auth_ok'), null);
      const user = await store.admin.login(null, 'primeira senha longa');
      t.match(user, { id: 'owner', email: null });
      const { token } = await store.admin.createSession('owner', '127.0.0.1');
      t.equal(await store.admin.session('auth_ok'), null);
      now += 59 * MINUTE;
      t.match(await store.admin.session(token), { roles: [{ clientId: null, role: 'owner' }] });
      now += 59 * MINUTE;
      t.ok(await store.admin.session(token), 'use renews it');
      now += 60 * MINUTE;
      t.equal(await store.admin.session(token), null, 'an hour without use');
      const again = await store.admin.createSession('owner');
      await store.admin.revoke(again.token);
      t.equal(await store.admin.session(again.token), null);
      const third = await store.admin.createSession('owner');
      t.equal(await store.admin.bootstrapOwner('outra senha bem longa'), 'changed');
      t.equal(await store.admin.session(third.token), null, 'a changed password ends sessions');
      t.equal(await store.admin.login('ninguem@x', 'outra senha bem longa'), null);
    });

    t.test('every price list that was in force is kept', async (t) => {
      const { version, prices } = JSON.parse(
        await readFile(new URL('../../../config/prices.json', import.meta.url), 'utf8'),
      );
      await store.prices.remember(version, prices);
      await store.prices.remember('2020-01-01', prices.slice(0, 1));
      await store.prices.remember(version, prices);
      t.strictSame(await store.prices.version(version), prices);
      t.equal((await store.prices.version('2020-01-01')).length, 1);
      t.same(await store.prices.version('1999-01-01'), []);
    });

    t.test('interactions: newest first, page by page, filtered', async (t) => {
      const { counter } = await store.counters.register(client.clientId, 'Balcão');
      const rows = Array.from({ length: 7 }, (_, index) =>
        interaction({
          id: store.ids.nextId(),
          clientId: client.clientId,
          counterId: index === 6 ? 'gone' : counter.counterId,
          // Two at the same instant: the id decides.
          timestamp: new Date(Date.UTC(2026, 10, 21, 12, 0, Math.floor(index / 2))),
          transcript: index === 3 ? 'Tenho 50% de DESCONTO?' : `fala ${index}`,
          interactionType: index === 5 ? 'discarded_empty' : 'valid',
        }),
      );
      const spent = [usage({ clientId: client.clientId }), usage({ clientId: client.clientId, costMicroUsd: 9 })];
      for (const row of rows) await store.journal.append({ type: 'interaction', interaction: row, usage: [] });
      await store.journal.append({ type: 'patch', interactionId: rows[0]?.id ?? 0, fields: {}, usage: spent });
      await store.drained();
      const ids = rows.map(({ id }) => id).reverse();
      const filter = { clientId: client.clientId };
      const first = await store.interactions.list(filter, 3);
      const second = await store.interactions.list(filter, 3, first.cursor ?? '');
      const third = await store.interactions.list(filter, 3, second.cursor ?? '');
      t.same(
        [...first.rows, ...second.rows, ...third.rows].map(({ id }) => id),
        ids,
      );
      t.equal(third.cursor, null);
      t.match(first.rows, [
        { counterName: null, employeeName: null },
        { counterName: 'Balcão', interactionType: 'discarded_empty' },
      ]);
      const found = async (by: object): Promise<number> =>
        (await store.interactions.list({ ...filter, ...by }, 10)).rows.length;
      t.equal(await found({ text: '50% de desconto' }), 1);
      t.equal(await found({ text: '%' }), 0, 'no word, nothing that could be found');
      t.equal(await found({ counterId: counter.counterId }), 6);
      t.equal(await found({ type: 'discarded_empty' }), 1);
      t.equal(await found({ from: rows[2]?.timestamp, to: rows[6]?.timestamp }), 4);
      t.same((await store.interactions.list({ clientId: 'another' }, 10)).rows, []);
      for (const cursor of ['', 'x', Buffer.from('1.99999999999').toString('base64url')]) {
        await t.rejects(store.interactions.list(filter, 3, cursor), { code: 'BALTO_CURSOR_INVALID', field: 'cursor' });
      }
      t.match(await store.interactions.metrics(counter.counterId, client.clientId), {
        length: 6,
        0: { id: ids[1], ts_audio_received: null },
      });
    });
  }),
);
