import t from 'tap';
import type { Llm, LlmResult } from '../../../core/contracts/index.ts';
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
const request = { messages: [{ role: 'user' as const, content: 'oi' }], schema, temperature: 0.2 };

function result(text: string, finish: LlmResult['finish'] = 'stop'): LlmResult {
  return { text, finish, model: 'modelo', usage: [{ unit: 'token', quantity: 10, of: 'text_out', model: 'modelo' }] };
}

const says = (text: string, finish?: LlmResult['finish']): Llm => ({ complete: async () => result(text, finish) });

function house(...llms: Llm[]) {
  return houseOf(llms.map((llm, index) => scriptedLlm('abc'[index] ?? 'z', llm)));
}

function houseOf(manifests: ReturnType<typeof scriptedLlm>[]) {
  const runtime = new RuntimeHouse(manifests);
  const { registry, configured, instances, health, clock, prices } = runtime;
  const runner = new LlmRunner({
    candidates: byList({ registry, configured }, 'llm'),
    instances,
    health,
    clock,
    prices,
  });
  const validate = (value: unknown) => (value as { nome: string }).nome;
  const ask = (signal = new AbortController().signal) => clock.until(runner.complete(request, { validate, signal }));
  return { runtime, runner, ask, validate };
}

t.test('an answer that follows the schema is parsed, validated and told with its cost and times', async (t) => {
  const outcome = await house(says('```json\n{"nome":"xarope"}\n```')).ask();
  t.match(outcome, { status: 'answered', value: 'xarope', address: 'llm/a', vendor: 'a', model: 'modelo' });
  t.match(outcome.attempts, [{ outcome: 'answered', usage: [{ quantity: 10 }] }]);
  t.ok(outcome.requestedAt && outcome.answeredAt);
});

const useless: [string, Llm][] = [
  ['cut at its limit', says('{"nome":"xar', 'length')],
  ['refused', says('não posso', 'refusal')],
  ['not JSON', says('claro! {"nome":"x"}')],
  ['against the schema', says('{"nome":3}')],
  ['an error', { complete: () => Promise.reject(fault('server')) }],
  ['a bug', { complete: () => Promise.reject(new TypeError('x')) }],
  ['no text at all', { complete: async () => ({}) as LlmResult }],
];
for (const [what, llm] of useless) {
  t.test(`${what}: the next candidate is asked`, async (t) => {
    const outcome = await house(llm, says('{"nome":"b"}')).ask();
    t.match(outcome, { status: 'answered', value: 'b', address: 'llm/b' });
    t.equal(outcome.attempts[0]?.outcome, 'failed');
  });
}

t.test('what the caller refuses counts as a failure of the answer', async (t) => {
  const { runner, runtime } = house(says('{"nome":"a"}'), says('{"nome":"b"}'));
  const outcome = await runtime.clock.until(
    runner.complete(request, {
      signal: new AbortController().signal,
      validate: (value) => {
        if ((value as { nome: string }).nome === 'a') throw new Error('not this one');
        return value;
      },
    }),
  );
  t.match(outcome, { status: 'answered', value: { nome: 'b' }, attempts: [{ error: { code: 'output' } }, {}] });
});

t.test('a model that hangs leaves the next one time to answer within 8 s', async (t) => {
  const { ask, runtime } = house({ complete: () => never() }, says('{"nome":"b"}'));
  t.match(await ask(), { status: 'answered', address: 'llm/b' });
  t.equal(runtime.clock.now(), 5000);
});

t.test('with all of them hanging the call ends at 8 s', async (t) => {
  const { ask, runtime } = house({ complete: () => never() }, { complete: () => never() });
  t.match(await ask(), { status: 'failed', value: null, raw: null, attempts: [{}, {}] });
  t.equal(runtime.clock.now(), 8000);
});

t.test('a streamed answer that does not begin within 3 s is left, and its stream aborted', async (t) => {
  let isAborted = false;
  const stuck: Llm = {
    complete: () => never(),
    async *stream(_request, signal) {
      signal.addEventListener('abort', () => {
        isAborted = true;
      });
      await never();
      yield { type: 'delta', text: '' };
    },
  };
  const { ask, runtime } = houseOf([
    scriptedLlm('a', stuck, { streaming: true }),
    scriptedLlm('b', says('{"nome":"b"}')),
  ]);
  t.match(await ask(), { status: 'answered', address: 'llm/b', attempts: [{ mode: 'stream' }, { mode: 'batch' }] });
  t.equal(runtime.clock.now(), 3000);
  t.ok(isAborted);
});

t.test('a streamed answer is used whole', async (t) => {
  const llm: Llm = {
    complete: () => never(),
    async *stream() {
      yield { type: 'delta', text: '{"nome":' };
      yield { type: 'result', result: result('{"nome":"a"}') };
    },
  };
  t.match(await houseOf([scriptedLlm('a', llm, { streaming: true })]).ask(), { status: 'answered', value: 'a' });
});

t.test('an answer without bound is cut off', async (t) => {
  t.match(await house(says(`{"nome":"${'x'.repeat(70_000)}"}`)).ask(), { status: 'failed', raw: null });
});

t.test('a model that takes no temperature is given none', async (t) => {
  let given: unknown;
  const llm: Llm = {
    complete: async (asked) => {
      given = asked;
      return result('{"nome":"a"}');
    },
  };
  await houseOf([scriptedLlm('a', llm, { temperature: false })]).ask();
  t.notOk('temperature' in (given as object));
});

t.test('a counter that is gone stops the call; it is nobody’s fault', async (t) => {
  const { ask, runtime } = house({ complete: () => never() });
  const gone = new AbortController();
  const call = ask(gone.signal);
  gone.abort();
  t.match(await call, { status: 'failed', attempts: [{ outcome: 'aborted' }] });
  t.equal(runtime.health.restsUntilMs(runtime.candidate('llm/a')), 0);
});

t.test('without a model the outcome says so', async (t) => {
  t.match(await house().ask(), { status: 'no_provider', attempts: [] });
});
