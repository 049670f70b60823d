import type { Store } from '../../core/store/index.ts';
import { insertInteractions } from '../../core/store/interactions.ts';
import { interaction } from './interactions.ts';

let clients = 0;

/** A client of its own with one counter, and the code it was registered with. */
export async function registered(store: Store) {
  clients++;
  const { client, code } = await store.clients.create({ email: `d${clients}@x`, companyName: `Farmácia ${clients}` });
  const { counter } = await store.counters.register(client.clientId, `Caixa ${clients}`);
  return { client, code, counter };
}

/** Rows of one counter, a second apart. */
export async function rowsOf(store: Store, count: number) {
  const { client, counter } = await registered(store);
  const ids: number[] = [];
  while (ids.length < count) {
    if (store.ids.available === 0) await store.ids.ready();
    ids.push(store.ids.nextId());
  }
  const whose = { clientId: client.clientId, counterId: counter.counterId };
  const at = (index: number) => new Date(Date.parse('2026-11-21T02:59:58.500Z') + index * 1000);
  const rows = ids.map((id, index) => interaction({ id, ...whose, timestamp: at(index), tsAudioReceived: at(index) }));
  await store.db.system(async (trx) => {
    for (let from = 0; from < count; from += 500) await insertInteractions(trx, rows.slice(from, from + 500));
  });
  return { ids, counter, client };
}
