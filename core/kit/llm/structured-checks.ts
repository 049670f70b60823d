import { must } from '../check.ts';
import {
  complete,
  emulated,
  type LlmCheck,
  llmCheck,
  modelOf,
  QUESTION,
  resultsOf,
  SCHEMA,
  sent,
  stream,
  streaming,
  structured,
  TOOL,
  textOf,
  tools,
} from './proof.ts';

const ASKED = { ...QUESTION, schema: SCHEMA };
const CALLING = { ...QUESTION, tools: [TOOL] };
const BROKEN = '{"itensKit": ["Dipirona", ';
const ARGUMENTS = { nomeKit: 'dor de cabeça "forte"', lista: [1, { a: null }] };
const CALLS = [
  { name: TOOL.name, arguments: JSON.stringify(ARGUMENTS) },
  { name: TOOL.name, arguments: '{"nomeKit":"segundo"}' },
];

/** Structured answers, and tools. */
export const structuredChecks: readonly LlmCheck[] = [
  llmCheck(
    'schema-in-its-field',
    'bronze',
    'A schema reaches the vendor in its own field: the answer follows it.',
    [structured, emulated],
    async (proof, life) => {
      const stage = await modelOf(proof, life, {}, {});
      for (const { text } of await resultsOf(proof, stage, ASKED)) {
        const answer = jsonOf(text);
        must(Array.isArray(answer?.['itensKit']) && typeof answer['motivoKit'] === 'string', 'an answer by the schema');
      }
    },
  ),
  llmCheck(
    'no-schema-unasked',
    'silver',
    'Without a schema none is sent.',
    [structured, emulated],
    async (proof, life) => {
      const stage = await modelOf(proof, life);
      await complete(proof, stage, ASKED);
      must(sent(stage).text.includes('motivoKit'), 'the schema when asked for');
      await complete(proof, stage, QUESTION);
      const { text } = sent(stage);
      must(!text.includes('motivoKit') && !text.includes('json_schema'), 'no schema when not');
    },
  ),
  llmCheck(
    'invalid-json-is-text',
    'silver',
    'An answer that does not follow the schema comes as the text it is: the core judges it.',
    [emulated],
    async (proof, life) => {
      const stage = await modelOf(proof, life, {}, { respond: () => BROKEN });
      for (const { text, finish } of await resultsOf(proof, stage, ASKED)) {
        must(text === BROKEN && finish === 'stop', 'the text as it came');
      }
    },
  ),
  llmCheck(
    'tools-sent',
    'silver',
    'Tools reach the vendor with name, text and parameters.',
    [tools, emulated],
    async (proof, life) => {
      const stage = await modelOf(proof, life);
      await complete(proof, stage, CALLING);
      const { text } = sent(stage);
      for (const part of [TOOL.name, TOOL.description, 'nomeKit'])
        must(text.includes(part), 'the tool as it was given');
      await complete(proof, stage, QUESTION);
      must(!sent(stage).text.includes(TOOL.name), 'no tool when none is given');
    },
  ),
  llmCheck(
    'tool-calls',
    'bronze',
    'Calls of tools come in order, each with an id and the name.',
    [tools, emulated],
    async (proof, life) => {
      const stage = await modelOf(proof, life, {}, { respond: () => ({ toolCalls: CALLS }) });
      const calls = (await complete(proof, stage, CALLING)).toolCalls ?? [];
      must(calls.length === 2, 'both calls');
      must(new Set(calls.map(({ id }) => id)).size === 2 && calls.every(({ id }) => id !== ''), 'an id for each');
      must(
        calls.every(({ name }) => name === TOOL.name),
        'the name of the tool',
      );
      const given = calls.map((call) => jsonOf(call.arguments)?.['nomeKit']);
      must(
        given.join() === [ARGUMENTS.nomeKit, 'segundo'].join() || typeof calls[0]?.arguments !== 'string',
        'in order',
      );
    },
  ),
  llmCheck(
    'tool-arguments-are-text',
    'silver',
    'Arguments are JSON text, unchanged in meaning.',
    [tools, emulated],
    async (proof, life) => {
      const stage = await modelOf(proof, life, {}, { respond: () => ({ toolCalls: CALLS }) });
      const given = (await complete(proof, stage, CALLING)).toolCalls?.[0]?.arguments;
      must(typeof given === 'string', 'text');
      must(JSON.stringify(jsonOf(given)) === JSON.stringify(ARGUMENTS), 'the arguments as the model gave them');
    },
  ),
  llmCheck(
    'finish-tool',
    'bronze',
    'An answer that calls a tool says tool.',
    [tools, emulated],
    async (proof, life) => {
      const stage = await modelOf(proof, life, {}, { respond: () => ({ toolCalls: CALLS }) });
      must((await complete(proof, stage, CALLING)).finish === 'tool', 'finish tool');
    },
  ),
  llmCheck(
    'tool-result-sent',
    'silver',
    'The result of a tool goes back to the vendor, with the call it answers.',
    [tools, emulated],
    async (proof, life) => {
      const stage = await modelOf(proof, life);
      const call = { id: 'call_kit7', name: TOOL.name, arguments: '{"nomeKit":"dipirona"}' };
      await complete(proof, stage, {
        ...CALLING,
        messages: [
          ...QUESTION.messages,
          { role: 'assistant', content: '', toolCalls: [call] },
          { role: 'tool', toolCallId: call.id, content: '{"achado":"resultado kit9"}' },
        ],
      });
      const { text } = sent(stage);
      must(text.includes('dipirona'), 'the call as it was made');
      must(text.includes('resultado kit9'), 'the result');
      const named = Math.max(text.split(call.id).length, text.split(TOOL.name).length - 1);
      must(named > 2, 'call and result name each other');
    },
  ),
  llmCheck(
    'stream-tool-calls',
    'silver',
    'A stream tells each call of a tool once, whole, and its result holds the same.',
    [tools, streaming, emulated],
    async (proof, life) => {
      const stage = await modelOf(proof, life, {}, { respond: () => ({ toolCalls: CALLS }) });
      const events = await stream(proof, stage, CALLING);
      const told = events.flatMap((event) => (event.type === 'toolCall' ? [event.toolCall] : []));
      const last = events.at(-1);
      must(told.length === 2, 'each call once');
      must(JSON.stringify(jsonOf(told[0]?.arguments)) === JSON.stringify(ARGUMENTS), 'with all its arguments');
      must(last?.type === 'result' && last.result.finish === 'tool', 'finish tool');
      must(JSON.stringify(last.result.toolCalls) === JSON.stringify(told), 'the result holds the same calls');
      must(textOf(events) === '', 'no text that nobody wrote');
    },
  ),
];

function jsonOf(text: string | undefined): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text ?? '') as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
