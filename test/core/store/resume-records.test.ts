import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { isProcessGone, processMark } from '../../../core/store/folder-lock.ts';
import { ResumeRecords } from '../../../core/store/resume-records.ts';
import { sha256 } from '../../../core/store/secrets.ts';
import { forEachDatabase } from '../../helpers/databases.ts';

const SPOKEN = 'estou com dor de cabeça';

t.test('on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'A' });
    const { counter } = await store.counters.register(client.clientId, 'Caixa');
    const who = { clientId: client.clientId, counterId: counter.counterId };
    const one = new ResumeRecords(store.db, store.secrets, 'um');
    const two = new ResumeRecords(store.db, store.secrets, 'dois');
    const record = (name: string, state: string = SPOKEN, ttlMs = 60_000) => ({
      ...who,
      tokenHash: sha256(name),
      sessionId: `sessao-${name}`,
      state,
      ttlMs,
    });

    t.test('what people said is not readable in the table, and opens only where it belongs', async (t) => {
      t.same(await one.save([record('a'), record('b')]), new Set([sha256('a'), sha256('b')]));
      const rows = await store.db.kysely.selectFrom('resume_records').selectAll().execute();
      t.notOk(JSON.stringify(rows).includes('cabeça'));
      await store.db.kysely
        .updateTable('resume_records')
        .set({ sealed: rows.find((row) => row.token_hash === sha256('b'))?.sealed ?? '' })
        .where('token_hash', '=', sha256('a'))
        .execute();
      await two.claim(sha256('a'), who);
      await t.rejects(two.take(sha256('a')), { code: 'BALTO_SECRET_UNREADABLE' });
    });

    t.test('one process takes a session from another, which can write it no more', async (t) => {
      await one.save([record('c')]);
      t.same(await two.claim(sha256('c'), who), { sessionId: 'sessao-c', owner: 'um' });
      t.same(await one.claimed(), [sha256('c')], 'the one who has it is asked');
      t.same(await one.save([record('c', 'o fim')]), new Set([sha256('c')]), 'and may still write');
      await one.release(record('c', 'o fim de tudo'));
      t.equal(await two.ownerOf(sha256('c')), null);
      t.equal(await two.take(sha256('c')), 'o fim de tudo');
      t.same(await one.save([record('c', 'tarde'), record('d')]), new Set([sha256('d')]));
      await one.remove([sha256('c')]);
      t.equal(await two.ownerOf(sha256('c')), 'dois', 'nor end it');
      t.same(await one.claimed(), []);
    });

    t.test('of two that ask at once the later one gets it', async (t) => {
      await one.save([record('e')]);
      await two.claim(sha256('e'), who);
      const three = new ResumeRecords(store.db, store.secrets, 'três');
      await three.claim(sha256('e'), who);
      t.equal(await two.take(sha256('e')), null);
      t.equal(await three.take(sha256('e')), SPOKEN);
    });

    t.test('a session is resumed by its own counter, in time', async (t) => {
      const other = await store.counters.register(client.clientId, 'Outro');
      const foreign = await store.clients.create({ email: 'b@x', companyName: 'B' });
      await one.save([record('f'), record('g', SPOKEN, -1)]);
      t.equal(await two.claim(sha256('f'), { ...who, counterId: other.counter.counterId }), null);
      t.equal(await two.claim(sha256('f'), { ...who, clientId: foreign.client.clientId }), null);
      t.equal(await two.claim(sha256('g'), who), null, 'expired');
      t.equal(await two.claim(sha256('h'), who), null, 'unknown');
      await two.purge();
      t.equal(await two.ownerOf(sha256('g')), undefined);
      t.equal(await two.ownerOf(sha256('f')), 'um');
      await one.save([record('i', SPOKEN, 30)]);
      await one.keep([sha256('i')], 60_000);
      t.ok(await two.claim(sha256('i'), who));
    });

    t.test('a counter that is gone takes its sessions with it, and hinders nobody', async (t) => {
      const doomed = await store.counters.register(client.clientId, 'Sai');
      const its = { ...record('j'), counterId: doomed.counter.counterId };
      await one.save([its]);
      await store.db.kysely.deleteFrom('balcoes').where('balcao_id', '=', its.counterId).execute();
      t.equal(await two.ownerOf(sha256('j')), undefined);
      t.same(await one.save([its, record('k')]), new Set([sha256('k')]));
    });
  }),
);

t.test('whether a process of this machine has ended can be told', async (t) => {
  t.equal(isProcessGone(processMark()), false);
  const script = `import { processMark } from '${new URL('../../../core/store/folder-lock.ts', import.meta.url)}';
    console.log(processMark());`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const mark = String(((await once(child.stdout, 'data')) as [Buffer])[0]).trim();
  await exited;
  t.equal(isProcessGone(mark), true);
  t.not(mark, processMark());
  const [pid, started] = mark.split('.');
  t.equal(isProcessGone(`${pid}.${started}.0123.4567`), undefined, 'of another machine nobody here can tell');
});
