import t from 'tap';
import { CounterWatch, type Tuning } from '../../../core/counter/counter-watch.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { keptLog } from '../../helpers/provider.ts';

const tuning = (revision: number, tags: string[] = []): Tuning => ({ clientVad: {}, presetVad: {}, tags, revision });

function house(stored: Map<string, Tuning>) {
  const clock = new ManualClock();
  const log = keptLog();
  const asked: string[][] = [];
  let fails = false;
  const watch = new CounterWatch({
    async revisions(ids) {
      asked.push(ids);
      if (fails) throw Object.assign(new Error('away'), { code: 'BALTO_STORE_AWAY' });
      return new Map(ids.flatMap((id) => (stored.has(id) ? [[id, stored.get(id)?.revision ?? 0] as const] : [])));
    },
    read: async (ids) =>
      new Map(ids.flatMap((id) => (stored.has(id) ? [[id, stored.get(id) as Tuning] as const] : []))),
    clock,
    log,
  });
  return { clock, log, asked, watch, away: (is: boolean) => (fails = is) };
}

t.test('a change is told once to each session of the counter, within half a second', async (t) => {
  const stored = new Map([['caixa', tuning(2)]]);
  const { clock, asked, watch } = house(stored);
  const told: number[] = [];
  const one = watch.watch('caixa', tuning(2), ({ revision }) => told.push(revision));
  const two = watch.watch('caixa', tuning(2), ({ revision }) => told.push(revision));
  await clock.advance(500);
  t.same(told, []);
  t.same(asked, [['caixa']], 'one question for all');
  stored.set('caixa', tuning(3, ['vip']));
  await clock.advance(500);
  t.same(told, [3, 3]);
  t.same(one.tuning().tags, ['vip']);
  t.same(watch.tagsOf('caixa'), ['vip']);
  t.same(watch.tagsOf('nobody'), []);
  await clock.advance(2000);
  t.same(told, [3, 3], 'once');
  one.leave();
  two.leave();
  stored.set('caixa', tuning(4));
  const questions = asked.length;
  await clock.advance(5000);
  t.same(told, [3, 3]);
  t.ok(asked.length <= questions + 1, 'with nobody connected nothing is asked');
  watch.close();
});

t.test('a counter that is gone and a database that is away change nothing', async (t) => {
  const stored = new Map([['caixa', tuning(2)]]);
  const { clock, log, watch, away } = house(stored);
  const told: number[] = [];
  const watched = watch.watch('caixa', tuning(2, ['a']), ({ revision }) => told.push(revision));
  stored.delete('caixa');
  await clock.advance(500);
  away(true);
  await clock.advance(5000);
  t.same(told, []);
  t.same(watched.tuning().tags, ['a']);
  t.equal(log.lines.filter((line) => line.includes('cannot be read')).length, 1, 'said once');
  away(false);
  stored.set('caixa', tuning(5));
  await clock.advance(500);
  t.same(told, [5]);
  watch.close();
});
