import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type RawBuilder, sql } from 'kysely';
import t, { type Test } from 'tap';
import { chainAudit, hashOf } from '../../core/store/audit-chain.ts';
import { parseEnd } from '../../core/store/audit-verify.ts';
import type { Store } from '../../core/store/index.ts';
import { forEachDatabase } from '../helpers/databases.ts';

/** What somebody does who has the database, guards and all, but not BALTO_SECRET_KEY. */
async function asIntruder(store: Store, ...statements: RawBuilder<unknown>[]): Promise<void> {
  await store.db.system(async (trx) => {
    await sql`alter table audit_log disable trigger user`.execute(trx);
    await sql`alter table audit_head drop constraint if exists audit_head_seq_fkey`.execute(trx);
    for (const statement of statements) await statement.execute(trx);
    await sql`alter table audit_log enable trigger user`.execute(trx);
  });
}

async function write(store: Store, rows: number): Promise<void> {
  for (let index = 0; index < rows; index += 1) {
    const after = { ação: `é "${index}"`, list: [1.5, null, { b: 1, a: index }], at: 1e21 };
    await store.audit.append({ actor: 'cli', action: 'x.y', target: `z:${index}`, why: 'porque', after });
  }
}

/** Recomputes every hash, as somebody would who knows how: it is no secret. */
async function rechain(store: Store): Promise<void> {
  await asIntruder(store, sql`update audit_log set seq = null, previous_hash = null, hash = null`);
  await store.db.system(async (trx) => {
    const head = await trx.selectFrom('audit_head').selectAll().executeTakeFirstOrThrow();
    await sql`alter table audit_log disable trigger user`.execute(trx);
    await chainAudit(trx as never);
    await sql`alter table audit_log enable trigger user`.execute(trx);
    await trx.updateTable('audit_head').set({ key_id: head.key_id, seal: head.seal }).where('id', '=', 1).execute();
  });
}

async function emptied(store: Store): Promise<void> {
  await asIntruder(store, sql`delete from audit_head`, sql`delete from audit_log`);
}

t.test('on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const one = await open();
    const fresh = async (t: Test, rows = 6): Promise<Store> => {
      t.teardown(async () => {
        await emptied(one);
        await one.audit.restarted({ seq: 0, hash: '', keyId: '', seal: '' });
        await rm(join(open.options.dataDir, 'audit-head.json'));
      });
      await write(one, rows);
      return one;
    };

    t.test('a log nobody touched is whole, page after page', async (t) => {
      const store = await fresh(t);
      t.match(await store.audit.verify(), {
        ok: true,
        rows: 7,
        firstBroken: null,
        seal: 'ok',
        witness: 'ok',
        expected: 'none',
        reseals: [{ seq: 1, found: 'none' }],
      });
      await store.db.system(async (trx) => {
        for (let index = 0; index < 1000; index += 1) {
          await store.audit.appendIn(trx, { actor: 'cli', action: 'x.y', target: 'z' });
        }
      });
      t.match(await store.audit.verify(), { ok: true, rows: 1007, end: { seq: 1007 } });
    });

    t.test('rows cannot be changed, removed or emptied, not even by the owner of the table', async (t) => {
      const store = await fresh(t);
      for (const statement of [
        sql`update audit_log set why = 'outro' where seq = 3`,
        sql`delete from audit_log where seq = 3`,
        sql`truncate audit_log cascade`,
      ]) {
        await t.rejects(
          store.db.system((trx) => statement.execute(trx)),
          { code: '42501' },
        );
      }
      await t.rejects(
        store.db.tenant('a', (trx) =>
          sql`insert into audit_log (actor, action, target) values ('a', 'b', 'c')`.execute(trx),
        ),
        { code: '42501' },
      );
      t.match(await store.audit.verify(), { ok: true });
    });

    const attacks: Record<string, { statements: RawBuilder<unknown>[]; found: object }> = {
      'a changed row': {
        statements: [sql`update audit_log set actor = 'admin:outro' where seq = 4`],
        found: { firstBroken: { seq: 4, what: 'changed' } },
      },
      'a changed detail': {
        statements: [sql`update audit_log set after = jsonb_set(after, '{list,2,a}', '9') where seq = 4`],
        found: { firstBroken: { seq: 4, what: 'changed' } },
      },
      'a changed row with its own hash made anew': {
        statements: [sql`update audit_log set hash = repeat('0', 64) where seq = 4`],
        found: { firstBroken: { seq: 4, what: 'changed' } },
      },
      'a removed row': {
        statements: [sql`delete from audit_log where seq = 4`],
        found: { firstBroken: { seq: 4, id: null, what: 'missing' } },
      },
      'a cut end': {
        statements: [sql`delete from audit_log where seq > 5`],
        found: { firstBroken: { seq: 6, id: null, what: 'cut' }, seal: 'ok', witness: 'contradicts' },
      },
      'a cut end with the head put back to it': {
        statements: [
          sql`delete from audit_log where seq > 5`,
          sql`update audit_head set seq = 5, hash = (select hash from audit_log where seq = 5)`,
        ],
        found: { firstBroken: null, seal: 'wrong', witness: 'contradicts' },
      },
      'a cut end and no seal': {
        statements: [
          sql`delete from audit_log where seq > 5`,
          sql`update audit_head set seq = 5, hash = (select hash from audit_log where seq = 5), seal = null`,
        ],
        found: { firstBroken: null, seal: 'none', witness: 'contradicts' },
      },
      'a row that was slipped in': {
        statements: [sql`insert into audit_log (actor, action, target) values ('cli', 'x.y', 'z')`],
        found: { firstBroken: { seq: null, what: 'unchained' } },
      },
    };
    for (const [name, { statements, found }] of Object.entries(attacks)) {
      t.test(`${name} is noticed`, async (t) => {
        const store = await fresh(t);
        await asIntruder(store, ...statements);
        t.match(await store.audit.verify(), { ok: false, ...found });
      });
    }

    t.test('every hash made anew is noticed by the seal, and stays so when the server writes on', async (t) => {
      const store = await fresh(t);
      await asIntruder(store, sql`update audit_log set actor = 'admin:outro' where seq = 4`);
      await rechain(store);
      t.match(await store.audit.verify(), { ok: false, firstBroken: null, seal: 'wrong', witness: 'contradicts' });
      await store.audit.append({ actor: 'cli', action: 'x.y', target: 'z' });
      const report = await store.audit.verify();
      t.match(report, { ok: false, firstBroken: null, seal: 'ok', reseals: [{ seq: 1 }, { seq: 8, found: 'wrong' }] });
    });

    t.test('an older state with the seal it had then is noticed by what was noted elsewhere', async (t) => {
      const store = await fresh(t);
      const { end } = await store.audit.verify();
      const head = await store.db.system((trx) => trx.selectFrom('audit_head').selectAll().executeTakeFirstOrThrow());
      await store.audit.append({ actor: 'admin:mau', action: 'x.y', target: 'z' });
      const noted = (await store.audit.verify()).end;
      const back = sql`update audit_head set seq = ${head.seq}, hash = ${head.hash}, seal = ${head.seal}`;
      await asIntruder(store, sql`delete from audit_log where seq > ${head.seq}`, back);
      t.match(await store.audit.verify(), { ok: false, firstBroken: null, seal: 'ok', witness: 'contradicts' });
      await rm(join(open.options.dataDir, 'audit-head.json'));
      t.match(await store.audit.verify(), { ok: true, witness: 'none' }, 'without it nobody could know');
      t.match(await store.audit.verify(noted), { ok: false, expected: 'contradicts' });
      t.match(await store.audit.verify(end), { ok: true, expected: 'ok' });
    });

    t.test('two processes that append at once make one chain', async (t) => {
      const store = await fresh(t, 0);
      const other = open.kind === 'embedded' ? store : await open();
      const entry = { actor: 'cli', action: 'x.y', target: 'z' };
      await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 ? store : other).audit.append(entry)));
      t.match(await other.audit.verify(), { ok: true, rows: 41, end: { seq: 41 } });
    });

    t.test('a change that fails leaves no row, and its place is taken by the next', async (t) => {
      const store = await fresh(t);
      const entry = { actor: 'cli', action: 'x.y', target: 'z' };
      const failing = store.db.system(async (trx) => {
        await store.audit.appendIn(trx, entry);
        throw new Error('no');
      });
      await t.rejects(failing, { message: 'no' });
      await store.audit.append(entry);
      t.match(await store.audit.verify(), { ok: true, rows: 8 });
    });

    t.test('what looks like a secret is not written', async (t) => {
      const store = await fresh(t, 0);
      const secrets = { password: 'abc', apiKey: 'k', api_key: 'k', clientSecret: 's', text: `bk_${'x'.repeat(43)}` };
      const kept = { keyPrefix: 'bk_abcdefgh', tokens: 3, name: 'Ana', Authorization: 'none' };
      await store.audit.append({ actor: 'cli', action: 'x.y', target: 'z', after: { ...secrets, deep: [kept] } });
      const [row] = await store.audit.list(1);
      t.same(row?.after, {
        ...Object.fromEntries(Object.keys(secrets).map((key) => [key, '***'])),
        deep: [{ ...kept, Authorization: '***' }],
      });
    });

    t.test('lists are narrowed, newest first', async (t) => {
      const store = await fresh(t, 0);
      const { client } = await store.clients.create({ email: `${Math.random()}@x`, companyName: 'A' });
      const { clientId } = client;
      for (const action of ['counter.revoke', 'counter.approve', 'counters.x', 'user.role']) {
        await store.audit.append({ actor: `admin:${action}`, action, target: 'a', clientId });
      }
      await store.audit.append({ actor: 'cli', action: 'counter.revoke', target: 'b' });
      const found = async (filter: object) => (await store.audit.page(filter, 10)).items.map(({ seq }) => seq);
      t.same(await found({}), [6, 5, 4, 3, 2, 1]);
      t.same(await found({ action: 'counter' }), [6, 3, 2]);
      t.same(await found({ action: 'counter.revoke' }), [6, 2]);
      t.same(await found({ clientId }), [5, 4, 3, 2]);
      t.same(await found({ clientId: 'outro' }), []);
      t.same(await found({ actor: 'cli' }), [6]);
      t.same(await found({ target: 'b' }), [6]);
      t.same(await found({ to: new Date(0) }), []);
      const first = await store.audit.page({}, 2);
      const second = await store.audit.page({}, 2, first.next ?? '');
      t.same(
        second.items.map(({ seq }) => seq),
        [4, 3],
      );
    });

    t.test('another key does not open the seal', async (t) => {
      await write(one, 1);
      await one.close();
      const other = await open({ secretKey: 'f'.repeat(64) });
      t.match(await other.audit.verify(), { ok: false, firstBroken: null, seal: 'wrong' });
    });
  }),
);

t.test('the format of a hash does not change: stored rows depend on it', (t) => {
  const row = {
    seq: 2,
    at: new Date('2026-11-21T12:00:00.123Z'),
    actor: 'admin:owner',
    action: 'counter.revoke',
    target: 'counter:1',
    cliente_id: null,
    why: 'roubado',
    before: null,
    after: { b: [1, { d: 'ç', c: null }], a: 1.5 },
    address: '::1',
    previous_hash: 'ff',
  };
  t.equal(hashOf(row), 'e8547dba454df4ae2996e4050fb35d62e5cf91f547349b707d5df9a7f8ed553d');
  t.equal(hashOf({ ...row, after: { a: 1.5, b: [1, { c: null, d: 'ç' }] } }), hashOf(row), 'the order of keys is none');
  t.end();
});

t.test('an end is written SEQ:HASH', (t) => {
  t.same(parseEnd(` 12:${'a'.repeat(64)}\n`), { seq: 12, hash: 'a'.repeat(64) });
  for (const text of ['', '12', `x:${'a'.repeat(64)}`, `12:${'a'.repeat(63)}`]) {
    t.throws(() => parseEnd(text), { code: 'BALTO_CLI_USAGE', field: 'expect' });
  }
  t.end();
});
