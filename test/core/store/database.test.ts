import { sql } from 'kysely';
import t from 'tap';
import type { Store } from '../../../core/store/index.ts';
import { INTERACTION_COLUMNS } from '../../../core/store/interactions-table.ts';
import { forEachDatabase } from '../../helpers/databases.ts';
import { interaction, shadow, usage } from '../../helpers/interactions.ts';

t.test('on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    // A real Postgres is opened by three processes' worth of stores at once, while it is still empty.
    const stores = await Promise.all(open.kind === 'embedded' ? [open()] : [open(), open(), open()]);
    const [store] = stores as [Store];

    t.test('values arrive alike from either database', async (t) => {
      const { db } = store;
      const { rows } = await sql`
      select 1::int8 as small, 9007199254740993::int8 as big, 12.50::numeric as money, 1.1::real as single,
        '2026-11-21'::date as day, '08:30'::time as hour, '2026-11-21T12:00:00.123Z'::timestamptz as moment,
        '{"a":[1,null]}'::jsonb as json, '\\x00ff'::bytea as bytes, array[1,2]::int8[] as list, array['a',null] as texts,
        null::text as nothing, true as yes, count(*) as counted`.execute(db.kysely);
      t.strictSame(rows[0], {
        small: 1,
        big: '9007199254740993',
        money: 12.5,
        single: 1.1,
        day: '2026-11-21',
        hour: '08:30:00',
        moment: new Date('2026-11-21T12:00:00.123Z'),
        json: { a: [1, null] },
        bytes: Buffer.from([0, 255]),
        list: [1, 2],
        texts: ['a', null],
        nothing: null,
        yes: true,
        counted: 1,
      });
      await t.rejects(sql`insert into balcoes (balcao_id) values ('x')`.execute(db.kysely), { code: '23502' });
    });

    t.test('a transaction that fails leaves nothing, and the next one works', async (t) => {
      const { db } = store;
      const put = (id: string) =>
        db.system(async (trx) => {
          await trx
            .insertInto('clientes')
            .values({ cliente_id: id, email: `${id}@x`, razao_social: id })
            .execute();
          if (id === 'b') await sql`select 1 / 0`.execute(trx);
        });
      const results = await Promise.allSettled([put('a'), put('b'), put('c')]);
      t.same(
        results.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      );
      t.same(
        (
          await db.system((trx) =>
            trx
              .selectFrom('clientes')
              .select('cliente_id')
              .where('email', 'in', ['a@x', 'b@x', 'c@x'])
              .orderBy('cliente_id')
              .execute(),
          )
        ).map((row) => row.cliente_id),
        ['a', 'c'],
      );
    });

    t.test('a client sees and writes its own rows only, whatever the query says', async (t) => {
      const { client: ours } = await store.clients.create({ email: 'nossa@x', companyName: 'Nossa' });
      const { client: theirs } = await store.clients.create({ email: 'deles@x', companyName: 'Deles' });
      for (const { clientId } of [ours, theirs]) {
        const { counter } = await store.counters.register(clientId, 'Caixa');
        const id = store.ids.nextId();
        const row = interaction({ id, clientId, counterId: counter.counterId });
        await store.journal.append({ type: 'interaction', interaction: row, usage: [usage({ clientId })] });
        await store.journal.append({ type: 'shadow', interactionId: id, shadow: shadow({ clientId }), usage: [] });
        await store.audit.append({ actor: 'cli', action: 'x.y', target: 'z', clientId });
      }
      await store.drained();
      for (const table of [
        'clientes',
        'users',
        'balcoes',
        'interacoes',
        'usage_ledger',
        'cost_days',
        'shadow_results',
        'audit_log',
      ]) {
        const column = table === 'users' ? 'user_id' : 'cliente_id';
        const { rows } = await store.db.tenant(ours.clientId, (trx) =>
          sql<{ owner: string }>`select ${sql.ref(column)} as owner from ${sql.table(table)}`.execute(trx),
        );
        t.same(rows, [{ owner: ours.clientId }], table);
      }
      const stolen = store.db.tenant(ours.clientId, (trx) =>
        trx.updateTable('balcoes').set({ nome_balcao: 'meu' }).executeTakeFirst(),
      );
      t.equal((await stolen).numUpdatedRows, 1n);
      await t.rejects(
        store.db.tenant(ours.clientId, (trx) =>
          trx.updateTable('balcoes').set({ cliente_id: theirs.clientId }).execute(),
        ),
        { code: '42501' },
      );
      await t.rejects(
        store.db.tenant(ours.clientId, (trx) => trx.selectFrom('admin_users').selectAll().execute()),
        { code: '42501' },
        'what is no tenant table is out of sight',
      );
      t.same(await store.db.tenant("x' or true --", (trx) => trx.selectFrom('clientes').selectAll().execute()), []);
      t.ok((await store.clients.list()).length >= 2, 'the role ends with its transaction');
    });

    t.test('what reports ask runs unchanged', async (t) => {
      const { client } = await store.clients.create({ email: 'reports@x', companyName: 'A' });
      const { counter } = await store.counters.register(client.clientId, 'Caixa 1');
      const row = interaction({ id: store.ids.nextId(), clientId: client.clientId, counterId: counter.counterId });
      await store.journal.append({ type: 'interaction', interaction: row, usage: [] });
      await store.drained();
      const { rows } = await sql<Record<string, unknown>>`SELECT i.*, b.nome_balcao, f.nome FROM interacoes i
      LEFT JOIN balcoes b ON i.balcao_id = b.balcao_id LEFT JOIN funcionarios f ON i.funcionario_id = f.id`.execute(
        store.db.kysely,
      );
      t.match(rows, [{ id: row.id, nome_balcao: 'Caixa 1', nome: null, ts_audio_received: null }]);
      t.same(
        Object.keys(rows[0] ?? {}).sort(),
        [...Object.values(INTERACTION_COLUMNS), 'texto_expirado_em', 'nome', 'nome_balcao'].sort(),
      );
      const old =
        await sql`select u.user_id, b.user_id as of_counter from users u join balcoes b using (user_id) where email = 'reports@x'`.execute(
          store.db.kysely,
        );
      t.same(old.rows, [{ user_id: client.clientId, of_counter: client.clientId }]);
    });

    t.test('several processes that start at once migrate once', async (t) => {
      const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(
        store.db.kysely,
      );
      t.equal(rows[0]?.name, '2026-11-21T1200_tenants');
      t.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
      t.ok(stores.every((one) => one.status().database.migration === rows.at(-1)?.name));
    });
  }),
);
