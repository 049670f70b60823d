import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { JournalEntry } from '../../../core/store/interaction.ts';
import { forEachDatabase, postgres } from '../../helpers/databases.ts';
import { interaction, shadow, usage } from '../../helpers/interactions.ts';

const url = process.env['TEST_DATABASE_URL'] ?? '';
const skip = url ? false : 'TEST_DATABASE_URL is not set: there is no server to lose';

t.test('on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();

    t.test('a row, what followed it, and its feedback', async (t) => {
      const id = store.ids.nextId();
      const row = interaction({ id, transcript: 'estou com tosse', decision: { rule: 'curta' }, costMicroUsd: 12 });
      const first: JournalEntry = { type: 'interaction', interaction: row, usage: [usage({ interactionId: id })] };
      await store.journal.append(first);
      await store.journal.append({
        type: 'patch',
        interactionId: id,
        fields: {
          recommendation: 'S: Xarope',
          candidates: [{ id: 1 }],
          tsAiResponse: new Date('2026-11-21T12:00:02.000Z'),
        },
        usage: [usage({ kind: 'llm', interactionId: id })],
      });
      await store.journal.append({ type: 'sent', interactionId: id, at: new Date('2026-11-21T12:00:03.000Z') });
      await store.journal.append({ type: 'sent', interactionId: id, at: new Date('2026-11-21T12:00:09.000Z') });
      await store.journal.append({ type: 'feedback', interactionId: id, counterId: 'another', result: 'recusado' });
      await store.journal.append({ type: 'feedback', interactionId: id, counterId: 'counter', result: 'aceito' });
      await store.journal.append(first);
      await store.drained();
      t.same(await store.interactions.byId(id), {
        ...row,
        recommendation: 'S: Xarope',
        candidates: [{ id: 1 }],
        tsAiResponse: new Date('2026-11-21T12:00:02.000Z'),
        tsClientSent: new Date('2026-11-21T12:00:03.000Z'),
        feedback: 'aceito',
      });
      const everything = { clientIds: ['client'], from: '2026-01-01', to: '2026-12-31' };
      const { costMicroUsd } = await store.costs.total(everything);
      t.equal(costMicroUsd, 42, 'the row came twice, its usage counts once');
    });

    t.test('a comparison is stored once, beside its row, and goes with it', async (t) => {
      const row = interaction({ id: store.ids.nextId() });
      const heard = shadow({ text: 'a\0b', at: new Date('2026-11-21T12:00:04.000Z') });
      const billed = usage({ interactionId: row.id, purpose: 'shadow', costMicroUsd: 30 });
      const entry: JournalEntry = { type: 'shadow', interactionId: row.id, shadow: heard, usage: [billed] };
      await store.journal.append({ type: 'interaction', interaction: row, usage: [] });
      for (let times = 0; times < 2; times++) await store.journal.append(entry);
      await store.drained();
      const stored = () =>
        store.db.system((trx) =>
          trx.selectFrom('shadow_results').selectAll().where('interacao_id', '=', row.id).execute(),
        );
      t.match(await stored(), [
        { text: 'ab', answer_text: 'estou com tosse', provider: 'stt/outra', outcome: 'answered', at: heard.at },
      ]);
      t.equal((await stored()).length, 1);
      const ledger = await store.db.system((trx) =>
        trx.selectFrom('usage_ledger').select('purpose').where('interacao_id', '=', row.id).execute(),
      );
      t.same(ledger, [{ purpose: 'shadow' }]);
      await store.db.system((trx) => trx.deleteFrom('interacoes').where('id', '=', row.id).execute());
      t.same(await stored(), [], 'erased with the interaction');
      await store.journal.append({ ...entry, shadow: shadow() });
      await store.journal.append({
        type: 'interaction',
        interaction: interaction({ id: store.ids.nextId() }),
        usage: [],
      });
      await store.drained();
      t.same(await stored(), [], 'what comes after it was erased is not stored');
      t.equal(store.status().journal.rejected, 0, 'nor kept anywhere else');
    });

    t.test('text that Postgres cannot hold is made fit for it', async (t) => {
      const row = interaction({
        id: store.ids.nextId(),
        transcript: 'a\0b\ud800c',
        gate: { 'k\0': ['\0', '\udc00'] },
        segmentDurationMs: 12.6,
        snr: Number.NaN,
      });
      await store.journal.append({ type: 'interaction', interaction: row, usage: [] });
      await store.drained();
      const stored = await store.interactions.byId(row.id);
      t.match(stored, { transcript: 'ab\ufffdc', gate: { k: ['', '\ufffd'] }, segmentDurationMs: 13, snr: null });
    });

    t.test('what the database refuses is put aside and holds nobody up', async (t) => {
      const at = { counterId: 'other' };
      const poison = interaction({ id: store.ids.nextId(), segment: 2 ** 40, ...at });
      const rows = [
        interaction({ id: store.ids.nextId(), ...at }),
        poison,
        interaction({ id: store.ids.nextId(), ...at }),
      ];
      await Promise.all(rows.map((row) => store.journal.append({ type: 'interaction', interaction: row, usage: [] })));
      await store.journal.append({ type: 'feedback', interactionId: 2 ** 50, counterId: 'counter', result: 'aceito' });
      await store.drained();
      t.equal((await store.interactions.list(at, 10)).rows.length, 2);
      t.equal(store.status().journal.rejected, 1);
      await store.close();
      t.equal(
        (await readdir(join(open.options.dataDir, 'journal-rejected'))).length,
        1,
        'kept for a person to look at',
      );
    });
  }),
);

t.test('an outage of the database: entries wait, then arrive in order', { skip }, async (t) => {
  const open = await postgres(t, url);
  const wire = await breakableWire(t, new URL(url));
  const through = new URL(open.options.url ?? '');
  through.host = `127.0.0.1:${wire.port}`;
  const store = await open({ url: through.href });
  const away = once(store.db, 'state');
  wire.cut();
  await t.rejects(store.clients.list(), { code: 'BALTO_STORE_AWAY', statusCode: 503 });
  t.same(await away, ['away']);
  const row = interaction({ id: store.ids.nextId() });
  await store.journal.append({ type: 'interaction', interaction: row, usage: [] });
  await store.journal.append({ type: 'feedback', interactionId: row.id, counterId: 'counter', result: 'aceito' });
  wire.mend();
  await store.drained();
  t.equal((await store.interactions.byId(row.id))?.feedback, 'aceito');
  t.equal(store.status().database.state, 'ready');
});

t.test(
  'a database that is away at start: the store opens, says so, and is ready when it comes',
  { skip },
  async (t) => {
    const open = await postgres(t, url);
    const wire = await breakableWire(t, new URL(url));
    wire.cut();
    const through = new URL(open.options.url ?? '');
    through.host = `127.0.0.1:${wire.port}`;
    const store = await open({ url: through.href });
    t.match(store.status().database, { kind: 'postgres', state: 'connecting', error: /^(E|CONN)/ });
    t.throws(() => store.ids.nextId(), { code: 'BALTO_STORE_NO_IDS' });
    wire.mend();
    await store.ready();
    t.match(store.status().database, { state: 'ready', error: null, migration: /_/ });
    t.ok(store.ids.nextId() > 0);
  },
);

/** A TCP relay that can be cut and mended. */
async function breakableWire(t: Test, target: URL): Promise<{ port: number; cut(): void; mend(): void }> {
  const sockets = new Set<Socket>();
  let open = true;
  const server: Server = createServer((socket) => {
    if (!open) return socket.destroy();
    const other = dial(Number(target.port || 5432), target.hostname);
    for (const end of [socket, other]) {
      sockets.add(end);
      end.on('error', () => {});
      end.on('close', () => {
        sockets.delete(end);
        socket.destroy();
        other.destroy();
      });
    }
    socket.pipe(other).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    open = false;
    for (const socket of sockets) socket.destroy();
  };
  t.teardown(() => {
    cut();
    server.close();
  });
  return {
    port: (server.address() as { port: number }).port,
    cut,
    mend() {
      open = true;
    },
  };
}
