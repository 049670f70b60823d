import { sql } from 'kysely';
import t from 'tap';
import { Simulator } from '../../core/routing/simulate.ts';
import type { Effective } from '../../core/routing/types.ts';
import { PriceBook } from '../../core/runtime/prices.ts';
import { systemClock } from '../../core/runtime/provider-context.ts';
import type { Store } from '../../core/store/index.ts';
import { Replay } from '../../core/store/replay.ts';
import { forEachDatabase, quietLog } from '../helpers/databases.ts';
import { routingStage, rule } from '../helpers/routing.ts';
import { saidBefore } from '../helpers/said-before.ts';

const stage = routingStage();
const FROM = new Date('2026-03-02T00:00:00Z');
const TO = new Date('2026-03-12T00:00:00Z');
const never = new AbortController().signal;
const price = (provider: string, microUsd: number) => ({
  provider,
  model: '*',
  of: 'audio_in',
  unit: 'second',
  microUsd,
  per: 1,
  from: '2020-01-01',
  source: 'teste',
});
const prices = new PriceBook(
  { version: '2026-11-21', prices: [price('stt/b', 10), price('stt/c', 4)] },
  { clock: systemClock, log: quietLog },
);
/** Long and clean goes to `stt/c`, what caixa 1 of the client says to `stt/a`, all else to `stt/b`. */
const DRAFT = [
  rule('caixa', ['stt/a'], { mode: 'stream', priority: 1, when: { counterTags: ['um'] } }),
  rule('limpa', ['stt/c', 'stt/b'], { when: { durationMs: { min: 5000 }, snrDb: { min: 15 } } }),
  rule('resto', ['stt/b'], { priority: 20, when: { weekdays: [0, 1, 2, 3, 4, 5, 6] } }),
];

function simulator(store: Store, mostRows?: number): Simulator {
  return new Simulator({
    registry: stage.registry,
    replay: new Replay(store.db),
    prices,
    language: 'pt-BR',
    clock: systemClock,
    ...(mostRows === undefined ? {} : { mostRows }),
  });
}

function order(clientId: string | null, rules = DRAFT) {
  const parts: Partial<Effective> = { rules: { client: rules, global: [] } };
  const effective = stage.effective(parts);
  return {
    period: { clientId, from: FROM, to: TO },
    draft: () => effective,
    tags: (_: string, counterId: string) => (counterId === 'c-1' ? ['um'] : []),
  };
}

/** What `saidBefore` writes, reckoned again. */
function written(rows: number) {
  return Array.from({ length: rows }, (_, g) => ({
    counter: g % 4,
    durationMs: 500 + ((g * 7919) % 100) * 100,
    snrDb: ((g * 31) % 40) - 5,
    address: g % 3 === 2 ? 'stt/c' : 'stt/b',
    costMicroUsd: g % 3 === 2 ? 0 : (500 + ((g * 7919) % 100) * 100) / 100,
  }));
}

function drafted({ counter, durationMs, snrDb }: ReturnType<typeof written>[number]): [string, number] {
  if (counter === 1) return ['stt/a', 0];
  const isLong = durationMs >= 5000 && snrDb >= 15;
  return isLong ? ['stt/c', Math.round((durationMs / 1000) * 4)] : ['stt/b', Math.round((durationMs / 1000) * 10)];
}

forEachDatabase(t, async (t, open) => {
  const store = await open();
  await saidBefore(store, { clientId: 'c', counters: 4, rows: 3000, from: FROM, days: 10 });
  await saidBefore(store, { clientId: 'outra', counters: 1, rows: 600, from: FROM, days: 10 });
  const rows = written(3000);
  const count = (is: (row: (typeof rows)[number]) => boolean) => rows.filter(is).length;

  await t.test(
    'every utterance of the period goes through the draft, and is compared with what happened',
    async (t) => {
      const figures = await simulator(store).run(order('c'), never);
      t.match(figures, { replayed: 3000, isSample: false, utterances: { value: 3000, interval: null } });
      const side = ({ providers }: typeof figures.draft) =>
        Object.fromEntries(providers.map((each) => [each.address, [each.utterances.value, each.price]]));
      t.same(side(figures.happened), { 'stt/b': [2000, 'billed'], 'stt/c': [1000, 'billed'] });
      t.same(side(figures.draft), {
        'stt/a': [count((row) => drafted(row)[0] === 'stt/a'), 'unknown'],
        'stt/b': [count((row) => drafted(row)[0] === 'stt/b'), 'list'],
        'stt/c': [count((row) => drafted(row)[0] === 'stt/c'), 'list'],
      });
      t.equal(
        figures.happened.costMicroUsd.value,
        rows.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0),
      );
      t.equal(
        figures.draft.costMicroUsd.value,
        rows.reduce((sum, row) => sum + drafted(row)[1], 0),
      );
      t.equal(figures.changed.value, count((row) => drafted(row)[0] !== row.address) / 3000);
      t.same(
        figures.rules.map(({ id }) => id),
        ['caixa', 'limpa', 'resto'],
      );
      const b = figures.happened.providers.find(({ address }) => address === 'stt/b')?.latencyMs;
      t.ok(Math.abs((b?.median.value ?? 0) - 1400) < 20, `900 to 1,899 ms: ${b?.median.value}`);
      t.ok(Math.abs((b?.p95.value ?? 0) - 1850) < 25, `${b?.p95.value}`);
      t.ok(
        Math.abs((figures.draft.latencyMs?.known ?? 0) - 0.75) < 0.001,
        'of a provider nobody used nothing is known',
      );
    },
  );

  await t.test('all clients, or a part of the period', async (t) => {
    t.equal((await simulator(store).run(order(null), never)).replayed, 3600);
    const half = { ...order('c'), period: { clientId: 'c', from: FROM, to: new Date('2026-03-07T00:00:00Z') } };
    t.equal((await simulator(store).run(half, never)).replayed, 1500);
    const none = { ...order('c'), period: { clientId: 'c', from: TO, to: new Date('2036-01-01T00:00:00Z') } };
    t.match(await simulator(store).run(none, never), { replayed: 0, draft: { providers: [] }, changed: { value: 0 } });
  });

  await t.test('of more than it takes a sample is drawn, and its intervals hold what is true', async (t) => {
    const all = await simulator(store).run(order('c'), never);
    const some = await simulator(store, 900).run(order('c'), never);
    t.ok(some.isSample && some.replayed > 750 && some.replayed < 1050, `${some.replayed} of 3,000`);
    const holds = (what: string, value: number, estimate: typeof some.changed) => {
      const [low, high] = estimate.interval ?? [Number.NaN, Number.NaN];
      // 95 times in 100; the draw is always the same one, and half as wide again is allowed here.
      const slack = (high - low) / 4;
      t.ok(value >= low - slack && value <= high + slack, `${what}: ${value} in ${low} to ${high}`);
      t.ok(high > low && high - low < Math.max(0.3 * value, 0.02), `${what}: ${high - low} wide`);
    };
    holds('cost', all.draft.costMicroUsd.value, some.draft.costMicroUsd);
    holds('happened', all.happened.costMicroUsd.value, some.happened.costMicroUsd);
    holds('changed', all.changed.value, some.changed);
    for (const [index, { share, address }] of all.draft.providers.entries()) {
      const sampled = some.draft.providers.find((each) => each.address === address);
      t.ok(sampled, address ?? '');
      if (sampled) holds(`share ${index}`, share.value, sampled.share);
    }
    t.ok(Math.abs(some.utterances.value - 3000) < 1, 'strata are counted, not drawn');
    t.ok(some.happened.providers[0]?.latencyMs?.median.interval);
  });

  await t.test('one at a time, and it can be stopped', async (t) => {
    const one = simulator(store);
    const running = one.run(order('c'), never);
    await t.rejects(one.run(order('c'), never), { code: 'BALTO_SIMULATION_BUSY', statusCode: 429 });
    await running;
    await t.rejects(one.run(order('c'), AbortSignal.abort(new Error('gone'))), /gone/);
    t.equal((await one.run(order('c'), never)).replayed, 3000);
  });

  await t.test('no query goes through the whole table', async (t) => {
    const replay = new Replay(store.db);
    const page = await replay.page({ clientId: 'c', from: FROM, to: TO }, null);
    t.equal(page.rows, 500);
    t.ok(page.next);
    const ledger = sql<Record<string, string>>`
      explain select 1 from usage_ledger u where u.interacao_id = 7 and u.cliente_id = 'c'`;
    const { rows: plan } = await ledger.execute(store.db.kysely);
    t.match(plan.map((line) => Object.values(line)[0]).join('\n'), /usage_ledger_interaction/);
  });
});
