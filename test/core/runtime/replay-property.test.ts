import fc from 'fast-check';
import t from 'tap';
import { FACTS, FRAME, said, sttHouse } from '../../helpers/runtime-house.ts';
import {
  answers,
  echo,
  fault,
  never,
  type ScriptedStt,
  type StreamScript,
  scriptedStt,
  streams,
} from '../../helpers/scripted-provider.ts';

const faults = fc.constantFrom('connection', 'server', 'rate_limited', 'protocol', 'auth', 'quota', 'output');

const broken = fc.record({
  isStream: fc.boolean(),
  code: faults,
  how: fc.constantFrom('open', 'hang-open', 'push', 'finalize', 'silent', 'close'),
  afterSamples: fc.integer({ min: 0, max: 80 * FRAME }),
  speaks: fc.boolean(),
  pushRate: fc.constantFrom('fast', 'realtime'),
});
type Broken = typeof broken extends fc.Arbitrary<infer T> ? T : never;

function failing(id: string, plan: Broken): ScriptedStt {
  if (!plan.isStream) {
    return scriptedStt(id, {
      batch: () => (plan.how === 'silent' ? never() : Promise.reject(fault(plan.code))),
    });
  }
  const stream: StreamScript = {
    open: () => {
      if (plan.how === 'open') throw fault(plan.code);
      return plan.how === 'hang-open' ? never<void>() : undefined;
    },
    push: (opened) => {
      if (plan.speaks) opened.say({ type: 'partial', text: 'oi' });
      if (opened.heard.length < plan.afterSamples) return;
      if (plan.how === 'push') opened.end(fault(plan.code));
      if (plan.how === 'close') opened.end();
    },
    finalize: (opened) => {
      if (plan.how === 'finalize') opened.end(fault(plan.code));
    },
  };
  return scriptedStt(id, { stream }, { pushRate: plan.pushRate });
}

t.test('whatever fails and whenever, the healthy candidate hears every sample exactly once', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(broken, { minLength: 1, maxLength: 2 }),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 3 }),
      async (plans, endsInStream, lengths) => {
        const last = scriptedStt('c', endsInStream ? { stream: streams } : { batch: answers });
        const house = sttHouse([...plans.map((plan, index) => failing(index === 0 ? 'a' : 'b', plan)), last]);
        const runner = house.runner({ persistMs: 60_000 });
        const ends = [];
        for (const [index, frames] of lengths.entries()) {
          const feed = runner.begin(index + 1).feed;
          await house.speak(feed, frames, index);
          ends.push(feed.end(FACTS));
        }
        const outcomes = await house.clock.until(Promise.all(ends));
        for (const [index, outcome] of outcomes.entries()) {
          if (outcome.lostMs > 0 || outcome.status === 'lost') return false;
          const wanted = said(lengths[index] ?? 0, index);
          if (outcome.transcript?.text !== echo(wanted)) return false;
        }
        await house.clock.until(runner.close());
        return house.pool.usedBytes === 0;
      },
    ),
    { numRuns: 80 },
  );
  t.pass('80 sets of faults');
});
