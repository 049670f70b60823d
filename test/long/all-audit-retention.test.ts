import { PassThrough, Readable } from 'node:stream';
import { type RawBuilder, sql } from 'kysely';
import t, { type Test } from 'tap';
import { backup, restore } from '../../core/store/backup.ts';
import type { Store } from '../../core/store/index.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { forEachDatabase, type OpenStore } from '../helpers/databases.ts';

const YEARS = 5;
const OLD_ROWS = 620;
const never = new AbortController().signal;
/** More than five years before any day this test may run on. */
const longAgo = { ...systemClock, date: () => new Date('2020-03-10T12:00:00Z') };

const write = async (store: Store, rows: number, action: string): Promise<void> => {
  await store.db.system(async (trx) => {
    for (let row = 0; row < rows; row += 1) await store.audit.appendIn(trx, { actor: 'cli', action, target: 'z' });
  });
};

/** A log whose first 621 rows (the first one tells of the seal) are over their time, and whose last 4 are not. */
async function oldLog(open: OpenStore): Promise<Store> {
  const then = await open({ clock: longAgo });
  await write(then, OLD_ROWS, 'x.old');
  await then.close();
  const store = await open();
  for (let row = 0; row < 4; row += 1) await store.audit.append({ actor: 'cli', action: 'x.new', target: 'z' });
  return store;
}

/** As the owner of the tables may, guards and all, without BALTO_SECRET_KEY. */
async function asIntruder(store: Store, ...statements: RawBuilder<unknown>[]): Promise<void> {
  await store.db.system(async (trx) => {
    for (const table of ['audit_log', 'audit_retired']) {
      await sql`alter table ${sql.table(table)} disable trigger user`.execute(trx);
    }
    for (const statement of statements) await statement.execute(trx);
    for (const table of ['audit_log', 'audit_retired']) {
      await sql`alter table ${sql.table(table)} enable trigger user`.execute(trx);
    }
  });
}

const both = (name: string, body: (t: Test, open: OpenStore) => Promise<void>) =>
  t.test(name, (t) => forEachDatabase(t, body));

both('the oldest rows go in pages, and what is left is proven from the sealed mark on', async (t, open) => {
  const store = await oldLog(open);
  const before = await store.audit.verify();
  t.match(before, { ok: true, rows: OLD_ROWS + 5, retired: null, witness: 'ok' });
  const noted = (await store.audit.page({ action: 'x.old' }, 1)).items[0];
  t.same(await store.auditRetention.run(YEARS, never), { rows: OLD_ROWS + 1, broken: null });
  const after = await store.audit.verify(before.end);
  t.match(after, {
    ok: true,
    firstBroken: null,
    rows: 6,
    witness: 'ok',
    expected: 'ok',
    retired: { rows: OLD_ROWS + 1, seals: 1, upTo: { seq: OLD_ROWS + 1 }, newestAt: '2020-03-10T12:00:00.000Z' },
  });
  const told = (await store.audit.page({ action: 'audit.retire' }, 10)).items;
  t.same(
    told.map(({ after: what }) => (what as { rows: number }).rows),
    [OLD_ROWS + 1 - 500, 500],
    'a row of the chain for each page',
  );
  t.same(await store.auditRetention.run(YEARS, never), { rows: 0, broken: null }, 'once');
  const end = { seq: noted?.seq ?? 0, hash: noted?.hash ?? '' };
  t.match(await store.audit.verify(end), { ok: true, expected: 'ok' }, 'the last one that went is in the mark');
  t.match(await store.audit.verify({ ...end, hash: '0'.repeat(64) }), { ok: false, expected: 'contradicts' });
  t.match(await store.audit.verify({ seq: 9, hash: '0'.repeat(64) }), { ok: true, expected: 'retired' });

  await store.audit.append({ actor: 'cli', action: 'x.new', target: 'z' });
  const mark = sql`update audit_retired set`;
  const attacks: [string, RawBuilder<unknown>[], object][] = [
    ['a mark that says other', [sql`${mark} rows = rows - 1`], { seq: OLD_ROWS + 1, what: 'anchor' }],
    ['a mark with another hash', [sql`${mark} hash = repeat('0', 64)`], { what: 'anchor' }],
    ['no mark', [sql`delete from audit_retired`], { seq: 1, what: 'missing' }],
    ['a changed row', [sql`update audit_log set actor = 'x' where seq = ${OLD_ROWS + 3}`], { what: 'changed' }],
    [
      'more rows gone',
      [sql`delete from audit_log where seq = ${OLD_ROWS + 2}`],
      { seq: OLD_ROWS + 2, what: 'missing' },
    ],
    [
      'more rows gone, and the mark moved on',
      [
        sql`${mark} seq = seq + 1, rows = rows + 1, hash = (select hash from audit_log where seq = ${OLD_ROWS + 2})`,
        sql`delete from audit_log where seq = ${OLD_ROWS + 2}`,
      ],
      { seq: OLD_ROWS + 2, what: 'anchor' },
    ],
  ];
  for (const [what, statements, firstBroken] of attacks) {
    await asIntruder(
      store,
      sql`create temp table saved_log as select * from audit_log`,
      sql`create temp table saved_mark as select * from audit_retired`,
      ...statements,
    );
    t.match(await store.audit.verify(), { ok: false, firstBroken }, what);
    await asIntruder(
      store,
      sql`set constraints all deferred`,
      ...['audit_log', 'audit_retired'].map((table) => sql`delete from ${sql.table(table)}`),
      sql`insert into audit_log select * from saved_log`,
      sql`insert into audit_retired select * from saved_mark`,
      sql`set constraints all immediate`,
      sql`drop table saved_log`,
      sql`drop table saved_mark`,
    );
    t.match(await store.audit.verify(), { ok: true }, 'put back');
  }
});

both('the guard lets nobody else delete, and the job no younger row', async (t, open) => {
  const store = await oldLog(open);
  const asJob = (statement: RawBuilder<unknown>) =>
    store.db.system(async (trx) => {
      await sql`select set_config('balto.auditoria', 'aposentar', true)`.execute(trx);
      await statement.execute(trx);
    });
  const asAnybody = (statement: RawBuilder<unknown>) => store.db.system((trx) => statement.execute(trx));
  const refused = { code: '42501' };
  const putMark = sql`
    insert into audit_retired values (1, ${OLD_ROWS + 3}, 'x', 1, 0, now(), now(), 'x', 'x')`;
  await t.rejects(asJob(sql`delete from audit_log where seq = 1`), refused, 'old, but the mark does not cover it');
  await t.rejects(asAnybody(putMark), refused, 'the mark is not for anybody');
  await asJob(putMark);
  for (const statement of [
    sql`delete from audit_log where seq = ${OLD_ROWS + 2}`,
    sql`update audit_log set actor = 'x' where seq = 1`,
    sql`truncate audit_log cascade`,
    sql`update audit_retired set seq = 1`,
    sql`delete from audit_retired`,
    sql`truncate audit_retired`,
  ]) {
    await t.rejects(asJob(statement), refused);
    await t.rejects(asAnybody(statement), refused);
  }
  await t.rejects(asAnybody(sql`delete from audit_log where seq = 1`), refused, 'old and covered, but not the job');
  await t.rejects(
    store.db.tenant('a', (trx) => sql`select 1 from audit_retired`.execute(trx)),
    refused,
  );
});

both('what shows that somebody touched the log is not thrown away', async (t, open) => {
  const store = await oldLog(open);
  await asIntruder(store, sql`update audit_log set actor = 'outro' where seq = 101`);
  const broken = { seq: 101, what: 'changed' };
  t.match(await store.auditRetention.run(YEARS, never), { rows: 100, broken });
  t.match(await store.auditRetention.run(YEARS, never), { rows: 0, broken });
  t.match(await store.audit.verify(), { ok: false, rows: OLD_ROWS + 5 - 100 + 1, firstBroken: broken });
  await asIntruder(store, sql`update audit_retired set rows = 7`);
  t.match(await store.auditRetention.run(YEARS, never), { rows: 0, broken: { seq: 100, what: 'anchor' } });
});

both('a seal that was missing after the first rows went is told as a wound', async (t, open) => {
  const store = await oldLog(open);
  await store.auditRetention.run(YEARS, never);
  await asIntruder(store, sql`update audit_head set seal = null`);
  await store.audit.append({ actor: 'cli', action: 'x.new', target: 'z' });
  t.match(await store.audit.verify(), { ok: false, seal: 'ok', reseals: [{ found: 'none' }] });
});

both('the mark goes with the keys, and with a backup', async (t, open) => {
  const old = await oldLog(open);
  await old.auditRetention.run(YEARS, never);
  await old.close();
  const keys = { secretKey: 'f'.repeat(64), previousSecretKeys: [open.options.secretKey ?? ''] };
  const rotating = await open(keys);
  t.match(await rotating.keys.rotate({ actor: 'cli' }), { resealed: { audit_retired: 1 } });
  await rotating.close();
  const store = await open({ secretKey: keys.secretKey });
  const report = await store.audit.verify();
  t.match(report, { ok: true, seal: 'ok', retired: { rows: OLD_ROWS + 1 } });
  const output = new PassThrough();
  const read = output.toArray();
  await backup(store, output);
  const archive = await read;
  await restore(store, Readable.from(archive), { force: true });
  t.match(await store.audit.verify(), { ok: true, retired: report.retired, restores: [{}] });
});
