import fc from 'fast-check';
import t from 'tap';
import { route } from '../../../core/routing/route.ts';
import type { Rule } from '../../../core/routing/rule.ts';
import { relationWarnings } from '../../../core/routing/rule-relations.ts';
import { acceptRules } from '../../../core/routing/validate.ts';
import { inputOf, NOW, routingStage, rule, STT } from '../../helpers/routing.ts';
import { type Asked, asked, rules } from '../../helpers/rule-arbitraries.ts';

const { registry, effective, listed } = routingStage();
const moments = fc.array(asked, { minLength: 10, maxLength: 20 });
const usable = new Set(['stt/a', 'stt/b', 'stt/c']);

const ASKS: Asked[] = [null, { durationMs: 9000, snrDb: 9, class: 'fala' }].map((facts) => ({
  facts,
  now: NOW,
  counterTags: [],
  budgetLeft: null,
}));
const SHORT = { when: { durationMs: { max: 5000 } } };

/** One set for each kind of warning: a draw may bring none of it. */
const WARNED: [Rule[], Asked[]][] = [
  [[rule('curta', ['stt/b'], SHORT), rule('viva', ['stt/a'], { mode: 'stream', priority: 20 })], ASKS],
  [[rule('curta', ['stt/b'], SHORT), rule('de-novo', ['stt/a'], { ...SHORT, priority: 20 })], ASKS],
  [[rule('nunca', ['stt/b'], { when: { durationMs: { min: 5000, max: 5000 } } })], ASKS],
];

t.test('a rule that is warned of never decides, and one that never streams opens no stream', async (t) => {
  const warned = new Set<string>();
  fc.assert(
    fc.property(rules, moments, (any, asks) => {
      // A rule may pass an utterance on because nobody it names can be used: no warning is about that.
      const client = any.map(({ must: _must, mustNot: _mustNot, use, ...each }) => ({
        ...each,
        use: use.filter((one) => usable.has(one)),
      }));
      const of = effective({ rules: { client, global: [] } });
      const warnings = relationWarnings(client);
      const named = (code: string) =>
        new Set(
          warnings.filter((each) => each.code === code).map(({ field }) => client[Number(/\d+/.exec(field)?.[0])]?.id),
        );
      const dead = new Set([...named('BALTO_RULE_NEVER'), ...named('BALTO_RULE_SHADOWED')]);
      const mute = named('BALTO_RULE_NEVER_STREAMS');
      for (const { code } of warnings) warned.add(code);
      return asks.every((ask) => {
        const { rule, mode } = route(inputOf(registry, of, ask), ask.facts).decision;
        return !(dead.has(rule) && ask.facts) && !(mute.has(rule) && mode === 'stream');
      });
    }),
    { numRuns: 3000, examples: WARNED },
  );
  t.equal(warned.size, 3, [...warned].join());
});

t.test('a rule set that is accepted leaves no utterance without a candidate', async (t) => {
  const seen = { accepted: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(rules, fc.subarray(STT), moments, async (client, list, asks) => {
      const parts = listed('stt', list, 'environment');
      const current = effective({ ...listed('stt', ['stt/a'], 'environment') });
      const draft = effective({ ...parts, rules: { client, global: [] } });
      const counterTags = ['caixa'];
      const of = { registry, effective: draft, language: 'pt-BR' };
      const counters = () => [{ registry, effective: draft, current, language: 'pt-BR', counterTags }];
      const { code } = await acceptRules({ rules: [] }, of, counters).then(
        () => ({ code: 'accepted' }),
        (error: { code: string }) => error,
      );
      const isAlone = asks.some((ask) => {
        const { candidates } = route({ ...inputOf(registry, draft, ask), counterTags }, ask.facts);
        return candidates.length === 0;
      });
      seen[code === 'accepted' ? 'accepted' : 'refused']++;
      return code !== 'accepted' || !isAlone;
    }),
    { numRuns: 1500 },
  );
  t.ok(seen.accepted > 100 && seen.refused > 100, JSON.stringify(seen));
});
