import fc from 'fast-check';
import t from 'tap';
import { explain } from '../../../core/routing/explain.ts';
import { route } from '../../../core/routing/route.ts';
import { ProviderHealth } from '../../../core/runtime/provider-health.ts';
import type { Candidate } from '../../../core/runtime/types.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { keptLog } from '../../helpers/provider.ts';
import { inputOf, routingStage, rule, STT } from '../../helpers/routing.ts';
import { asked, rules } from '../../helpers/rule-arbitraries.ts';
import { fault } from '../../helpers/scripted-provider.ts';

const stage = routingStage();
const { registry } = stage;
const clock = new ManualClock();
const newHealth = () => new ProviderHealth({ clock, log: keptLog() });
const LONG = rule('longa', ['stt/k', 'stt/b'], {
  title: 'Longas',
  when: { durationMs: { min: 5000 }, snrDb: { min: 15 }, weekdays: [5], hours: [{ from: '08:00', to: '18:00' }] },
  must: ['region:eu'],
});
const LIVE = rule('viva', ['stt/a'], { mode: 'stream', priority: 20 });
const of = (...client: ReturnType<typeof rule>[]) =>
  inputOf(registry, stage.effective({ rules: { client, global: [] } }));

t.test('each rule with its conditions, each candidate with its tags, and the whole in words', async (t) => {
  const { decision, decidedAt, steps, candidates, text } = explain(
    of(LONG, LIVE),
    { durationMs: 6000, snrDb: 12.34, class: null },
    newHealth(),
    clock.now(),
  );
  t.match(decision, { rule: 'viva', version: 7, mode: 'segment', candidates: ['stt/a'] });
  t.equal(decidedAt, 'end');
  t.same(
    steps.map(({ id, fate }) => `${id} ${fate}`),
    ['longa no', 'viva taken', 'ambiente after'],
  );
  t.same(steps[0]?.conditions, [
    { condition: 'durationMs', stated: 'duração de 5000 ms ou mais', value: '6000 ms', holds: 'yes' },
    { condition: 'snrDb', stated: 'relação sinal-ruído de 15 dB ou mais', value: '12,3 dB', holds: 'no' },
    { condition: 'clock', stated: 'dia e hora sábado, das 08:00 às 18:00', value: 'sábado, 10:00', holds: 'yes' },
  ]);
  t.same(steps[0]?.constraints, ['exige region:eu']);
  t.match(candidates, [{ address: 'stt/a', turn: 1, health: 'well', restMs: null }]);
  t.ok(candidates[0]?.tags.includes('region:us'));
  t.equal(text, 'Decidida no fim da fala, que vai inteira. A regra "viva" decide. Ordem agora: stt/a.');
});

t.test('a rule that is taken says whom it passed over; nothing known, the decision is provisional', async (t) => {
  const taken = explain(of(LONG, LIVE), { durationMs: 6000, snrDb: 20, class: null }, newHealth(), 0);
  t.match(taken.steps[0], { fate: 'taken', candidates: ['stt/b'], rejected: [{ address: 'stt/k' }] });
  t.match(taken.text, /A regra "longa" decide\. Ordem agora: stt\/b\. Fora: stt\/k: defina K_API_KEY no \.env\./);
  const unknown = explain(of(LONG, LIVE), null, newHealth(), 0);
  t.match(unknown, { decidedAt: 'start', decision: { mode: 'segment' } });
  t.match(unknown.steps[0]?.conditions[0], { value: 'só se conhece no fim da fala', holds: 'unknown' });
  t.match(unknown.text, /^Decisão provisória: .* A regra "longa" só se decide no fim da fala; a regra "viva" decide\./);
  t.match(explain(of(LIVE), { durationMs: 1, snrDb: null, class: null }, newHealth(), 0), {
    decidedAt: 'start',
    decision: { mode: 'stream' },
    text: /^Transcreve durante a fala\. A regra "viva" decide\./,
  });
});

t.test('who rests comes after the others, and says for how long', async (t) => {
  const health = newHealth();
  const input = inputOf(registry, stage.effective());
  const [first] = route(input, null).candidates as [Candidate];
  health.failed(first, fault('rate_limited'));
  const before = health.uses(first);
  const { candidates, decision, text } = explain(input, null, health, clock.now());
  t.match(candidates, [
    { address: 'stt/a', turn: 2, health: 'resting', restMs: 10_000 },
    { address: 'stt/b', turn: 1, health: 'well' },
  ]);
  t.same(decision.candidates, ['stt/a', 'stt/b'], 'the decision is routing’s');
  t.match(text, /Ordem agora: stt\/b, stt\/a \(descansa depois de falhar\)/);
  t.equal(health.uses(first), before, 'asking why changes nothing');
});

t.test('nobody: the reason is said', async (t) => {
  const closed = explain(of(rule('ue', ['stt/a'], { must: ['region:eu'] })), null, newHealth(), 0);
  t.match(closed.text, /A regra "ue" decide que ninguém serve\. Ninguém é chamado\. Fora: stt\/a: não tem region:eu/);
  const budget = { microUsd: 1, period: 'day' as const, stop: true };
  const spent = explain(inputOf(registry, stage.effective({ budget }), { budgetLeft: 0 }), null, newHealth(), 0);
  t.match(spent, { decision: { rule: 'orcamento' }, steps: [], text: /O orçamento esgotou-se\. Ninguém é chamado\./ });
});

t.test('it is the decision that is really made, and the trace leads to it', async (t) => {
  const health = newHealth();
  fc.assert(
    fc.property(rules, fc.subarray(STT), asked, (client, list, ask) => {
      const effective = stage.effective({ rules: { client, global: [] }, ...stage.listed('stt', list, 'environment') });
      const input = inputOf(registry, effective, ask);
      const start = route(input, null);
      const real = start.decision.mode === 'stream' || !ask.facts ? start : route(input, ask.facts);
      const { decision, candidates, steps } = explain(input, ask.facts, health, 0);
      const leads = steps.find(({ fate }) => fate === 'waits' || fate === 'taken') ?? steps.at(-1);
      const isNamed = leads?.id === decision.rule || steps.some(({ fate }) => fate === 'waits');
      return (
        JSON.stringify(decision) === JSON.stringify(real.decision) &&
        candidates.length === real.candidates.length &&
        isNamed
      );
    }),
    { numRuns: 2000 },
  );
  t.pass('2000 rule sets');
});
