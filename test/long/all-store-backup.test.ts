import { PassThrough, Readable, Writable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { backup, restore } from '../../core/store/backup.ts';
import type { Store } from '../../core/store/index.ts';
import { embedded, forEachDatabase } from '../helpers/databases.ts';
import { interaction, usage } from '../helpers/interactions.ts';

async function archiveOf(store: Store): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const output = new PassThrough();
  output.on('data', (chunk: Buffer) => chunks.push(chunk));
  await backup(store, output);
  return Buffer.concat(chunks);
}

/** A shop with everything a backup must carry: 503 rows make two pages. */
async function shop(t: Test): Promise<{ store: Store; apiKey: string; code: string; lastId: number }> {
  const store = await (await embedded(t))();
  const { client, code } = await store.clients.create({ email: 'a@b.c', companyName: 'Farmácia "Ação" \\ 1' });
  const { counter, apiKey } = await store.counters.register(client.clientId, 'Balcão\n2');
  await store.counterChanges.update(counter.counterId, { vad: { minEnergy: 90 } }, { actor: 'cli' });
  await store.admin.bootstrapOwner('uma senha bem comprida');
  await store.audit.append({
    actor: 'cli',
    action: 'counter.vad',
    target: 'x',
    after: { minEnergy: 90, nested: [null] },
  });
  await store.voices.enrol(
    {
      clientId: client.clientId,
      of: { name: 'Ana' },
      vector: Float32Array.of(0, 1, 255),
      model: 'm',
      speechMs: 2000,
      fileName: null,
      consent: null,
    },
    { actor: 'cli' },
  );
  let lastId = 0;
  const rows = Array.from({ length: 503 }, (_, index) => {
    lastId = store.ids.nextId();
    return interaction({
      id: lastId,
      clientId: client.clientId,
      counterId: counter.counterId,
      timestamp: new Date(1_700_000_000_000 + index),
      transcript: index % 2 ? null : `fala ${index} "aspas" \\ ção`,
      snr: 12.3,
      decision: { rule: 'única', list: [1, { two: null }] },
      costMicroUsd: 4_000_000_000 + index,
    });
  });
  const spent = (id: number) => [usage({ clientId: client.clientId, interactionId: id })];
  await Promise.all(
    rows.map((row) => store.journal.append({ type: 'interaction', interaction: row, usage: spent(row.id) })),
  );
  return { store, apiKey, code, lastId };
}

const everything = async (store: Store): Promise<unknown> => ({
  interactions: await store.db.kysely.selectFrom('interacoes').selectAll().orderBy('id').execute(),
  usage: await store.db.kysely.selectFrom('usage_ledger').selectAll().orderBy('id').execute(),
  costs: await store.costs.total({ clientIds: null, from: '2000-01-01', to: '2100-01-01' }),
  clients: await store.clients.list(),
  employees: await store.db.kysely.selectFrom('funcionarios').selectAll().execute(),
  audit: (await store.audit.list()).filter(({ action }) => action !== 'database.restore'),
});

t.test('a shop moves, from the embedded database, into either', async (t) => {
  const { store, apiKey, code, lastId } = await shop(t);
  const archive = await archiveOf(store);
  const before = await everything(store);
  t.notOk(gunzipSync(archive).includes(apiKey), 'no plain key in it');
  t.notOk(gunzipSync(archive).includes('uma senha bem comprida'));
  const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disco cheio')) });
  await t.rejects(backup(store, full), { message: 'disco cheio' }, 'an output that breaks is an error, not a wait');
  await store.close();
  await forEachDatabase(t, async (t, open) => {
    const target = await open();
    const { rows } = await restore(target, Readable.from([archive]));
    t.match(rows, { interacoes: 503, usage_ledger: 503, clientes: 1, balcoes: 1, admin_sessions: undefined });
    t.same(await everything(target), before);
    t.match(await target.audit.verify(), { ok: true, seal: 'ok', restores: [{ seq: 5 }] }, 'and said so itself');
    t.match(await target.counters.byKey(apiKey), { counterName: 'Balcão\n2', presetVad: { minEnergy: 90 } });
    t.ok(await target.clients.byCode(code), 'same secret key: the code still opens');
    t.ok(await target.admin.login(null, 'uma senha bem comprida'));
    t.ok(target.ids.nextId() > lastId, 'ids go on after the restored ones');
    await t.rejects(restore(target, Readable.from([archive])), { code: 'BALTO_BACKUP_NOT_EMPTY' });
    for (const [name, bytes] of Object.entries(brokenForms(archive))) {
      const code = name === 'newer' ? 'BALTO_BACKUP_NEWER' : 'BALTO_BACKUP_INVALID';
      await t.rejects(restore(target, Readable.from([bytes]), { force: true }), { code }, name);
    }
    t.same(await everything(target), before, 'what is not whole changes nothing');
    await restore(target, Readable.from([archive]), { force: true });
    t.same(await everything(target), before, 'forced: replaced, not added');
    const [said] = await target.audit.list(1);
    t.match(said, { action: 'database.restore', before: { seq: 5 }, after: { seq: 4, found: 'ok' } });
    t.match(await target.audit.verify(), { ok: true, witness: 'ok' });
  });
});

function brokenForms(archive: Buffer): Record<string, Buffer> {
  const plain = gunzipSync(archive).toString('latin1');
  const form = (text: string): Buffer => gzipSync(Buffer.from(text, 'latin1'), { level: 1 });
  return {
    'cut in the middle': archive.subarray(0, archive.length / 2),
    'not gzip': Buffer.from('isto não é um backup'),
    'no end': form(plain.slice(0, plain.indexOf('end.json'))),
    'another format': form(plain.replace('balto-backup', 'outro-backup')),
    nothing: Buffer.alloc(0),
    newer: form(plain.replace('"version":1', '"version":2')),
  };
}
