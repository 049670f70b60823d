import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t from 'tap';
import { forEachDatabase, type OpenStore } from '../helpers/databases.ts';

/**
 * After how many acknowledged rows each process dies; the drainer is somewhere else each time. `itself`: in the very
 * instant of the acknowledgement; else a little later, wherever it is.
 */
const KILLS = [
  { rows: 40, itself: true },
  { rows: 100, itself: false },
];

t.test('kill -9 at any moment loses nothing acknowledged, and doubles nothing', (t) =>
  forEachDatabase(t, async (t, open) => {
    const acknowledged: string[] = [];
    for (const { rows, itself } of KILLS) acknowledged.push(...(await killedAfter(open, rows, itself)));
    const store = await open();
    await store.drained();
    const stored = await store.db.kysely
      .selectFrom('interacoes as i')
      .leftJoin('usage_ledger as u', 'u.interacao_id', 'i.id')
      .select(['i.chave_idempotencia', 'i.ts_client_sent', 'i.transcricao_completa', 'u.idempotency_key'])
      .execute();
    const byKey = new Map(stored.map((row) => [row.chave_idempotencia, row]));
    t.equal(byKey.size, stored.length, 'one row and one usage entry each');
    t.ok(acknowledged.length >= KILLS.reduce((sum, { rows }) => sum + rows, 0));
    t.same(
      acknowledged.filter((key) => byKey.get(key)?.ts_client_sent?.toISOString() !== '2026-11-21T12:00:01.000Z'),
      [],
      'every acknowledged row is stored, with what followed it',
    );
    t.ok(
      stored.every((row) => row.idempotency_key && row.transcricao_completa === 'tem alguma coisa para dor de cabeça?'),
    );
    t.same(await readdir(join(open.options.dataDir, 'journal')), [], 'what is stored is no longer in a journal');
  }),
);

async function killedAfter(open: OpenStore, rows: number, itself: boolean): Promise<string[]> {
  const { url, dataDir, secretKey } = open.options;
  const script = new URL('../helpers/journal-writer.ts', import.meta.url).pathname;
  const child: ChildProcess = spawn(
    process.execPath,
    [script, JSON.stringify({ url, dataDir, secretKey }), itself ? String(rows) : '0'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const exited = once(child, 'exit');
  const keys: string[] = [];
  if (!child.stdout) throw new Error('no stdout');
  for await (const line of createInterface(child.stdout)) {
    keys.push(line);
    if (!itself && keys.length === rows) child.kill('SIGKILL');
  }
  await exited;
  return keys;
}
