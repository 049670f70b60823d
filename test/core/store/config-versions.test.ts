import { sql } from 'kysely';
import t from 'tap';
import type { ConfigChange } from '../../../core/store/config-table.ts';
import { forEachDatabase } from '../../helpers/databases.ts';

const by = { actor: 'admin:ana', why: 'teste' };
const use = (...addresses: string[]) => ({ use: addresses });
const globally = (section: string, value: object | null): ConfigChange => ({
  clientId: null,
  counterId: null,
  section,
  value,
});

t.test('on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const { configVersions } = store;
    const { client: ours } = await store.clients.create({ email: 'a@x', companyName: 'A' });
    const { client: theirs } = await store.clients.create({ email: 'b@x', companyName: 'B' });
    const { counter } = await store.counters.register(ours.clientId, 'Caixa');
    const ofClient = (section: string, value: object | null, clientId = ours.clientId): ConfigChange => ({
      clientId,
      counterId: null,
      section,
      value,
    });
    const ofCounter = (section: string, value: object | null): ConfigChange => ({
      clientId: ours.clientId,
      counterId: counter.counterId,
      section,
      value,
    });
    const state = async (version: number, clientId?: string) =>
      (await configVersions.stateAt(version, clientId)).map((item) => [
        item.counterId === null ? (item.clientId === null ? 'global' : item.clientId) : 'counter',
        item.section,
        item.value,
      ]);

    t.test('each change is the next version; the newest item of each place holds', async (t) => {
      t.equal(await configVersions.newest(), 0);
      const first = await configVersions.activate({ ...by, changes: [globally('providers.stt', use('stt/a'))] });
      const second = await configVersions.activate({
        ...by,
        changes: [
          ofClient('providers.stt', use('stt/b')),
          ofCounter('providers.stt', use('stt/c')),
          ofClient('limits', { counters: 3 }),
        ],
      });
      t.ok(second.version > first.version);
      const third = await configVersions.activate({ ...by, changes: [ofClient('limits', null)] });
      t.equal(await configVersions.newest(), third.version);
      t.same(await state(first.version), [['global', 'providers.stt', use('stt/a')]]);
      t.same(
        new Set(await state(third.version)),
        new Set([
          ['global', 'providers.stt', use('stt/a')],
          [ours.clientId, 'providers.stt', use('stt/b')],
          ['counter', 'providers.stt', use('stt/c')],
        ]),
      );
      t.same(await state(third.version, theirs.clientId), []);
      t.equal((await state(second.version, ours.clientId)).length, 3);
    });

    t.test('what stands so already makes no version', async (t) => {
      const before = await configVersions.newest();
      const again = await configVersions.activate({ ...by, changes: [globally('providers.stt', use('stt/a'))] });
      t.same(again, { version: before, changed: [] });
      t.equal(await configVersions.newest(), before);
    });

    t.test('versions say who, why, before and after, and the audit log says it too', async (t) => {
      const { version } = await configVersions.activate({
        ...by,
        address: '192.0.2.7',
        changes: [ofClient('providers.stt', use('stt/z'))],
      });
      t.match(await configVersions.byVersion(version), {
        actor: 'admin:ana',
        why: 'teste',
        clientId: ours.clientId,
        kind: 'change',
        changes: [{ section: 'providers.stt', before: use('stt/b'), after: use('stt/z') }],
      });
      t.match(await store.audit.list(1), [
        { actor: 'admin:ana', action: 'config.change', target: `config:${version}`, address: '192.0.2.7' },
      ]);
      t.equal(await configVersions.byVersion(version + 1), null);
    });

    t.test('a change made on what somebody else changed since is refused, and changes nothing', async (t) => {
      const since = await configVersions.newest();
      const draft = [ofClient('routing', { rules: [] })];
      await configVersions.activate({ ...by, changes: [ofClient('limits', { counters: 1 })] });
      const other = await configVersions.activate({ ...by, changes: draft, unchangedSince: since });
      t.ok(other.changed.length, 'another section is no conflict');
      await t.rejects(
        configVersions.activate({
          ...by,
          changes: [ofClient('budget', { day: 1 }), ofClient('limits', { counters: 2 })],
          unchangedSince: since,
        }),
        { code: 'BALTO_CONFIG_STALE', statusCode: 412, field: 'limits' },
      );
      t.equal(await configVersions.newest(), other.version);
      const { version } = await configVersions.activate({ ...by, changes: [ofClient('limits', null)] });
      const late = { ...by, changes: [ofClient('limits', { counters: 2 })], unchangedSince: version - 1 };
      await t.rejects(configVersions.activate(late), { code: 'BALTO_CONFIG_STALE' }, 'also when it was taken away');
      t.notOk(
        (await state(other.version)).some(([, section]) => section === 'budget'),
        'nor half of it',
      );
    });

    t.test('rollback is a new version with the state of an old one: of all, or of one client', async (t) => {
      const good = await configVersions.newest();
      const before = await state(good);
      await configVersions.activate({
        ...by,
        changes: [
          ofClient('providers.stt', null),
          ofClient('budget', { day: 5 }),
          ofClient('budget', { day: 6 }, theirs.clientId),
          globally('prices', { list: [] }),
        ],
      });
      const bad = await configVersions.newest();
      const one = await configVersions.rollback(good, { ...by, clientId: ours.clientId });
      t.same(await state(one.version, ours.clientId), await state(good, ours.clientId));
      t.same(await state(one.version, theirs.clientId), await state(bad, theirs.clientId), 'nobody else');
      const all = await configVersions.rollback(good, by);
      t.same(await state(all.version), before);
      t.match(await configVersions.byVersion(all.version), { kind: 'rollback', rolledBackTo: good, clientId: null });
      await t.rejects(configVersions.rollback(99_999, by), { code: 'BALTO_CONFIG_VERSION_UNKNOWN', field: 'version' });
    });

    t.test('history: newest first, page by page, and of one client only what concerns it', async (t) => {
      const all = await configVersions.history({ limit: 100 });
      t.same(
        all.map(({ version }) => version),
        all.map(({ version }) => version).sort((a, b) => b - a),
      );
      const [first, second] = all;
      t.same(
        (await configVersions.history({ limit: 1, before: first?.version ?? 0 })).map(({ version }) => version),
        [second?.version],
      );
      const seen = await configVersions.history({ limit: 100, clientId: theirs.clientId });
      t.equal(seen.length, 2);
      t.ok(seen.every(({ changes }) => changes.every(({ clientId }) => clientId === theirs.clientId)));
    });

    t.test('a seed is written once, follows its variable, and leaves alone what somebody edited', async (t) => {
      t.equal(await configVersions.seed('routing', { rules: [1] }), 'written');
      const at = await configVersions.newest();
      t.equal(await configVersions.seed('routing', { rules: [1] }), 'unchanged');
      t.equal(await configVersions.newest(), at);
      t.equal(await configVersions.seed('routing', { rules: [2] }), 'written', 'the variable changed');
      t.match(await configVersions.byVersion(await configVersions.newest()), { kind: 'seed', actor: 'system' });
      await configVersions.activate({ ...by, changes: [globally('routing', { rules: [3] })] });
      t.equal(await configVersions.seed('routing', { rules: [4] }), 'kept');
      await configVersions.activate({ ...by, changes: [globally('routing', { rules: [2] })] });
      t.equal(await configVersions.seed('routing', { rules: [4] }), 'written', 'it stands as it was seeded');
      await configVersions.activate({ ...by, changes: [globally('routing', null)] });
      t.equal(await configVersions.seed('routing', { rules: [4] }), 'kept', 'who takes it away has edited it');
      await configVersions.activate({ ...by, changes: [globally('limits', { counters: 1 })] });
      t.equal(await configVersions.seed('limits', { counters: 2 }), 'kept', 'what was never seeded is somebody’s');
    });

    t.test('many at once are one after the other, and none is lost', async (t) => {
      const from = await configVersions.newest();
      const others = open.kind === 'embedded' ? [store] : [store, await open()];
      const done = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (others[index % others.length] ?? store).configVersions.activate({
            ...by,
            changes: [ofClient(`credentials.v${index}`, { ids: [String(index)] })],
          }),
        ),
      );
      t.equal(new Set(done.map(({ version }) => version)).size, 20);
      const newest = await configVersions.newest();
      t.ok(newest >= from + 20);
      t.equal((await state(newest)).filter(([, section]) => String(section).startsWith('credentials.')).length, 20);
    });

    t.test('a state of more items than one page holds is read whole', async (t) => {
      const changes = Array.from({ length: 400 }, (_, index) => globally(`credentials.w${index}`, { ids: [] }));
      await configVersions.activate({ ...by, changes });
      const more = changes.map((each) => ({ ...each, section: each.section.replace('w', 'x') }));
      const { version } = await configVersions.activate({ ...by, changes: more });
      const sections = (await state(version)).flatMap(([, section]) => String(section));
      const many = sections.filter((section) => /^credentials\.[wx]/u.test(section));
      t.equal(many.length, 800);
      t.equal(new Set(many).size, 800);
      await t.rejects(configVersions.activate({ ...by, changes: [...changes, ...more] }), {
        code: 'BALTO_CONFIG_TOO_LARGE',
      });
      const big = globally('prices', { text: 'x'.repeat(1_100_000) });
      await t.rejects(configVersions.activate({ ...by, changes: [big] }), { code: 'BALTO_CONFIG_TOO_LARGE' });
    });

    t.test('a client sees its own versions and items, and writes none', async (t) => {
      for (const table of ['config_versions', 'config_items', 'config_drafts', 'vendor_credentials']) {
        const { rows } = await store.db.tenant(theirs.clientId, (trx) =>
          sql<{ owner: string }>`select cliente_id as owner from ${sql.table(table)}`.execute(trx),
        );
        t.ok(
          rows.every(({ owner }) => owner === theirs.clientId),
          table,
        );
      }
      await t.rejects(
        store.db.tenant(theirs.clientId, (trx) => trx.deleteFrom('config_items').execute()),
        { code: '42501' },
      );
    });

    t.test('a client that is erased takes its items along, and its number is not given again', async (t) => {
      const { version } = await configVersions.activate({
        ...by,
        changes: [ofClient('budget', { day: 9 }, theirs.clientId)],
      });
      await store.db.system((trx) => trx.deleteFrom('clientes').where('cliente_id', '=', theirs.clientId).execute());
      t.same(await state(version, theirs.clientId), []);
      const next = await configVersions.activate({ ...by, changes: [globally('budget', { day: 1 })] });
      t.ok(next.version > version);
    });
  }),
);
