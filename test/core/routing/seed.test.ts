import t from 'tap';
import { route } from '../../../core/routing/route.ts';
import { loadSeed, seedRouting, seedRules } from '../../../core/routing/seed.ts';
import { checkRules } from '../../../core/routing/validate.ts';
import { forEachDatabase } from '../../helpers/databases.ts';
import { keptLog } from '../../helpers/provider.ts';
import { inputOf, routingStage } from '../../helpers/routing.ts';

/** Who is first and who is economical is data: here `stt/b` and `stt/c`. */
const SEED = { note: '', first: 'stt/b', economical: 'stt/c' };
const DEFAULTS = { smartRouting: true, smartRoutingMinDuration: 5, smartRoutingSnrThreshold: 15 };
const stage = routingStage();
const LISTED = ['stt/b', 'stt/a'];

function decided(rules: ReturnType<typeof seedRules>['rules'], durationMs: number, snrDb: number | null) {
  const effective = stage.effective({ rules: { client: [], global: rules } });
  return route(inputOf(stage.registry, effective), { durationMs, snrDb, class: 'fala' }).decision;
}

t.test(
  'short: the first; long and clean: the economical; else the first; whoever else is listed behind them',
  async (t) => {
    const { rules } = seedRules(SEED, DEFAULTS, LISTED, {});
    t.match(decided(rules, 4999, 40), { rule: 'padrao-curta', candidates: ['stt/b', 'stt/c', 'stt/a'] });
    t.match(decided(rules, 5000, 15), { rule: 'padrao-longa-limpa', candidates: ['stt/c', 'stt/b', 'stt/a'] });
    t.match(decided(rules, 5000, 14.9), { rule: 'padrao', candidates: ['stt/b', 'stt/c', 'stt/a'] });
    t.equal(decided(rules, 5000, null).rule, 'padrao');
    const of = { registry: stage.registry, effective: stage.effective(), language: 'pt-BR' };
    t.match(checkRules({ rules }, of), { errors: [], warnings: [] });
  },
);

t.test('the variables say where the line is, and whether there is one', async (t) => {
  const moved = seedRules(
    SEED,
    { smartRouting: true, smartRoutingMinDuration: 2.5, smartRoutingSnrThreshold: 5 },
    LISTED,
    {},
  );
  t.equal(decided(moved.rules, 2500, 5).rule, 'padrao-longa-limpa');
  t.equal(decided(moved.rules, 2499, 5).rule, 'padrao-curta');
  const none = seedRules(SEED, { ...DEFAULTS, smartRoutingMinDuration: 0 }, LISTED, {});
  t.equal(decided(none.rules, 0, 20).rule, 'padrao-longa-limpa');
  const off = seedRules(SEED, { ...DEFAULTS, smartRouting: false }, LISTED, {});
  t.same(
    [decided(off.rules, 9000, 40), decided(off.rules, 1, 40)].map(({ candidates }) => candidates[0]),
    ['stt/b', 'stt/b'],
  );
});

t.test('without both vendors the list decides, and may stream', async (t) => {
  const { rules } = seedRules({ ...SEED, economical: 'stt/k' }, DEFAULTS, LISTED, {});
  const effective = stage.effective({ rules: { client: [], global: rules } });
  t.match(route(inputOf(stage.registry, effective), null).decision, {
    rule: 'ambiente',
    mode: 'stream',
    candidates: ['stt/a', 'stt/b'],
  });
});

t.test('an operator’s own list that leaves one of them out is the operator’s choice', async (t) => {
  t.same(seedRules(SEED, DEFAULTS, ['stt/a', 'stt/b'], { BALTO_STT: 'stt/a,stt/b' }), { rules: [] });
  const both = seedRules(SEED, DEFAULTS, ['stt/c:outro', 'stt/b'], { BALTO_STT: 'stt/c:outro,stt/b' });
  t.same(both.rules[1]?.use, ['stt/c:outro', 'stt/b'], 'with the model it names');
  t.equal(seedRules(SEED, DEFAULTS, LISTED, { BALTO_STT: ' ' }).rules.length, 3);
});

t.test('the data that ships names providers and is checked', async (t) => {
  t.match(loadSeed(), { first: /^stt\//, economical: /^stt\// });
  t.throws(() => loadSeed(new URL('../../../config/providers.json', import.meta.url)), { code: 'BALTO_ROUTING_SEED' });
});

forEachDatabase(t, async (t, open) => {
  const store = await open();
  const log = keptLog();
  const seed = (parts: Partial<typeof DEFAULTS>, env = {}) =>
    seedRouting(store.configVersions, seedRules(SEED, { ...DEFAULTS, ...parts }, LISTED, env), env, log);
  const global = async () => {
    const items = await store.configVersions.stateAt(await store.configVersions.newest());
    return items.find(({ section }) => section === 'routing')?.value as ReturnType<typeof seedRules>;
  };
  await seed({});
  t.equal((await global()).rules.length, 3, 'made at the first start');
  await seed({ smartRoutingMinDuration: 3 });
  t.match((await global()).rules[0], { when: { durationMs: { max: 3000 } } }, 'a changed variable changes them');
  t.equal(await store.configVersions.newest(), 2, 'as a new version');
  await seed({ smartRoutingMinDuration: 3 });
  t.equal(await store.configVersions.newest(), 2);
  const edited = { rules: (await global()).rules.slice(1) };
  const change = { clientId: null, counterId: null, section: 'routing', value: edited };
  await store.configVersions.activate({ actor: 'cli', changes: [change] });
  await seed({ smartRouting: false }, { SMART_ROUTING_ENABLE: '0' });
  t.same(await global(), edited, 'what somebody has edited stays');
  t.match(log.lines.join('\n'), /SMART_ROUTING_ENABLE.*sem efeito/s);
  t.notMatch(log.lines.join('\n'), /MIN_DURATION/);
});
