import t from 'tap';
import type { Llm, LlmEvent, LlmResult } from '../../../core/contracts/index.ts';
import { LlmRunner } from '../../../core/runtime/llm-runner.ts';
import { byList } from '../../helpers/routing.ts';
import { RuntimeHouse } from '../../helpers/runtime-house.ts';
import { fault, never, scriptedLlm } from '../../helpers/scripted-provider.ts';

const schema = {
  name: 'resposta',
  schema: {
    type: 'object',
    properties: { nome: { type: 'string' } },
    required: ['nome'],
    additionalProperties: false,
  },
};

function result(text: string, finish: LlmResult['finish'] = 'stop'): LlmResult {
  return { text, finish, model: 'modelo', usage: [] };
}

/** Answers the question it is asked: the probe's schema or the customer's. */
function answering(how: { fails?: () => Promise<LlmResult> | null } = {}) {
  const asked = { questions: 0, probes: 0 };
  const llm: Llm = {
    complete: async (request) => {
      const isProbe = request.schema?.name !== schema.name;
      asked[isProbe ? 'probes' : 'questions'] += 1;
      const failure = how.fails?.();
      if (failure) return failure;
      return result(isProbe ? '{"pronto":true}' : '{"nome":"xarope"}');
    },
  };
  return { llm, asked };
}

function houseOf(llms: { llm: Llm; streaming?: boolean }[]) {
  const house = new RuntimeHouse(
    llms.map(({ llm, streaming = false }, index) => scriptedLlm('abc'[index] ?? 'z', llm, { streaming })),
    { probes: true },
  );
  const { registry, configured, instances, health, clock, prices } = house;
  const runner = new LlmRunner({
    candidates: byList({ registry, configured }, 'llm'),
    instances,
    health,
    clock,
    prices,
  });
  const request = { messages: [{ role: 'user' as const, content: 'oi' }], schema };
  const validate = (value: unknown) => value;
  const ask = () => clock.until(runner.complete(request, { validate, signal: new AbortController().signal }));
  const statusOf = (address: string) => health.status().find((each) => each.address === address);
  return { clock, ask, statusOf };
}

t.test('a model that is down costs one question; a tiny one finds out when it is back', async (t) => {
  let isDown = true;
  const a = answering({ fails: () => (isDown ? Promise.reject(fault('server')) : null) });
  const { ask, clock, statusOf } = houseOf([a, answering()]);
  t.equal((await ask()).address, 'llm/b');
  await clock.advance(1000);
  t.equal(statusOf('llm/a')?.state, 'open');
  for (let question = 0; question < 5; question++) t.match(await ask(), { address: 'llm/b', attempts: { length: 1 } });
  t.same(a.asked, { questions: 1, probes: 1 });
  isDown = false;
  await clock.advance(10_000);
  await ask();
  t.equal((await ask()).address, 'llm/a');
  t.same(a.asked, { questions: 2, probes: 2 });
});

t.test('answers that are cut, malformed or refused are failures: half of five open it', async (t) => {
  const useless = [
    () => result('{"nome":"xar', 'length'),
    () => result('claro!'),
    () => result('', 'refusal'),
    () => result('{"nome":3}'),
    () => result('{"nome":"xar', 'length'),
  ];
  let turn = 0;
  const a = answering({ fails: () => Promise.resolve((useless[turn++] ?? useless[0])?.() as LlmResult) });
  const { ask, statusOf } = houseOf([a, answering()]);
  for (let question = 0; question < 4; question++) await ask();
  t.match(statusOf('llm/a'), { state: 'closed', window: { attempts: 4, failed: 4 }, lastError: 'output' });
  await ask();
  t.equal(statusOf('llm/a')?.state, 'open');
  t.match(await ask(), { address: 'llm/b', attempts: { length: 1 } });
});

t.test('an answer that stops in the middle is left after 2 s, and counts', async (t) => {
  let isAborted = false;
  const stuck: Llm = {
    complete: () => never(),
    async *stream(_request, signal): AsyncGenerator<LlmEvent> {
      signal.addEventListener('abort', () => {
        isAborted = true;
      });
      yield { type: 'delta', text: '{"nome"' };
      await never();
    },
  };
  const { ask, clock, statusOf } = houseOf([{ llm: stuck, streaming: true }, answering()]);
  t.match(await ask(), { address: 'llm/b', attempts: [{ error: { code: 'timeout' } }, {}] });
  t.equal(clock.now(), 2000);
  t.ok(isAborted);
  t.equal(statusOf('llm/a')?.state, 'suspected');
});

t.test('a slow answer whose pieces keep coming is waited for', async (t) => {
  const slow = (clock: { after(ms: number, run: () => void): unknown }): Llm => ({
    complete: () => never(),
    async *stream(): AsyncGenerator<LlmEvent> {
      for (const text of ['{"no', 'me":', '"xar', 'ope"}']) {
        await new Promise<void>((resolve) => void clock.after(1200, resolve));
        yield { type: 'delta', text };
      }
      yield { type: 'result', result: result('{"nome":"xarope"}') };
    },
  });
  const lazy: Llm = { complete: () => never() };
  const house = houseOf([{ llm: lazy, streaming: true }]);
  lazy.stream = slow(house.clock).stream as NonNullable<Llm['stream']>;
  t.match(await house.ask(), { status: 'answered', address: 'llm/a' });
  t.equal(house.clock.now(), 4800);
});

t.test('one that was left too little time by those before it is not blamed for it', async (t) => {
  const hangs: Llm = { complete: () => never() };
  const { ask, statusOf } = houseOf([{ llm: hangs }, { llm: hangs }, { llm: hangs }]);
  t.match(await ask(), { status: 'failed', attempts: { length: 3 } });
  t.equal(statusOf('llm/a')?.lastError, 'timeout');
  t.match([statusOf('llm/b'), statusOf('llm/c')], [{ state: 'closed', lastError: null }, { lastError: null }]);
});
