import t from 'tap';
import type { Clock } from '../../core/contracts/index.ts';
import type { Recost } from '../../core/store/cost-corrections.ts';
import type { CostQuery } from '../../core/store/costs.ts';
import type { Store } from '../../core/store/index.ts';
import type { UsageEntry } from '../../core/store/interaction.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { forEachDatabase } from '../helpers/databases.ts';
import { interaction, shadow, usage } from '../helpers/interactions.ts';

const YEAR = { from: '2026-01-01', to: '2026-12-31' };
const SECONDS: Partial<UsageEntry> = { kind: 'stt', provider: 'stt/acme', unit: 'second', of: 'audio_in' };

/** What the ledger holds must be what the sums say, whatever was done to it. */
const sumOfLedger = async (store: Store): Promise<number> => {
  const rows = await store.db.kysely.selectFrom('usage_ledger').select('cost_micro_usd').execute();
  return rows.reduce((sum, row) => sum + row.cost_micro_usd, 0);
};

async function spend(store: Store, lines: Partial<UsageEntry>[], costMicroUsd?: number): Promise<number> {
  const id = store.ids.nextId();
  const total = lines.reduce((sum, line) => sum + (line.purpose === 'shadow' ? 0 : (line.costMicroUsd ?? 0)), 0);
  const row = interaction({ id, costMicroUsd: costMicroUsd ?? total });
  const entries = lines.map((line) => usage({ interactionId: id, ...line }));
  await store.journal.append({ type: 'interaction', interaction: row, usage: entries });
  await store.drained();
  return id;
}

t.test('costs by day, provider, counter and client', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'Farmácia A' });
    const { counter } = await store.counters.register(client.clientId, 'Caixa 1');
    const ours = { clientId: client.clientId, counterId: counter.counterId };
    const night = new Date('2026-11-21T02:30:00Z');
    await spend(store, [
      { ...SECONDS, ...ours, provider: 'stt/acme:big', quantity: 10, costMicroUsd: 100, at: night },
      { ...SECONDS, ...ours, quantity: 4, costMicroUsd: 40 },
      { ...SECONDS, ...ours, provider: 'stt/other', costMicroUsd: 7, quantity: 4, purpose: 'hedge' },
      { ...SECONDS, ...ours, provider: 'stt/other', costMicroUsd: 9, quantity: 4, purpose: 'shadow' },
      { ...ours, kind: 'llm', provider: 'llm/acme', unit: 'token', of: 'text_in', quantity: 800, costMicroUsd: 5 },
      { ...ours, kind: 'llm', provider: 'llm/acme', unit: 'token', of: 'text_out', quantity: 60, costMicroUsd: 6 },
      { ...SECONDS, costMicroUsd: 1000, quantity: 100 },
    ]);
    const query: CostQuery = { clientIds: [client.clientId], ...YEAR };

    t.same(
      (await store.costs.report(query, 'day', 50)).items.map(({ key, costMicroUsd }) => [key, costMicroUsd]),
      [
        ['2026-11-20', 100],
        ['2026-11-21', 67],
      ],
      'half past two in London is yesterday evening in São Paulo',
    );
    t.same((await store.costs.report(query, 'provider', 50)).items, [
      cost({ key: 'llm/acme', costMicroUsd: 11, textInTokens: 800, textOutTokens: 60 }),
      cost({ key: 'stt/acme', costMicroUsd: 140, audioSeconds: 14 }),
      cost({ key: 'stt/other', costMicroUsd: 16, hedgeMicroUsd: 7, shadowMicroUsd: 9, audioSeconds: 8 }),
    ]);
    t.match((await store.costs.report(query, 'counter', 50)).items, [
      { key: counter.counterId, name: 'Caixa 1', costMicroUsd: 167 },
    ]);
    const all = await store.costs.report({ clientIds: null, ...YEAR }, 'client', 50);
    t.same(
      new Map(all.items.map(({ name, costMicroUsd }) => [name, costMicroUsd])),
      new Map([
        ['Farmácia A', 167],
        [null, 1000],
      ]),
    );
    t.same((await store.costs.report({ ...query, clientIds: [] }, 'client', 50)).items, [], 'nobody’s is nothing');
    t.match(await store.costs.total({ ...query, provider: 'stt/acme', from: '2026-11-21' }), { costMicroUsd: 40 });
    t.match(await store.costs.total({ ...query, counterId: 'another' }), { costMicroUsd: 0 });

    const first = await store.costs.report(query, 'provider', 2);
    const second = await store.costs.report(query, 'provider', 2, first.next ?? '');
    t.same([first.items.length, second.items.map(({ key }) => key), second.next], [2, ['stt/other'], null]);
    await t.rejects(store.costs.report(query, 'day', 2, 'x'), { code: 'BALTO_CURSOR_INVALID', field: 'cursor' });

    const spent = await store.costs.spentSince(
      new Map([
        [client.clientId, '2026-11-21'],
        ['client', '2026-11-01'],
        ['nobody', '2026-11-01'],
      ]),
    );
    t.same(
      spent,
      new Map([
        [client.clientId, 67],
        ['client', 1000],
      ]),
    );
  }),
);

t.test('the sums follow the ledger, whoever changes it', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const total = async () => (await store.costs.total({ clientIds: null, ...YEAR })).costMicroUsd;
    const line = { ...SECONDS, costMicroUsd: 30, idempotencyKey: 'a:1:stt:0:0' };
    await spend(store, [line, { ...line, idempotencyKey: 'a:1:stt:0:1' }]);
    await spend(store, [line], 30);
    t.equal(await total(), 60, 'the same attempt twice is counted once');
    await store.db.system((trx) =>
      trx.updateTable('usage_ledger').set({ cost_micro_usd: 11, balcao_id: 'b' }).execute(),
    );
    t.same([await total(), await sumOfLedger(store)], [22, 22]);
    t.match((await store.costs.report({ clientIds: null, ...YEAR }, 'counter', 5)).items, [
      { key: 'b', costMicroUsd: 22 },
      { key: 'counter', costMicroUsd: 0 },
    ]);
    const stolen = store.db.tenant('client', (trx) => trx.updateTable('cost_days').set({ quantity: 0 }).execute());
    await t.rejects(stolen, { code: '42501' }, 'a sum is not written by hand');
    await store.db.system((trx) =>
      trx.deleteFrom('usage_ledger').where('idempotency_key', '=', line.idempotencyKey).execute(),
    );
    t.same([await total(), await sumOfLedger(store)], [11, 11]);
  }),
);

t.test('a price from an earlier day corrects what it reaches, once, and says so', (t) =>
  forEachDatabase(t, async (t, open) => {
    let now = Date.parse('2026-11-21T15:00:00Z');
    const clock: Clock = { ...systemClock, date: () => new Date(now) };
    const store = await open({ clock });
    const attempt = (key: string, line: Partial<UsageEntry>): Partial<UsageEntry>[] =>
      [0, 1].map((part) => ({
        ...SECONDS,
        quantity: 10,
        costMicroUsd: 100,
        idempotencyKey: `${key}:${part}`,
        ...line,
      }));
    const paid = await spend(store, [
      ...attempt('s:1:stt:0', {}),
      ...attempt('s:1:stt:1', { provider: 'stt/acme:big', purpose: 'shadow' }),
      ...attempt('s:1:stt:2', { provider: 'stt/other' }),
      ...attempt('s:1:stt:3', { at: new Date('2026-09-30T23:59:59Z') }),
      ...attempt('s:1:stt:4', { mode: null as never }),
    ]);
    const comparison = shadow({ provider: 'stt/acme:big', costMicroUsd: 200 });
    await store.journal.append({ type: 'shadow', interactionId: paid, shadow: comparison, usage: [] });
    // Lines of one attempt cost 2.5 together: only rounded together do they make 3 and 2.
    const recost: Recost = {
      version: 7,
      priceVersion: '2026-11-21+v7',
      costs: (lines) => lines.map((_line, index) => (index === 0 ? 3 : 2)),
    };
    const run = async () => {
      const results: string[] = [];
      do results.push(await store.corrections.step(recost));
      while (results.at(-1) === 'more');
      return results.at(-1);
    };
    t.equal(await run(), 'done', 'nothing to correct');
    await store.drained();
    t.equal(await store.corrections.newest(), 0);
    await store.corrections.begin(7, { since: '2026-10-01', providers: ['stt/acme'] });
    await store.corrections.begin(7, { since: null, providers: [] });
    t.equal(await store.corrections.newest(), 7);
    t.equal(
      await store.corrections.step({ ...recost, version: 6 }),
      'done',
      'who does not know these prices leaves them',
    );

    t.equal(await run(), 'waiting');
    const lines = await store.db.kysely.selectFrom('usage_ledger').selectAll().orderBy('id').execute();
    t.same(
      lines.map(({ cost_micro_usd, price_version }) => [cost_micro_usd, price_version?.includes('+v7')]),
      [3, 2, 3, 2, 100, 100, 100, 100, 100, 100].map((each) => [each, each < 100]),
      'another provider, another time and what cannot be worked out stay',
    );
    const row = await store.interactions.byId(paid);
    t.same([row?.costMicroUsd, row?.estimatedCost], [800 - 195, 605 / 1e6], 'the comparison is no part of it');
    const shadows = await store.db.kysely.selectFrom('shadow_results').select('cost_micro_usd').execute();
    t.same(shadows, [{ cost_micro_usd: 5 }]);
    t.equal((await store.costs.total({ clientIds: null, ...YEAR })).costMicroUsd, await sumOfLedger(store));

    await spend(store, attempt('s:2:stt:0', {}));
    now += 9 * 60_000;
    t.equal(await run(), 'waiting');
    t.match(
      await store.corrections.list(5),
      [{ version: 7, rows: 6, microUsd: -585, finishedAt: null }],
      'late ones too',
    );
    now += 2 * 60_000;
    t.equal(await run(), 'done');
    t.match(await store.corrections.list(5), [{ version: 7, finishedAt: new Date(now) }]);
    t.match(await store.audit.list(), [
      { actor: 'system', action: 'costs.correct', after: { desde: '2026-10-01', linhas: 6, micro_usd: -585 } },
    ]);
    await store.corrections.begin(8, { since: null, providers: [] });
    t.equal(await store.corrections.step({ ...recost, version: 8 }), 'done', 'a price of tomorrow corrects nothing');
  }),
);

t.test('a long ledger is corrected in steps, none of which parts an attempt, by one of two processes', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const attempts = Array.from({ length: 1200 }, (_, index) => index);
    const lines = attempts.flatMap((index) =>
      [0, 1, 2].map((part) => ({ ...SECONDS, costMicroUsd: 9, idempotencyKey: `s:${index}:stt:0:${part}` })),
    );
    for (let at = 0; at < lines.length; at += 600) await spend(store, lines.slice(at, at + 600));
    await store.corrections.begin(3, { since: '2026-01-01', providers: ['stt/acme'] });
    const sizes: number[] = [];
    const recost: Recost = {
      version: 3,
      priceVersion: 'x+v3',
      costs: (attempt) => {
        sizes.push(attempt.length);
        return attempt.map(() => 1);
      },
    };
    const worker = async () => {
      let result = await store.corrections.step(recost);
      for (; result === 'more'; ) result = await store.corrections.step(recost);
      return result;
    };
    t.ok((await Promise.all([worker(), worker()])).includes('waiting'));
    t.equal(await worker(), 'waiting');
    t.same([sizes.length, new Set(sizes)], [1200, new Set([3])]);
    t.match(await store.corrections.list(1), [{ rows: 3600, microUsd: -8 * 3600 }]);
    t.equal(await sumOfLedger(store), 3600);
  }),
);

function cost(fields: object) {
  const none = { hedgeMicroUsd: 0, shadowMicroUsd: 0, audioSeconds: 0, textInTokens: 0, textOutTokens: 0 };
  return { name: null, ...none, ...fields };
}
