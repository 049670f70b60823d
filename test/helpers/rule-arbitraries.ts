import fc from 'fast-check';
import type { Rule } from '../../core/routing/rule.ts';
import type { UtteranceFacts } from '../../core/runtime/types.ts';
import { STT } from './routing.ts';

const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const address = fc.constantFrom(...STT, 'stt/nada');
const range = (values: number[]) =>
  fc.record({ min: some(fc.constantFrom(...values)), max: some(fc.constantFrom(...values)) }).map(present);
const hour = fc.constantFrom('00:00', '08:00', '10:00', '10:01', '13:30', '22:00');
const when = fc
  .record({
    durationMs: some(range([0, 1000, 5000, 5001])),
    snrDb: some(range([-10, 5, 15])),
    class: some(fc.subarray(['fala', 'ruido'])),
    language: some(fc.subarray(['pt', 'pt-BR', 'en'])),
    hours: some(fc.array(fc.record({ from: hour, to: hour }), { maxLength: 2 })),
    weekdays: some(fc.subarray([0, 1, 2, 3, 4, 5, 6])),
    counterTags: some(fc.subarray(['caixa', 'drive'])),
    budgetLeft: some(range([0, 0.2, 0.5])),
    usable: some(fc.subarray(STT)),
  })
  .map(present);
const tags = fc.subarray(['region:us', 'region:eu', 'local', 'words', 'vendor:a', 'streaming'], { maxLength: 2 });
const sparse = fc
  .tuple(
    when,
    fc.subarray(['durationMs', 'snrDb', 'class', 'language', 'hours', 'counterTags', 'budgetLeft', 'usable'], {
      maxLength: 2,
    }),
  )
  .map(([all, names]) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name === 'weekdays' ? 'hours' : name))),
  );
/** Rule sets over the providers of the routing stage; most state few conditions, or hardly any would ever hold. */
export const rules = fc
  .array(
    fc.record({
      priority: fc.integer({ min: 0, max: 3 }),
      enabled: some(fc.constant(false)),
      kind: some(fc.constantFrom('stt' as const, 'llm' as const)),
      when: sparse,
      use: fc.array(address, { maxLength: 3 }),
      must: some(tags),
      mustNot: some(tags),
      mode: fc.constantFrom('segment' as const, 'stream' as const),
    }),
    { maxLength: 6 },
  )
  .map((list) => list.map((each, index) => ({ id: `r${index}`, ...present(each) }) as Rule));
const facts = fc.option(
  fc.record({
    durationMs: fc.constantFrom(0, 999, 1000, 5000, 9000),
    snrDb: fc.option(fc.constantFrom(-10, 4.9, 5, 15, 40)),
    class: fc.option(fc.constantFrom('fala', 'ruido', 'fala_com_ruido')),
  }),
);
/** A moment to decide in, in two weeks of November. */
export const asked: fc.Arbitrary<Asked> = fc.record({
  facts,
  now: fc.date({ min: new Date('2026-11-16T00:00:00Z'), max: new Date('2026-11-30T00:00:00Z'), noInvalidDate: true }),
  counterTags: fc.subarray(['caixa', 'drive', 'fundo']),
  budgetLeft: fc.option(fc.constantFrom(0, 0.19, 0.2, 0.7)),
});

function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}
export interface Asked {
  facts: UtteranceFacts | null;
  now: Date;
  counterTags: string[];
  budgetLeft: number | null;
}
