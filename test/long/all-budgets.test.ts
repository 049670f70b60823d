import { once } from 'node:events';
import t, { type Test } from 'tap';
import { type BudgetChange, Budgets, type BudgetsOptions } from '../../core/counter/budgets.ts';
import { Registry } from '../../core/registry/registry.ts';
import type { Budget, Effective } from '../../core/routing/types.ts';
import type { Store } from '../../core/store/index.ts';
import type { JournalEntry } from '../../core/store/interaction.ts';
import { forEachDatabase } from '../helpers/databases.ts';
import { environmentEffective } from '../helpers/environment-effective.ts';
import { interaction, usage } from '../helpers/interactions.ts';
import { ManualClock } from '../helpers/manual-clock.ts';
import { keptLog } from '../helpers/provider.ts';

const registry = new Registry();

/** A client whose configuration says `budget`. */
function effective(clientId: string, budget: Partial<Budget> | null): Effective {
  const whole: Budget | null = budget && { microUsd: 1000, period: 'month', ...budget };
  return { ...environmentEffective(registry, {}, {}), clientId, budget: whole };
}

/** One process's view of the budgets, with what it announced. */
function process(t: Test, store: Store, clock: ManualClock, parts: Partial<BudgetsOptions> = {}) {
  const log = keptLog();
  const budgets = new Budgets({
    costs: store.costs,
    claims: store.budgetClaims,
    drained: () => store.drained(),
    clock,
    log,
    ...parts,
  });
  t.teardown(() => budgets.close());
  const changes: BudgetChange[] = [];
  budgets.on('changed', (change) => changes.push(change));
  const spend = async (clientId: string, costMicroUsd: number, at = clock.date()): Promise<void> => {
    const id = store.ids.nextId();
    const row = interaction({ id, clientId });
    const entry: JournalEntry = {
      type: 'interaction',
      interaction: row,
      usage: [usage({ clientId, costMicroUsd, at })],
    };
    budgets.note(entry);
    await store.journal.append(entry);
  };
  /** The next announcement. */
  const next = async () => ((await once(budgets, 'changed')) as [BudgetChange])[0];
  return { budgets, changes, spend, next, log };
}

t.test('a budget is spent, warned of, and spent with care, each said once', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const clock = new ManualClock();
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'A' });
    const config = effective(client.clientId, { stop: true });
    const one = process(t, store, clock);
    const two = process(t, store, clock);
    await Promise.all([one.budgets.load(config), two.budgets.load(config)]);
    t.same([one.budgets.left(config), one.budgets.left(effective(client.clientId, null))], [1, null]);
    await one.budgets.load(config);

    await one.spend(client.clientId, 500);
    await one.spend('another', 500);
    t.equal(one.budgets.left(config), 0.5, 'at once, before the ledger has it');
    t.equal(two.budgets.left(config), 1);
    await store.drained();
    await Promise.all([one.budgets.refresh(), two.budgets.refresh()]);
    t.equal(one.budgets.left(config), 0.5, 'once, also when the ledger has it');
    t.equal(two.budgets.left(config), 0.5, 'what the other process spent');

    const steps = [
      { spend: 310, state: 'warned', left: 0.19 },
      { spend: 100, state: 'cheaper', left: 0.09 },
      { spend: 200, state: 'stopped', left: 0 },
    ];
    for (const step of steps) {
      await one.spend(client.clientId, step.spend);
      const told = one.next();
      t.equal(Number(one.budgets.left(config)?.toFixed(6)), step.left);
      t.match(await told, { clientId: client.clientId, state: step.state, isFirst: true });
      await store.drained();
      const heard = two.next();
      await two.budgets.refresh();
      t.match(await heard, { state: step.state, isFirst: false }, 'the other one knows that it was said');
    }
    const later = process(t, store, clock);
    const heard = later.next();
    await later.budgets.load(config);
    t.match(
      await heard,
      { state: 'stopped', isFirst: false, spentMicroUsd: 1110 },
      'nor is it said again by a new process',
    );
    for (let times = 0; times < 5; times++) one.budgets.left(config);
    t.equal(one.changes.length, 3);

    const raised = one.next();
    t.ok((one.budgets.left(effective(client.clientId, { microUsd: 10_000 })) ?? 0) > 0.8);
    t.match(await raised, { state: 'ok', isFirst: true }, 'a larger budget: everything is well again');
    const spent = two.next();
    t.equal(two.budgets.left(effective(client.clientId, { microUsd: 10 })), 0);
    t.match(await spent, { state: 'spent' }, 'without stop, nothing is left and nobody is stopped');
  }),
);

t.test('days and months begin at midnight in São Paulo', async (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const clock = new ManualClock();
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'A' });
    const { budgets, spend } = process(t, store, clock);
    const daily = effective(client.clientId, { period: 'day' });
    await spend(client.clientId, 100, new Date('2026-11-21T02:59:59Z'));
    await spend(client.clientId, 30, new Date('2026-11-21T03:00:00Z'));
    await spend(client.clientId, 7, new Date('2026-10-31T12:00:00Z'));
    await store.drained();
    await budgets.load(daily);
    t.match(budgets.status(daily), { since: '2026-11-21', spentMicroUsd: 30 });
    await clock.advance(15 * 3_600_000 - 1);
    t.equal(budgets.status(daily)?.since, '2026-11-21');
    await clock.advance(1);
    t.match(budgets.status(daily), { since: '2026-11-22', spentMicroUsd: 0, left: 1 });
    const monthly = effective(client.clientId, { period: 'month' });
    budgets.status(monthly);
    await budgets.refresh();
    t.match(budgets.status(monthly), { since: '2026-11-01', spentMicroUsd: 130 });
  }),
);

t.test('a ledger that cannot be read leaves the last reading in force, and counting goes on', async (t) => {
  const clock = new ManualClock();
  let fault: Error | null = null;
  let isStuck = false;
  const budgets = new Budgets({
    costs: {
      spentSince: async () => {
        if (fault) throw fault;
        return new Map([['a', 400]]);
      },
    },
    claims: { claim: async () => Promise.reject(new Error('away')) },
    drained: () => (isStuck ? new Promise(() => {}) : Promise.resolve()),
    clock,
    log: keptLog(),
  });
  t.teardown(() => budgets.close());
  const changes: BudgetChange[] = [];
  budgets.on('changed', (change) => changes.push(change));
  const config = effective('a', {});
  await budgets.load(config);
  const left = () => Number(budgets.left(config)?.toFixed(6));
  const spend = (costMicroUsd: number) =>
    budgets.note({ type: 'patch', interactionId: 1, fields: {}, usage: [usage({ clientId: 'a', costMicroUsd })] });
  t.equal(left(), 0.6);
  fault = new Error('away');
  spend(100);
  await clock.advance(10_000);
  t.equal(left(), 0.5);
  fault = null;
  isStuck = true;
  await clock.advance(20_000);
  t.equal(left(), 0.5, 'what may not be in the ledger yet is not taken off');
  spend(390);
  t.equal(left(), 0.11);
  await clock.advance(0);
  t.match(changes, [{ state: 'warned', isFirst: true }], 'nobody can tell who said it: it is said');
  isStuck = false;
  await clock.advance(12_000);
  t.equal(left(), 0.6, 'drained: the ledger alone');
  await clock.advance(3_620_000);
  spend(100);
  t.equal(left(), 1, 'forgotten after an hour without an utterance, until it is loaded again');
});
