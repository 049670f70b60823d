/**
 * A process that does nothing but append to its journal, to be killed at any moment. It says each row on stdout once its
 * `append` has resolved. Arguments: the store's options as JSON, and after how many rows it kills itself, with nothing
 * done in between (0: it waits to be killed).
 */
import { writeSync } from 'node:fs';
import { openStore, type StoreOptions } from '../../core/store/index.ts';
import { quietLog } from './databases.ts';
import { interaction, usage } from './interactions.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as Omit<StoreOptions, 'log'>;
const rows = Number(process.argv[3]);
const store = await openStore({ ...options, log: quietLog });
await store.ready();
for (let row = 1; ; row += 1) {
  await appendOne();
  if (row === rows) process.kill(process.pid, 'SIGKILL');
}

async function appendOne(): Promise<void> {
  const row = interaction({ id: store.ids.nextId(), transcript: 'tem alguma coisa para dor de cabeça?' });
  const spent = [usage({ interactionId: row.id, idempotencyKey: `${row.idempotencyKey}:stt` })];
  await store.journal.append({ type: 'interaction', interaction: row, usage: spent });
  await store.journal.append({ type: 'sent', interactionId: row.id, at: new Date('2026-11-21T12:00:01.000Z') });
  writeSync(1, `${row.idempotencyKey}\n`);
}
