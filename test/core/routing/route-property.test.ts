import fc from 'fast-check';
import t from 'tap';
import { route } from '../../../core/routing/route.ts';
import type { Rule } from '../../../core/routing/rule.ts';
import type { UtteranceFacts } from '../../../core/runtime/types.ts';
import { inputOf, routingStage, STT } from '../../helpers/routing.ts';
import { asked, rules } from '../../helpers/rule-arbitraries.ts';

/**
 * A second implementation, as plain as can be, of what the architecture says in words: no plan, nothing compiled, nothing
 * remembered, times by the runtime's own calendar.
 */
const PROVIDERS: Record<string, { usable: boolean; streams: boolean; tags: string[] }> = {
  'stt/a': { usable: true, streams: true, tags: ['region:us', 'streaming', 'vendor:a'] },
  'stt/b': { usable: true, streams: false, tags: ['region:eu', 'words', 'vendor:b'] },
  'stt/c': { usable: true, streams: false, tags: ['region:local', 'local', 'vendor:c'] },
  'stt/d': { usable: false, streams: false, tags: [] },
  'stt/k': { usable: false, streams: true, tags: [] },
};

interface Asked {
  facts: UtteranceFacts | null;
  now: Date;
  counterTags: string[];
  budgetLeft: number | null;
}

function holds({ when }: Rule, asked: Asked): 'yes' | 'no' | 'unknown' {
  const inside = (range: { min?: number; max?: number } | undefined, value: number | null) =>
    !range || (value !== null && value >= (range.min ?? -Infinity) && value < (range.max ?? Infinity));
  if (when.usable?.some((address) => !PROVIDERS[address]?.usable)) return 'no';
  if (when.language && !when.language.some((each) => each === 'pt' || each === 'pt-BR')) return 'no';
  if (when.counterTags && when.counterTags.filter((tag) => asked.counterTags.includes(tag)).length === 0) return 'no';
  if (!inside(when.budgetLeft, asked.budgetLeft)) return 'no';
  if (!isOpen(when, asked.now)) return 'no';
  if (!when.durationMs && !when.snrDb && !when.class) return 'yes';
  if (!asked.facts) return 'unknown';
  const { durationMs, snrDb, class: heard } = asked.facts;
  const ofClass = !when.class || (heard !== null && when.class.includes(heard));
  return inside(when.durationMs, durationMs) && inside(when.snrDb, snrDb) && ofClass ? 'yes' : 'no';
}

/** Looks at each minute of the last two days at which a window could have begun. */
function isOpen({ hours, weekdays }: Rule['when'], now: Date): boolean {
  if (!hours && !weekdays) return true;
  const local = (date: Date) => {
    const parts = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'America/Sao_Paulo',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).formatToParts(date);
    const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
    return {
      day: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(of('weekday')),
      clock: `${of('hour')}:${of('minute')}`,
    };
  };
  const today = local(now);
  const yesterday = { ...today, day: (today.day + 6) % 7 };
  const dayOf = (day: number) => !weekdays || weekdays.includes(day);
  return (hours ?? [{ from: '00:00', to: '24:00' }]).some(({ from, to }) => {
    if (from <= to) return dayOf(today.day) && today.clock >= from && today.clock < to;
    return (dayOf(today.day) && today.clock >= from) || (dayOf(yesterday.day) && today.clock < to);
  });
}

function naive(rules: { client: Rule[]; global: Rule[] }, own: string[] | null, shared: string[], asked: Asked) {
  type Option = { rule: string; use: string[]; hard: boolean; mode: string; holds: 'yes' | 'no' | 'unknown' };
  const ruled = (list: Rule[]): Option[] =>
    list
      .map((each, position) => ({ each, position }))
      .filter(({ each }) => each.enabled !== false && each.kind !== 'llm')
      .sort((x, y) => x.each.priority - y.each.priority || x.position - y.position)
      .map(({ each }) => {
        const { must = [], mustNot = [] } = each;
        const fits = (address: string) => {
          const { usable, tags } = PROVIDERS[address] ?? { usable: false, tags: [] };
          return usable && must.every((tag) => tags.includes(tag)) && !mustNot.some((tag) => tags.includes(tag));
        };
        const use = [...new Set(each.use)].filter(fits);
        return {
          rule: each.id,
          use,
          hard: must.length + mustNot.length > 0,
          mode: each.mode,
          holds: holds(each, asked),
        };
      });
  const listed = (rule: string, list: string[]): Option => ({
    rule,
    use: list.filter((address) => PROVIDERS[address]?.usable),
    hard: false,
    mode: 'stream',
    holds: 'yes',
  });
  const options = [
    ...ruled(rules.client),
    ...(own ? [listed('lista', own)] : []),
    ...ruled(rules.global),
    listed('ambiente', shared),
  ];
  const possible = options.filter((option) => option.holds !== 'no' && (option.use.length > 0 || option.hard));
  const certain = possible.findIndex((option) => option.holds === 'yes');
  const before = possible.slice(0, certain < 0 ? possible.length : certain);
  if (before.length === 0) {
    const option = possible[certain];
    const streams = PROVIDERS[option?.use[0] ?? '']?.streams && option?.mode === 'stream' && asked.facts === null;
    return { rule: option?.rule ?? 'ambiente', use: option?.use ?? [], mode: streams ? 'stream' : 'segment' };
  }
  const named = before.find((option) => option.use.length > 0) ?? possible[certain];
  return { rule: named?.rule ?? 'ambiente', use: named?.use ?? [], mode: 'segment' };
}

const stage = routingStage();

t.test('any rules, any utterance: what the plain reading of the architecture gives', async (t) => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      rules,
      rules,
      fc.option(fc.subarray(STT)),
      fc.subarray(STT),
      asked,
      (client, global, own, shared, ask) => {
        const named = global.map((each) => ({ ...each, id: `g${each.id}` }));
        const effective = stage.effective({
          rules: { client, global: named },
          ...stage.listed('stt', shared, 'environment'),
          ...(own ? { ...stage.listed('stt', own, 'client') } : {}),
        });
        const { decision, candidates } = route(inputOf(stage.registry, effective, ask), ask.facts);
        const wanted = naive({ client, global: named }, own, shared, ask);
        const got = { rule: decision.rule, use: decision.candidates, mode: decision.mode };
        seen.add(`${got.rule[0]}${got.mode}${got.use.length > 0}`);
        const asked = candidates.map((each) => each.address).join();
        return asked === got.use.join() && JSON.stringify(got) === JSON.stringify(wanted);
      },
    ),
    { numRuns: 4000 },
  );
  t.ok(
    seen.size >= 9,
    `rules of both layers, lists, streams, segments and nobody were all decided: ${[...seen].join(' ')}`,
  );
});
