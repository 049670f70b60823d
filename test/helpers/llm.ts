import type { Test } from 'tap';
import type {
  Llm,
  LlmEvent,
  LlmRequest,
  ProviderManifest,
  Settings,
  VendorManifest,
} from '../../core/contracts/index.ts';
import type { Fault } from '../emulators/faults.ts';
import type { OpenAiOptions } from '../emulators/openai.ts';
import { EMULATOR_KEY, type Emulator } from '../emulators/server.ts';
import { contextFor, failureOf, keptLog, live, noLeak } from './provider.ts';

/** What a test of a chat vendor is about. */
export interface ChatVendor {
  vendor: VendorManifest;
  provider: ProviderManifest<'llm'>;
  start(options: OpenAiOptions): Promise<Emulator>;
  /** Path of the base URL. Default `/v1`. */
  basePath?: string;
}

export interface ChatGiven {
  apiKey?: string;
  settings?: Settings;
  respond?: OpenAiOptions['respond'];
}

/** A spoken sentence that must appear in no error and no log line. */
export const SENTENCE = 'estou com dor de cabeça';

export const QUESTION: LlmRequest = {
  messages: [
    { role: 'system', content: 'Recomende.' },
    { role: 'user', content: SENTENCE },
  ],
  schema: {
    name: 'recomendacao',
    schema: {
      type: 'object',
      properties: { itens: { type: 'array', items: { type: 'string' } }, motivo: { type: 'string' } },
      required: ['itens', 'motivo'],
      additionalProperties: false,
    },
  },
  maxTokens: 200,
};

/** The vendor on loopback and an instance that speaks to it. */
export async function arrangeChat(test: Test, kind: ChatVendor, given: ChatGiven = {}) {
  const emulator = await kind.start(given.respond ? { respond: given.respond } : {});
  test.teardown(() => emulator.close());
  const settings = { baseUrl: `${emulator.url}${kind.basePath ?? '/v1'}`, ...given.settings };
  const log = keptLog();
  const ctx = contextFor(test, kind.vendor, settings, { log, maxBodyBytes: 1_000_000 });
  const apiKey = given.apiKey ?? EMULATOR_KEY;
  const llm: Llm = await kind.provider.create({ apiKey }, settings, ctx);
  const probe = async () => kind.provider.probe?.({ apiKey }, settings, ctx);
  return { emulator, log, llm, probe };
}

/** The body of the only request as JSON. */
export function sentBody(emulator: Emulator): Record<string, unknown> {
  return JSON.parse(emulator.requests[0]?.body.toString('utf8') ?? '{}') as Record<string, unknown>;
}

export async function collect(events: AsyncIterable<LlmEvent> | undefined): Promise<LlmEvent[]> {
  const all: LlmEvent[] = [];
  if (events) for await (const event of events) all.push(event);
  return all;
}

/** Each fault, whole and streamed: one attempt, one typed error, nothing secret. */
export function faultTests(t: Test, kind: ChatVendor, faults: [Fault, Record<string, unknown>][]): void {
  for (const [fault, expected] of faults) {
    t.test(`${JSON.stringify(fault)}: one attempt, one typed error, nothing secret`, async (test) => {
      const { emulator, log, llm } = await arrangeChat(test, kind);
      await emulator.setFault(fault);
      const calls = [() => llm.complete(QUESTION, live()), () => collect(llm.stream?.(QUESTION, live()))];
      for (const call of calls) {
        const error = await failureOf(test, call());
        test.match(error, expected);
        noLeak(test, error, log, [EMULATOR_KEY, SENTENCE]);
      }
      test.equal(emulator.requests.length, fault.kind === 'refuse' ? 0 : 2);
    });
  }
}
