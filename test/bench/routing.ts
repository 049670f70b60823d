import { route } from '../../core/routing/route.ts';
import type { Rule } from '../../core/routing/rule.ts';
import type { UtteranceFacts } from '../../core/runtime/types.ts';
import { inputOf, NOW, routingStage } from '../helpers/routing.ts';
import { type Machine, machine, machineLine } from './machine.ts';

/** Microseconds of one decision. */
interface RoutingRow {
  case: string;
  rules: number;
  p50Us: number;
  p99Us: number;
  maxUs: number;
}

export interface RoutingFigures {
  machine: Machine;
  rows: RoutingRow[];
  /** Microseconds of the first decision under a new version: its rules are compiled and its plan made. */
  firstUs: number;
}

const RULES = 200;
const DECISIONS = 100_000;
const WARM_UP = 20_000;

/** `npm run bench -- routing`: what one decision costs with 200 rules before it. */
export function routing(say: (line: string) => void): RoutingFigures {
  const stage = routingStage();
  const here = machine();
  say(machineLine(here));
  const rules = manyRules();
  const input = (list: Rule[]) =>
    inputOf(stage.registry, stage.effective({ rules: { client: [], global: list } }), { counterTags: ['caixa'] });
  const all = input(rules);
  const facts = (index: number): UtteranceFacts => ({
    durationMs: 300 + (index % 90) * 100,
    snrDb: (index % 60) - 5,
    class: 'fala',
  });
  const begun = process.hrtime.bigint();
  route(all, facts(0));
  const firstUs = Number(process.hrtime.bigint() - begun) / 1000;
  const rows = [
    measured('no rule holds, the list decides', rules.length, (index) => route(all, facts(index))),
    measured('speech begins: every rule is unknown or false', rules.length, () => route(all, null)),
    measured('a minute later each time', rules.length, (index) =>
      route({ ...all, now: new Date(NOW.getTime() + index * 60_000) }, facts(index)),
    ),
    measured('no rules at all', 0, bare(stage)),
  ];
  say(`first decision under a new version: ${firstUs.toFixed(0)} µs`);
  for (const row of rows)
    say(`${row.case} (${row.rules} rules): p50 ${row.p50Us} µs, p99 ${row.p99Us} µs, max ${row.maxUs} µs`);
  return { machine: here, rows, firstUs };
}

function bare(stage: ReturnType<typeof routingStage>) {
  const input = inputOf(stage.registry, stage.effective());
  return () => route(input, null);
}

/** Rules that ask for everything a rule can ask for, and of which none holds for what is said: each one is gone through. */
function manyRules(): Rule[] {
  return Array.from({ length: RULES }, (_, index): Rule => {
    const min = 60_000 + index;
    const common = { id: `r${index}`, priority: index % 7, use: ['stt/b', 'stt/c'], mode: 'segment' as const };
    switch (index % 5) {
      case 0:
        return { ...common, when: { durationMs: { min }, snrDb: { min: 15 } } };
      case 1:
        return {
          ...common,
          when: { durationMs: { max: 10_000 }, snrDb: { min: 5, max: 60 }, class: ['ruido', `x${index}`] },
        };
      case 2:
        return { ...common, when: { counterTags: Array.from({ length: 10 }, (_, tag) => `t${index}-${tag}`) } };
      case 3:
        return {
          ...common,
          when: { hours: [{ from: '03:00', to: '03:01' }], weekdays: [0, 1, 2], durationMs: { min } },
        };
      default:
        return { ...common, when: { budgetLeft: { max: 0.5 }, language: ['pt'] }, must: ['words'] };
    }
  });
}

function measured(name: string, rules: number, decide: (index: number) => unknown): RoutingRow {
  for (let index = 0; index < WARM_UP; index++) decide(index);
  const times = new Float64Array(DECISIONS);
  for (let index = 0; index < DECISIONS; index++) {
    const at = process.hrtime.bigint();
    decide(index);
    times[index] = Number(process.hrtime.bigint() - at) / 1000;
  }
  times.sort();
  const at = (share: number) => Number((times[Math.floor(share * (DECISIONS - 1))] ?? 0).toFixed(1));
  return { case: name, rules, p50Us: at(0.5), p99Us: at(0.99), maxUs: at(1) };
}
