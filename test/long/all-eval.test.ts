import t from 'tap';
import { dialogues, type Split } from '../eval/dialogues.ts';
import { EvalHouse } from '../eval/house.ts';
import { type Outcome, type Score, score } from '../eval/score.ts';
import { openTestStore } from '../helpers/databases.ts';

/** What the catalogue's own ranking must reach: a little under what it was measured at (docs/farmacia.md). */
const FLOORS: Record<Split, { precision: number; recall: number }> = {
  dev: { precision: 0.94, recall: 0.94 },
  test: { precision: 0.88, recall: 0.84 },
};

t.test('the labels: every group and code exists, every kind of talk is there', async (t) => {
  const all = dialogues(['dev', 'test']);
  t.ok(all.length >= 120, `${all.length} dialogues`);
  t.equal(new Set(all.map(({ id }) => id)).size, all.length);
  const house = await EvalHouse.open(await openTestStore(t));
  const codes = all.flatMap(({ expected, welcome, named }) => [
    ...expected.flatMap(({ items }) => [...items]),
    ...welcome,
    ...named,
  ]);
  t.same(
    [...new Set(codes)].filter((code) => !house.has(code)),
    [],
  );
  const kinds = new Set(all.map(({ kind }) => kind));
  for (const kind of ['need', 'trap', 'small-talk', 'price', 'child', 'pregnancy', 'rx-request', 'multi-turn']) {
    t.ok(kinds.has(kind), kind);
  }
  await t.test('the catalogue alone: nothing unsafe, and its score holds on both halves', async (t) => {
    for (const split of ['dev', 'test'] as const) {
      const outcomes: Outcome[] = [];
      for (const dialogue of all.filter((each) => each.split === split)) outcomes.push(await house.answer(dialogue));
      const result = score(outcomes);
      t.equal(result.unsafeRate, 0, `${split}: ${unsafeIn(result)}`);
      t.ok(result.precision >= FLOORS[split].precision, `${split}: precision ${result.precision}`);
      t.ok(result.recall >= FLOORS[split].recall, `${split}: recall ${result.recall}`);
    }
  });
});

t.test('a score counts what is wrong, missed and forbidden', async (t) => {
  const [dialogue] = dialogues(['dev']).filter(({ forbidden }) => forbidden === 'medicine');
  if (!dialogue) throw new Error('no such dialogue');
  const item = { code: 'dipirona-gotas', name: 'Dipirona gotas', saleClass: 'venda_livre', medicine: true };
  const outcome = { dialogue, suggested: [item], latenciesMs: [1], costMicroUsd: 3, sources: ['llm' as const] };
  t.match(score([outcome]), { unsafeRate: 1, costMicroUsd: 3, mistakes: [{ unsafe: ['Dipirona gotas'] }] });
  const expecting = {
    ...dialogue,
    forbidden: null,
    welcome: new Set<string>(),
    expected: [{ need: 'x', items: new Set(['outro']) }],
  };
  t.match(score([{ ...outcome, dialogue: expecting }]), {
    precision: 0,
    recall: 0,
    unsafeRate: 0,
    mistakes: [{ wrong: ['Dipirona gotas'], missed: ['x'] }],
  });
  const named = {
    ...expecting,
    expected: [{ need: 'x', items: new Set(['dipirona-gotas']) }],
    named: new Set(['dipirona-gotas']),
  };
  t.match(score([{ ...outcome, dialogue: named }]), { precision: 0, recall: 0 }, 'what was named is no help');
});

function unsafeIn({ mistakes }: Score): string {
  return mistakes.flatMap(({ id, unsafe }) => (unsafe.length > 0 ? [`${id} ${unsafe.join(', ')}`] : [])).join('; ');
}
