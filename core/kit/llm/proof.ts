import type { LlmEvent, LlmRequest, LlmResult } from '../../contracts/index.ts';
import { type Life, must, type Tier } from '../check.ts';
import { within } from '../proof.ts';
import {
  emulated,
  live,
  type Need,
  type RemoteCheck,
  type RemoteProof,
  type RemoteSuite,
  remoteCheck,
  stageOf,
  vendorOf,
} from '../remote/proof.ts';
import type { Stage, StageSetting } from '../stage.ts';
import type { LlmEmulatorOptions } from './subject.ts';

export type LlmProof = RemoteProof<'llm', LlmEmulatorOptions>;
export type LlmCheck = RemoteCheck<'llm'>;
export type LlmStage = Stage<'llm'>;

export const streaming: Need<'llm'> = ({ capabilities }) => (capabilities.streaming ? null : 'does not stream');
export const tools: Need<'llm'> = ({ capabilities }) => (capabilities.tools ? null : 'calls no tools');
export const structured: Need<'llm'> = ({ capabilities }) =>
  capabilities.structured === 'strict' ? null : 'takes no schema: the core asks for it in words';
export { emulated, live, vendorOf };

/** The question of every check: nothing of it may be seen in an error or a log. */
export const SAID = 'estou com dor de cabeça xkq7';
export const SYSTEM = 'Você recomenda produtos de balcão.';
/** Some four hundred characters, so that a stream of it has a middle. */
export const ANSWER = 'Dipirona alivia a dor; também há paracetamol zvw8, à escolha do cliente. '.repeat(6).trim();

export const QUESTION: LlmRequest = {
  messages: [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: SAID },
  ],
  maxTokens: 217,
};

export const SCHEMA = {
  name: 'recomendacao',
  schema: {
    type: 'object',
    properties: { itensKit: { type: 'array', items: { type: 'string' } }, motivoKit: { type: 'string' } },
    required: ['itensKit', 'motivoKit'],
    additionalProperties: false,
  },
};

export const TOOL = {
  name: 'buscar_produto',
  description: 'Busca no catálogo',
  parameters: {
    type: 'object',
    properties: { nomeKit: { type: 'string' } },
    required: ['nomeKit'],
    additionalProperties: false,
  },
};

/** What the shared checks need to know about models. */
export const suite: RemoteSuite<'llm'> = {
  kind: 'llm',
  ways: [
    {
      id: 'complete',
      title: 'A question',
      needs: [],
      isJson: true,
      ask: (stage, signal) => stage.instance.complete(QUESTION, signal),
    },
    {
      id: 'stream',
      title: 'A streamed question',
      needs: [streaming],
      isJson: false,
      ask: (stage, signal) => eventsOf(stage, QUESTION, signal),
    },
  ],
  hidden: ['xkq7', 'zvw8'],
};

export const llmCheck = (
  id: string,
  tier: Tier,
  title: string,
  needs: readonly Need<'llm'>[],
  run: (proof: LlmProof, life: Life) => Promise<void>,
): LlmCheck => remoteCheck<'llm'>(id, tier, title, needs, run as LlmCheck['run']);

/** A fresh provider before a model that says {@link ANSWER}, or what `options` say. */
export function modelOf(
  proof: LlmProof,
  life: Life,
  given: StageSetting = {},
  options: LlmEmulatorOptions = { respond: () => ANSWER },
): Promise<LlmStage> {
  return stageOf(proof, life, given, options);
}

/** The whole answer. */
export function complete(proof: LlmProof, stage: LlmStage, request: LlmRequest = QUESTION): Promise<LlmResult> {
  return within(proof, stage.instance.complete(request, live()), 'the answer comes');
}

/** The whole stream. */
export function stream(proof: LlmProof, stage: LlmStage, request: LlmRequest = QUESTION): Promise<LlmEvent[]> {
  return within(proof, eventsOf(stage, request, live()), 'the stream ends');
}

export async function eventsOf(stage: LlmStage, request: LlmRequest, signal: AbortSignal): Promise<LlmEvent[]> {
  must(typeof stage.instance.stream === 'function', 'streaming is stated, so stream() is there');
  const events: LlmEvent[] = [];
  for await (const event of stage.instance.stream(request, signal)) events.push(event);
  return events;
}

export function textOf(events: readonly LlmEvent[]): string {
  return events.map((event) => (event.type === 'delta' ? event.text : '')).join('');
}

export function resultOf(events: readonly LlmEvent[]): LlmResult {
  const result = events.find((event) => event.type === 'result')?.result;
  must(result !== undefined, 'a result in the stream');
  return result;
}

/** The result of each way the model answers, the streamed one too where it streams. */
export async function resultsOf(proof: LlmProof, stage: LlmStage, request: LlmRequest): Promise<LlmResult[]> {
  const results = [await complete(proof, stage, request)];
  if (proof.capabilities.streaming) results.push(resultOf(await stream(proof, stage, request)));
  return results;
}

/** The newest request's body as JSON, and as text without its escapes. */
export function sent(stage: LlmStage): { json: unknown; text: string } {
  const body = vendorOf(stage).requests.at(-1)?.body.toString('utf8') ?? '';
  const json: unknown = JSON.parse(body === '' ? 'null' : body);
  return { json, text: JSON.stringify(json) };
}

/** All values of the properties called `name`, at any depth. */
export function valuesOf(json: unknown, name: string): unknown[] {
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([key, value]) => [...(key === name ? [value] : []), ...valuesOf(value, name)]);
}

/** Whether a number stands anywhere in it. */
export function holdsNumber(json: unknown, wanted: number): boolean {
  if (json === wanted) return true;
  return typeof json === 'object' && json !== null && Object.values(json).some((each) => holdsNumber(each, wanted));
}
