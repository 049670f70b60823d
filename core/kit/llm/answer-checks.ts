import Type from 'typebox';
import Value from 'typebox/value';
import type { LlmCapabilities, LlmResult } from '../../contracts/index.ts';
import { type Life, must } from '../check.ts';
import type { Fault } from '../emulator/index.ts';
import { failureOf } from '../expect.ts';
import {
  ANSWER,
  complete,
  emulated,
  holdsNumber,
  type LlmCheck,
  type LlmProof,
  live,
  llmCheck,
  modelOf,
  QUESTION,
  resultOf,
  resultsOf,
  SAID,
  SYSTEM,
  sent,
  stream,
  valuesOf,
  vendorOf,
} from './proof.ts';

const resultSchema = Type.Object(
  {
    text: Type.String(),
    toolCalls: Type.Optional(
      Type.Array(Type.Object({ id: Type.String(), name: Type.String(), arguments: Type.String() })),
    ),
    finish: Type.Enum(['stop', 'length', 'refusal', 'filter', 'tool']),
    model: Type.String({ minLength: 1 }),
    requestId: Type.Optional(Type.String()),
    usage: Type.Array(
      Type.Object({
        unit: Type.Enum(['second', 'character', 'token', 'request']),
        quantity: Type.Number({ minimum: 0 }),
        of: Type.Enum(['audio_in', 'audio_out', 'text_in', 'text_in_cached', 'text_out']),
        model: Type.String({ minLength: 1 }),
      }),
    ),
  },
  { additionalProperties: false },
);

const LARGE = `${'à'.repeat(50_000)}${'b'.repeat(50_000)}`;
const TEMPERATURE = 0.37;

/** The answer itself, and what went to the vendor for it. */
export const answerChecks: readonly LlmCheck[] = [
  llmCheck('capabilities-valid', 'bronze', 'The capabilities hold together.', [], async ({ capabilities }) =>
    mustHoldTogether(capabilities),
  ),
  llmCheck(
    'capabilities-true',
    'bronze',
    'stream() is there when it streams, and only then.',
    [],
    async (proof, life) => {
      const { instance } = await modelOf(proof, life);
      must(typeof instance.complete === 'function', 'complete() is there');
      must((typeof instance.stream === 'function') === proof.capabilities.streaming, 'stream() as stated');
    },
  ),
  llmCheck('answer-text', 'bronze', 'The text is what the model said, whole.', [emulated], async (proof, life) => {
    must((await complete(proof, await modelOf(proof, life))).text === ANSWER, 'the model’s own text');
  }),
  llmCheck(
    'result-shape',
    'bronze',
    'The result is the contract’s, and nothing beside it.',
    [],
    async (proof, life) => {
      mustBeResult(await complete(proof, await modelOf(proof, life)));
    },
  ),
  llmCheck('finish-stop', 'bronze', 'An answer that came to its end says stop.', [], async (proof, life) => {
    must((await complete(proof, await modelOf(proof, life))).finish === 'stop', 'finish stop');
  }),
  llmCheck('usage-reported', 'bronze', 'Tokens in and out are reported, by model.', [], async (proof, life) => {
    const { usage } = await complete(proof, await modelOf(proof, life));
    mustBeTokens(usage);
  }),
  llmCheck('request-id', 'silver', 'The vendor’s request id comes through.', [emulated], async (proof, life) => {
    const stage = await modelOf(proof, life);
    const ids = [await complete(proof, stage), await complete(proof, stage)].map(({ requestId }) => requestId);
    must(ids[0] !== undefined && ids[0] !== '', 'a request id');
    must(ids[0] !== ids[1], 'another id for another request');
  }),
  llmCheck('model-reported', 'silver', 'The model is the one that answered.', [emulated], async (proof, life) => {
    const stage = await modelOf(proof, life);
    const { model } = await complete(proof, stage);
    const wire = vendorOf(stage).requests.flatMap(({ path, body, replies }) => [
      path,
      body.toString('utf8'),
      ...replies,
    ]);
    must(model !== '' && wire.join('\n').includes(model), 'the model’s name, as the vendor knows it');
  }),
  llmCheck('messages-sent', 'bronze', 'All messages reach the vendor, in order.', [emulated], async (proof, life) => {
    const stage = await modelOf(proof, life);
    const turns = ['primeira fala', 'primeira resposta', 'segunda fala'];
    await complete(proof, stage, {
      messages: [
        { role: 'system', content: SYSTEM },
        { role: 'user', content: turns[0] as string },
        { role: 'assistant', content: turns[1] as string },
        { role: 'user', content: turns[2] as string },
      ],
    });
    const { text } = sent(stage);
    must(text.includes(SYSTEM), 'the system’s message');
    const places = turns.map((turn) => text.indexOf(turn));
    must(!places.includes(-1), 'every message');
    must(
      places.every((place, i) => i === 0 || place > (places[i - 1] as number)),
      'in the order of the conversation',
    );
  }),
  llmCheck('max-tokens-sent', 'silver', 'The limit of tokens reaches the vendor.', [emulated], async (proof, life) => {
    const stage = await modelOf(proof, life);
    await complete(proof, stage, QUESTION);
    must(holdsNumber(sent(stage).json, QUESTION.maxTokens as number), 'maxTokens in the request');
  }),
  llmCheck(
    'temperature-as-stated',
    'silver',
    'A temperature is sent where the capabilities say so and left out where they do not.',
    [emulated],
    async (proof, life) => {
      const stage = await modelOf(proof, life);
      await complete(proof, stage, { ...QUESTION, temperature: TEMPERATURE });
      const given = valuesOf(sent(stage).json, 'temperature');
      if (proof.capabilities.temperature) must(given.includes(TEMPERATURE), 'the temperature in the request');
      else must(given.length === 0, 'no temperature in the request');
    },
  ),
  llmCheck(
    'temperature-not-invented',
    'silver',
    'No temperature when none is asked for.',
    [emulated],
    async (proof, life) => {
      const stage = await modelOf(proof, life);
      await complete(proof, stage, QUESTION);
      must(valuesOf(sent(stage).json, 'temperature').length === 0, 'no temperature in the request');
    },
  ),
  finishCheck('finish-length', 'length', 'An answer cut by the limit says length.', {
    kind: 'finish',
    finish: 'length',
  }),
  finishCheck('finish-filter', 'filter', 'An answer held back by the vendor’s filter says filter.', {
    kind: 'finish',
    finish: 'content_filter',
  }),
  finishCheck('finish-refusal', 'refusal', 'A model that declines says refusal.', { kind: 'refusal' }),
  llmCheck(
    'empty-is-an-error',
    'silver',
    'An answer with nothing in it is an error of code output.',
    [emulated],
    async (proof, life) => {
      const stage = await modelOf(proof, life, {}, { respond: () => '' });
      const { code } = await failureOf(proof, stage.instance.complete(QUESTION, live()));
      must(code === 'output' || code === 'empty', 'code output');
    },
  ),
  llmCheck(
    'parallel-calls',
    'silver',
    'Questions asked at the same time do not get mixed up.',
    [emulated],
    async (proof, life) => {
      const stage = await modelOf(proof, life, {}, {});
      const said = ['pergunta um', 'pergunta dois', 'pergunta três', SAID];
      const answers = await Promise.all(
        said.map((content) => complete(proof, stage, { messages: [{ role: 'user', content }] })),
      );
      must(
        answers.every(({ text }, i) => text === said[i]),
        'to each its own answer',
      );
    },
  ),
  llmCheck('large-answer', 'gold', 'An answer of 100,000 characters comes whole.', [emulated], async (proof, life) => {
    const stage = await modelOf(proof, life, {}, { respond: () => LARGE });
    must((await complete(proof, stage)).text === LARGE, 'the whole answer');
  }),
];

/** Whole and streamed: how the model stopped is told by `finish`, not by an error. */
function finishCheck(id: string, finish: LlmResult['finish'], title: string, fault: Fault): LlmCheck {
  return llmCheck(id, 'silver', title, [emulated], async (proof, life) => {
    const stage = await modelOf(proof, life, { fault });
    for (const result of await resultsOf(proof, stage, QUESTION)) must(result.finish === finish, `finish ${finish}`);
  });
}

/** Fails unless it is a result of the contract. */
export function mustBeResult(result: unknown): void {
  const [first] = Value.Errors(resultSchema, result);
  must(first === undefined, `a result of the contract: ${first?.instancePath} ${first?.message}`);
}

/** Fails unless tokens in and out are counted. */
export function mustBeTokens(usage: LlmResult['usage']): void {
  const tokens = (of: string) =>
    usage
      .filter((each) => each.of.startsWith(of) && each.unit === 'token')
      .reduce((sum, each) => sum + each.quantity, 0);
  must(tokens('text_in') > 0, 'tokens of the question');
  must(tokens('text_out') > 0, 'tokens of the answer');
  must(
    usage.every(({ model }) => model !== ''),
    'by model',
  );
}

/** The streamed result alone. */
export async function streamedResult(proof: LlmProof, life: Life): Promise<LlmResult> {
  return resultOf(await stream(proof, await modelOf(proof, life)));
}

function mustHoldTogether(stated: LlmCapabilities): void {
  for (const flag of ['tools', 'streaming', 'temperature'] as const) {
    must(typeof stated[flag] === 'boolean', `${flag} true or false`);
  }
  must(['strict', 'json', 'none'].includes(stated.structured), 'structured one of strict, json, none');
  must(Number.isInteger(stated.contextTokens) && stated.contextTokens >= 1000, 'contextTokens from 1000');
  must(typeof stated.region === 'string' && stated.region !== '', 'a region');
}
