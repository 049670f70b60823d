import t from 'tap';
import { type RouteInput, route } from '../../../core/routing/route.ts';
import type { Effective } from '../../../core/routing/types.ts';
import { inputOf, routingStage, rule } from '../../helpers/routing.ts';

const stage = routingStage();
const { registry, listed } = stage;
const LONG_CLEAN = { durationMs: 6000, snrDb: 20, class: 'fala' };
const SHORT = { durationMs: 1000, snrDb: 20, class: 'fala' };

/** Decides under these parts of a configuration. */
function decided(parts: Partial<Effective>, facts: Parameters<typeof route>[1] = null, more: Partial<RouteInput> = {}) {
  return route(inputOf(registry, stage.effective(parts), more), facts);
}

const global = (...rules: ReturnType<typeof rule>[]) => ({ rules: { client: [], global: rules } });
const client = (...rules: ReturnType<typeof rule>[]) => ({ rules: { client: rules, global: [] } });

t.test(
  'without rules the list decides, streamed when its first streams; the others are passed over with a reason',
  async (t) => {
    const { decision, candidates } = decided(listed('stt', ['stt/k', 'stt/d', 'stt/a', 'stt/b'], 'environment'));
    t.same(decision, {
      rule: 'ambiente',
      version: 7,
      mode: 'stream',
      candidates: ['stt/a', 'stt/b'],
      rejected: [
        { address: 'stt/k', reason: 'defina K_API_KEY no .env' },
        { address: 'stt/d', reason: 'não atende o idioma pt-BR' },
      ],
    });
    t.equal(candidates[0]?.provider, stage.named('stt/a')[0], 'settings and keys travel with the candidate');
    t.equal(decided({}, LONG_CLEAN).decision.mode, 'segment', 'at its end nothing is left to stream');
    t.equal(decided(listed('stt', ['stt/b', 'stt/a'], 'environment')).decision.mode, 'segment');
    t.same(decided({}, null, { language: 'de' }).candidates, []);
    t.match(decided(listed('stt', ['stt/a', 'stt/d'], 'environment'), null, { language: 'es' }).decision.candidates, [
      'stt/d',
    ]);
  },
);

t.test('nobody to ask: the list that stood last is named, with its reasons', async (t) => {
  const { decision, candidates } = decided(listed('stt', ['stt/k'], 'environment'));
  t.match(decision, { rule: 'ambiente', candidates: [], rejected: [{ address: 'stt/k' }] });
  t.same(candidates, []);
});

t.test('each key of a vendor is a candidate of its own', async (t) => {
  const twoKeys = { ...stage.named('stt/a')[0]!, credentials: [{}, {}], fingerprints: ['1', '2'] };
  const base = stage.effective();
  const effective = {
    ...base,
    provider: (address: string) => (address === 'stt/a' ? twoKeys : base.provider(address)),
  };
  const { candidates } = route(inputOf(registry, effective), null);
  t.same(
    candidates.map(({ address, credential }) => `${address}#${credential}`),
    ['stt/a#0', 'stt/a#1', 'stt/b#0'],
  );
});

t.test('client’s rules, client’s list, global rules, global list', async (t) => {
  const rules = { client: [rule('minha', ['stt/b'])], global: [rule('geral', ['stt/c'])] };
  const own = listed('stt', ['stt/a'], 'client');
  t.equal(decided({ rules, ...own }).decision.rule, 'minha');
  t.match(decided({ rules: { ...rules, client: [] }, ...own }).decision, { rule: 'lista', candidates: ['stt/a'] });
  t.match(decided({ rules: { ...rules, client: [] } }).decision, { rule: 'geral', candidates: ['stt/c'] });
  t.equal(decided({ ...listed('stt', ['stt/b'], 'global') }).decision.rule, 'lista-global');
  t.match(
    decided({
      ...own,
      rules: { ...rules, client: [rule('minha', ['stt/k'])] },
      ...listed('stt', ['stt/d'], 'counter'),
    }).decision,
    { rule: 'geral', rejected: [{ address: 'stt/k' }, { address: 'stt/d' }] },
    'with nobody in the client’s own choices the global ones serve',
  );
});

t.test('the smaller priority first, then the order they stand in; disabled ones are not there', async (t) => {
  const rules = [rule('c', ['stt/c'], { priority: 20 }), rule('b', ['stt/b']), rule('a', ['stt/a'])];
  t.equal(decided(global(...rules)).decision.rule, 'b');
  t.equal(
    decided(global(...rules.map((each) => (each.id === 'b' ? { ...each, enabled: false } : each)))).decision.rule,
    'a',
  );
});

t.test('a rule on the utterance waits for its end, and keeps those behind it from streaming', async (t) => {
  const long = rule('longa', ['stt/b'], { when: { durationMs: { min: 5000 }, snrDb: { min: 15 } } });
  const live = rule('viva', ['stt/a'], { mode: 'stream', priority: 20 });
  t.match(decided(global(live)).decision, { rule: 'viva', mode: 'stream' });
  t.match(
    decided(global(long, live)).decision,
    { mode: 'segment', candidates: ['stt/b'] },
    'somebody is named meanwhile',
  );
  t.match(decided(global(long, live), LONG_CLEAN).decision, { rule: 'longa', candidates: ['stt/b'] });
  t.match(decided(global(long, live), SHORT).decision, { rule: 'viva', mode: 'segment', candidates: ['stt/a'] });
  t.match(
    decided(global({ ...long, priority: 30 }, live)).decision,
    { rule: 'viva', mode: 'stream' },
    'it stands behind',
  );
  t.equal(
    decided(global(long, live), { ...LONG_CLEAN, snrDb: null }).decision.rule,
    'viva',
    'unmeasured is in no range',
  );
});

t.test('an unknown rule that has nobody to give to keeps nobody from streaming', async (t) => {
  const long = rule('longa', ['stt/k'], { when: { durationMs: { min: 5000 } } });
  t.match(decided(global(long)).decision, { rule: 'ambiente', mode: 'stream', rejected: [] });
  t.match(
    decided(global({ ...long, must: ['local'] })).decision,
    { mode: 'segment' },
    'unless it would refuse everybody',
  );
});

t.test('bounds: the lower one belongs to the range, the upper one does not', async (t) => {
  const rules = global(rule('curta', ['stt/b'], { when: { durationMs: { max: 5000 } } }), rule('longa', ['stt/c']));
  t.equal(decided(rules, { ...SHORT, durationMs: 4999 }).decision.rule, 'curta');
  t.equal(decided(rules, { ...SHORT, durationMs: 5000 }).decision.rule, 'longa');
});

t.test('who cannot be used is passed over; a rule with constraints fails closed', async (t) => {
  t.match(decided(client(rule('r', ['stt/k', 'stt/b']))).decision, {
    rule: 'r',
    candidates: ['stt/b'],
    rejected: [{ address: 'stt/k' }],
  });
  t.match(decided(client(rule('r', ['stt/k', 'stt/nada']))).decision, {
    rule: 'ambiente',
    rejected: [{ address: 'stt/k' }, { address: 'stt/nada', reason: 'este Balto não tem tal provedor' }],
  });
  t.match(decided(client(rule('r', ['stt/a', 'stt/b', 'stt/c'], { must: ['region:eu'] }))).decision, {
    candidates: ['stt/b'],
    rejected: [{ address: 'stt/a', reason: 'não tem region:eu, que a regra exige' }, { address: 'stt/c' }],
  });
  const closed = decided(client(rule('r', ['stt/a'], { mustNot: ['region:us'] })));
  t.match(closed.decision, { rule: 'r', candidates: [], rejected: [{ reason: 'tem region:us, que a regra proíbe' }] });
  t.same(closed.candidates, []);
  t.match(decided(client(rule('r', ['stt/u'], { mustNot: ['region:us'] }))).decision, {
    candidates: [],
    rejected: [{ reason: 'não diz onde processa os dados, e a regra proíbe region:us' }],
  });
  t.same(decided(client(rule('r', ['llm/m']))).decision.rejected[0]?.reason, 'não é um provedor stt');
});

t.test('hours and weekdays in the client’s zone; a window past midnight is of the day it began', async (t) => {
  const at = (iso: string, when: object, zone = 'America/Sao_Paulo') =>
    decided({ ...client(rule('r', ['stt/b'], { when })), timeZone: zone }, null, { now: new Date(iso) }).decision
      .rule === 'r';
  const noon = { hours: [{ from: '08:00', to: '12:00' }] };
  t.ok(at('2026-11-21T11:00:00Z', noon), '08:00 in São Paulo');
  t.notOk(at('2026-11-21T15:00:00Z', noon), '12:00 there is past its end');
  t.ok(at('2026-11-21T15:00:00Z', noon, 'America/Manaus'), '11:00 in Manaus');
  const friday = { weekdays: [4], hours: [{ from: '22:00', to: '02:00' }] };
  t.ok(at('2026-11-21T04:59:00Z', friday), 'Saturday 01:59, of Friday’s night');
  t.notOk(at('2026-11-21T05:00:00Z', friday));
  t.notOk(at('2026-11-20T04:59:00Z', friday), 'Friday 01:59 is Thursday’s night');
  t.ok(at('2026-11-21T12:00:00Z', { weekdays: [5] }), 'Saturday is 5');
  t.ok(at('2026-11-21T02:30:00Z', { weekdays: [4], hours: [{ from: '20:00', to: '24:00' }] }));
  t.ok(at('2026-11-21T12:00:00Z', { weekdays: [5] }, 'Marte/Olimpo'), 'an unknown zone is São Paulo’s');
});

t.test('counter’s tags, budget, language, and providers that must be usable', async (t) => {
  const holds = (when: object, more: Partial<RouteInput> = {}) =>
    decided(client(rule('r', ['stt/b'], { when })), null, more).decision.rule === 'r';
  t.ok(holds({ counterTags: ['drive', 'caixa'] }, { counterTags: ['caixa'] }));
  t.notOk(holds({ counterTags: ['drive'] }, { counterTags: ['caixa'] }));
  t.ok(holds({ budgetLeft: { max: 0.2 } }, { budgetLeft: 0.1 }));
  t.notOk(holds({ budgetLeft: { max: 0.2 } }, { budgetLeft: 0.2 }));
  t.notOk(holds({ budgetLeft: { max: 0.2 } }), 'without a budget nothing is left of it');
  t.ok(holds({ language: ['pt'] }));
  t.notOk(holds({ language: ['pt-PT', 'en'] }));
  t.ok(holds({ usable: ['stt/b', 'stt/c'] }));
  t.notOk(holds({ usable: ['stt/b', 'stt/k'] }));
});

t.test('a rule’s hedge and shadow come with the decision', async (t) => {
  const { decision, shadow } = decided(
    client(rule('r', ['stt/b'], { hedge: true, shadow: { use: 'stt/c', share: 0.1 } })),
  );
  t.match(decision, { hedge: true, shadow: { address: 'stt/c', share: 0.1 } });
  t.equal(shadow?.address, 'stt/c');
  const without = decided(client(rule('r', ['stt/b'], { shadow: { use: 'stt/k', share: 0.1 } })));
  t.notOk('shadow' in without, 'a shadow that cannot be used is none');
  t.notOk(
    'shadow' in
      decided(client(rule('r', ['stt/b'], { mustNot: ['region:local'], shadow: { use: 'stt/c', share: 1 } }))),
    'it hears the customer too: the constraints hold for it',
  );
});

t.test(
  'with little budget left the cheaper ones come first, within the rule’s constraints; spent, nobody may be asked',
  async (t) => {
    const budget = {
      microUsd: 1000,
      period: 'month' as const,
      cheaperBelow: 0.3,
      cheaper: { stt: ['stt/c'] },
      stop: true,
    };
    const low = { budgetLeft: 0.29 };
    t.match(decided({ budget }, null, low).decision, {
      rule: 'ambiente',
      mode: 'segment',
      candidates: ['stt/c', 'stt/a', 'stt/b'],
    });
    t.match(decided({ budget }, null, { budgetLeft: 0.3 }).decision, {
      mode: 'stream',
      candidates: ['stt/a', 'stt/b'],
    });
    const european = client(rule('ue', ['stt/b'], { must: ['region:eu'] }));
    t.match(decided({ budget, ...european }, null, low).decision, { candidates: ['stt/b'], rejected: [] });
    t.match(decided({ budget }, null, { budgetLeft: 0 }), {
      decision: { rule: 'orcamento', candidates: [] },
      candidates: [],
    });
    t.equal(decided({ budget: { ...budget, stop: false } }, null, { budgetLeft: 0 }).candidates.length, 3);
  },
);

t.test('a spent budget leaves what runs on this machine, and nobody who bills', async (t) => {
  const budget = { microUsd: 1000, period: 'month' as const, stop: true };
  const spent = { budgetLeft: 0 };
  const mixed = client(
    rule('tudo', ['stt/a', 'stt/c', 'stt/b'], { mode: 'stream', hedge: true, shadow: { use: 'stt/b', share: 1 } }),
  );
  t.same(decided({ budget, ...mixed }, null, spent).decision, {
    rule: 'orcamento',
    version: 7,
    mode: 'segment',
    candidates: ['stt/c'],
    rejected: [
      { address: 'stt/a', reason: 'o orçamento acabou' },
      { address: 'stt/b', reason: 'o orçamento acabou' },
    ],
  });
  t.match(decided({ budget, ...mixed }, null, spent), { candidates: [{ address: 'stt/c' }], shadow: undefined });
  t.equal(decided({ budget, ...mixed }, null, { budgetLeft: 0.001 }).shadow?.address, 'stt/b');
});

t.test(
  'with little budget and no list of cheaper ones, the known price decides, unless a rule asks for the budget',
  async (t) => {
    const budget = { microUsd: 1000, period: 'month' as const };
    const prices: Record<string, number> = { 'stt/a': 90, 'stt/b': 30, 'stt/c': 0 };
    const asked: string[] = [];
    const price = ({ address }: { address: string }, mode: string) => {
      asked.push(`${address} ${mode}`);
      return prices[address] ?? null;
    };
    const low = { budgetLeft: 0.05, price };
    const all = client(rule('tudo', ['stt/u', 'stt/a', 'stt/b', 'stt/c'], { mode: 'stream' }));
    const { decision } = decided({ budget, ...all }, null, low);
    t.match(decision, {
      rule: 'tudo',
      thrift: 'preco',
      mode: 'segment',
      candidates: ['stt/c', 'stt/b', 'stt/a', 'stt/u'],
    });
    t.ok(asked.includes('stt/a stream') && asked.includes('stt/b batch'), 'by how each would be asked');
    const enough = decided({ budget, ...all }, null, { budgetLeft: 0.5, price }).decision;
    t.match(enough, { candidates: ['stt/u', 'stt/a', 'stt/b', 'stt/c'], thrift: undefined });
    const own = rule('pouco', ['stt/a'], { when: { budgetLeft: { max: 0.2 } }, priority: 20 });
    t.match(decided({ budget, ...client(...(all.rules?.client ?? []), own) }, null, low).decision, {
      candidates: ['stt/u', 'stt/a', 'stt/b', 'stt/c'],
      thrift: undefined,
    });
    const listed = decided({ budget: { ...budget, cheaper: { stt: ['stt/b'] } }, ...all }, null, low).decision;
    t.match(listed, { thrift: 'lista', candidates: ['stt/b', 'stt/u', 'stt/a', 'stt/c'] });
  },
);

t.test('models: their own rules and list; a condition on the utterance is never known', async (t) => {
  const models = listed('llm', ['llm/m', 'llm/n'], 'environment');
  const rules = {
    client: [],
    global: [rule('x', ['llm/n'], { kind: 'llm', when: { durationMs: { min: 1 } } }), rule('y', ['stt/b'])],
  };
  t.match(decided({ ...models, rules }, null, { kind: 'llm' }).decision, {
    rule: 'ambiente',
    mode: 'segment',
    candidates: ['llm/m', 'llm/n'],
  });
  const own = client(rule('z', ['llm/n'], { kind: 'llm' }));
  t.match(decided({ ...models, ...own }, null, { kind: 'llm' }).decision, { rule: 'z', candidates: ['llm/n'] });
});

t.test('the reasons kept with one decision are bounded', async (t) => {
  const many = Array.from({ length: 200 }, (_, index) => rule(`r${index}`, [`stt/nada${index}`]));
  t.equal(decided(global(...many)).decision.rejected.length, 50);
});
