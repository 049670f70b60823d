import t, { type Test } from 'tap';
import type { BudgetChange } from '../../core/counter/budgets.ts';
import type { Attempt } from '../../core/runtime/types.ts';
import { startDeepgram, startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { connectCounter, type RunningBalto, startBalto } from '../helpers/balto.ts';
import { streamFile } from '../helpers/conversation.ts';
import { Seen } from '../helpers/seen.ts';
import { obedientModel, spokenUntil, wavUntil } from '../helpers/talk.ts';

const UNTIL_MS = 14_200;
const SPOKEN = spokenUntil(UNTIL_MS).length;

/** One counter says the script's first sentences; resolves with its rows. */
async function talk({ ws, apiKey, observer, rows }: RunningBalto) {
  const seen = new Seen(observer);
  const counter = await connectCounter(ws, apiKey);
  await seen.until(({ opened }) => opened === 1);
  await streamFile(counter.socket, wavUntil(UNTIL_MS));
  counter.say({ comando: 'fim' });
  await seen.until(({ utterances }) => utterances.length === SPOKEN);
  counter.socket.close();
  await seen.until(({ closed }) => closed === 1);
  const session = seen.utterances[0]?.sessionId;
  return (await rows()).filter(({ sessionId }) => sessionId === session);
}

async function houseWithBudget(t: Test) {
  const coverage = new Coverage(await wavReference());
  const deepgram = await startDeepgram({ listening: coverage });
  const elevenlabs = await startElevenLabs({ listening: coverage });
  const llm = await startOpenAi({ respond: obedientModel() });
  const house = await startBalto(t, { vendors: { deepgram, elevenlabs, llm } });
  const changes: BudgetChange[] = [];
  house.observer.on('budget', (change) => changes.push(change));
  const { store } = house.balto;
  const setBudget = async (value: object | null) => {
    const changes = [{ clientId: house.clientId, counterId: null, section: 'budget', value }];
    await store.configVersions.activate({ actor: 'cli', changes });
    await store.config.refresh();
  };
  const asked = () => deepgram.requests.length + elevenlabs.requests.length + llm.requests.length;
  return { house, setBudget, changes, asked, deepgram, elevenlabs };
}

t.test(
  'a budget runs out: a warning, the cheaper vendor, nobody; and a larger one is in force at the next utterance',
  async (t) => {
    const { house, setBudget, changes, asked } = await houseWithBudget(t);
    const vendorsOf = (rows: { sttModel: string | null }[]) => new Set(rows.map(({ sttModel }) => sttModel));
    await setBudget({ microUsd: 1_000_000, period: 'month', stop: true });
    const rich = await talk(house);
    t.same(vendorsOf(rich), new Set(['deepgram']));
    const spent = rich.reduce((sum, { costMicroUsd }) => sum + (costMicroUsd ?? 0), 0);
    t.ok(spent > 0);
    t.same(changes, []);

    await setBudget({
      microUsd: Math.ceil(spent * 1.05),
      period: 'month',
      stop: true,
      cheaper: { stt: ['stt/elevenlabs'] },
    });
    const careful = await talk(house);
    t.equal(careful[0]?.sttModel, 'elevenlabs', 'little is left: the cheaper one comes first');
    t.match(careful[0]?.decision, { thrift: 'lista' });
    t.equal(careful.at(-1)?.interactionType, 'orcamento', 'and then it is spent');
    t.same(new Set(changes.map(({ state }) => state)), new Set(['cheaper', 'stopped']));

    const before = asked();
    const poor = await talk(house);
    t.equal(asked(), before, 'nobody who bills is called');
    t.match(
      poor,
      Array(SPOKEN).fill({ interactionType: 'orcamento', transcript: null, sttModel: null, costMicroUsd: 0 }),
    );
    t.match(poor[0]?.decision, { rule: 'orcamento', candidates: [], status: 'no_provider' });
    t.equal(changes.filter(({ state }) => state === 'stopped').length, 1, 'said once');
    t.match(await house.balto.store.audit.list(3), [{ action: 'budget.stopped' }, { action: 'budget.cheaper' }]);
    const alerts = await house.balto.store.alerts.page({ clientIds: [house.clientId], open: true }, 10);
    t.match(alerts.items, [{ kind: 'budget.stopped' }, { kind: 'budget.cheaper' }]);

    await setBudget({ microUsd: spent * 100, period: 'month', stop: true });
    t.same(vendorsOf(await talk(house)), new Set(['deepgram']));
    t.match(changes.at(-1), { state: 'ok', clientId: house.clientId });
  },
);

t.test('what was spent before there was a budget counts, from the first utterance on', async (t) => {
  const { house, setBudget, asked } = await houseWithBudget(t);
  await talk(house);
  await setBudget({ microUsd: 1, period: 'day', stop: true });
  const before = asked();
  const rows = await talk(house);
  t.same([asked(), rows[0]?.interactionType], [before, 'orcamento']);
});

t.test('what a probe costs is in the ledger: of the client whose key was tried, else of the house', async (t) => {
  const { house } = await houseWithBudget(t);
  const { store, providers } = house.balto;
  const attempt: Attempt = {
    ...{ address: 'stt/deepgram', purpose: 'answer', at: '2026-11-21T12:00:00Z', mode: 'batch', outcome: 'answered' },
    ...{ queueMs: 0, durationMs: 200, replayedMs: 0, costMicroUsd: 0 },
    ...{ startedAt: '2026-11-21T12:00:00Z', firstByteMs: 5 },
    usage: [{ unit: 'second', quantity: 60, of: 'audio_in', model: 'nova-3' }],
  };
  const subject = { key: 'k', kind: 'stt' as const, address: 'stt/deepgram', model: 'nova-3', credential: 'f' };
  let lines = 0;
  const billed = new Promise<void>((resolve) => house.observer.on('billed', () => ++lines === 2 && resolve()));
  providers.health.emit('probe', { ...subject, attempt, tenant: null });
  providers.health.emit('probe', { ...subject, attempt: { ...attempt, usage: [] }, tenant: null });
  providers.health.emit('probe', { ...subject, attempt, tenant: house.clientId });
  await billed;
  await store.drained();
  const stored = await store.db.kysely.selectFrom('usage_ledger').selectAll().orderBy('id').execute();
  t.match(stored, [
    {
      cliente_id: '',
      balcao_id: null,
      interacao_id: null,
      purpose: 'probe',
      cost_micro_usd: 7700,
      provider: 'stt/deepgram',
    },
    { cliente_id: house.clientId, purpose: 'probe', cost_micro_usd: 7700 },
  ]);
  t.equal(stored.length, 2);
});
