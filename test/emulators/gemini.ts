import { exampleOf, type JsonSchema } from './example-of.ts';
import type { Fault } from './faults.ts';
import type { ChatAnswer, ChatRequest } from './openai.ts';
import {
  type Emulator,
  type EmulatorOptions,
  type RefusalKind,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from './server.ts';

export interface GeminiOptions extends EmulatorOptions {
  /** The model. Default: the smallest answer the requested schema allows, or the last message again. */
  respond?(request: ChatRequest): ChatAnswer | Promise<ChatAnswer>;
}

/** Gemini: `models/{model}:generateContent`, `:streamGenerateContent?alt=sse`, `GET models/{model}`. Its base URL is `url` + `/v1beta`. */
export function startGemini(options: GeminiOptions = {}): Promise<Emulator> {
  return startEmulator(new GeminiWire(options), options);
}

/** The models of November 2026; whatever else is asked for does not exist. */
const MODELS = /^gemini-(2\.5-(flash|pro|flash-lite)|3\.1-flash-lite|3\.5-flash(-lite)?|3\.[678]-flash)$/;

interface Part {
  text?: string;
  functionCall?: { id?: string; name: string; args?: unknown };
  functionResponse?: { id?: string; name: string; response: unknown };
  thoughtSignature?: string;
}

/** A request as it came. */
interface GenerateRequest {
  contents: { role: string; parts: Part[] }[];
  systemInstruction?: { parts: Part[] };
  tools?: { functionDeclarations: { name: string; parametersJsonSchema?: JsonSchema }[] }[];
  generationConfig?: {
    responseMimeType?: string;
    responseJsonSchema?: JsonSchema;
    temperature?: number;
    maxOutputTokens?: number;
    thinkingConfig?: { thinkingLevel?: string };
  };
}

const FIELDS = /^(responseMimeType|responseJsonSchema|temperature|maxOutputTokens|thinkingConfig)$/;

class GeminiWire implements VendorWire {
  readonly #options: GeminiOptions;
  #count = 0;

  constructor(options: GeminiOptions) {
    this.#options = options;
  }

  keyOf(headers: Record<string, string | string[] | undefined>, query: URLSearchParams): string | undefined {
    return headers['x-goog-api-key']?.toString() ?? query.get('key') ?? undefined;
  }

  refusal(kind: RefusalKind): Reply {
    const google = 'type.googleapis.com/google.rpc';
    const failed = (quotaId: string) => ({ '@type': `${google}.QuotaFailure`, violations: [{ quotaId }] });
    switch (kind) {
      case 'auth': {
        const info = { '@type': `${google}.ErrorInfo`, reason: 'API_KEY_INVALID', domain: 'googleapis.com' };
        return refused(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [info]);
      }
      case 'quota':
        return refused(429, 'RESOURCE_EXHAUSTED', SPENT, [failed('GenerateRequestsPerDayPerProjectPerModel')]);
      case 'rate_limited':
        return refused(429, 'RESOURCE_EXHAUSTED', SPENT, [failed('GenerateRequestsPerMinutePerProjectPerModel')]);
      case 'server_error':
        return refused(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.');
    }
  }

  async answer(request: SeenRequest, fault: Fault | null): Promise<Reply> {
    const [, model, method] = /^\/v1(?:beta)?\/models\/([^/:]+)(?::(\w+))?$/.exec(request.path) ?? [];
    if (!model || !MODELS.test(model)) {
      return refused(404, 'NOT_FOUND', `models/${model} is not found for API version v1beta.`);
    }
    if (request.method === 'GET' && !method) return json(200, { name: `models/${model}`, inputTokenLimit: 1_048_576 });
    const streamed = method === 'streamGenerateContent';
    if (request.method !== 'POST' || (method !== 'generateContent' && !streamed)) return refused(404, 'NOT_FOUND', '');
    const body = JSON.parse(request.body.toString('utf8')) as GenerateRequest;
    const wrong = refusedBecause(body, model);
    if (wrong) return refused(400, 'INVALID_ARGUMENT', wrong);
    const base = { modelVersion: model, responseId: `resp-${++this.#count}` };
    if (fault?.kind === 'refusal') {
      const blocked = {
        promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
        usageMetadata: usageOf(body, []),
        ...base,
      };
      return streamed ? events([blocked]) : json(200, blocked);
    }
    const parts = fault?.kind === 'finish' && fault.finish === 'content_filter' ? [] : await this.#parts(body, model);
    const last = { ...candidate(streamed ? [] : parts, finishOf(fault)), usageMetadata: usageOf(body, parts), ...base };
    return streamed ? this.#streamed(parts, base, last, fault) : json(200, last);
  }

  async #parts(body: GenerateRequest, model: string): Promise<Part[]> {
    const answer = await (this.#options.respond ?? defaultAnswer(body))(toChat(body, model));
    if (typeof answer === 'string') return answer === '' ? [] : [{ text: answer }];
    if (!('toolCalls' in answer)) return [{ text: JSON.stringify(answer) }];
    return answer.toolCalls.map((call, index) => ({
      functionCall: { name: call.name, args: JSON.parse(call.arguments) as unknown },
      ...(index === 0 ? { thoughtSignature: `assinatura-${this.#count}` } : {}),
    }));
  }

  #streamed(parts: Part[], base: object, last: object, fault: Fault | null): Reply {
    const pieces = parts.flatMap((part) =>
      part.text === undefined ? [part] : (part.text.match(/.{1,12}/gsu) ?? []).map((text) => ({ text })),
    );
    const all: object[] = pieces.map((part) => ({
      ...candidate([part]),
      ...base,
      usageMetadata: { promptTokenCount: 1 },
    }));
    if (fault?.kind === 'unknown_messages') all.unshift({ usageMetadata: {}, novidade: true });
    if (fault?.kind === 'error_frame') {
      const reply = events(all.slice(0, 2));
      const error = refused(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.').body;
      return { ...reply, body: [...(reply.body as string[]), error as string] };
    }
    const reply = events([...all, last]);
    if (fault?.kind === 'malformed_frame') (reply.body as string[])[1] = 'data: {"candidates":\r\n\r\n';
    return reply;
  }
}

const SPENT = 'You exceeded your current quota, please check your plan and billing details.';

function candidate(parts: Part[], finishReason?: string): object {
  const content = { role: 'model', parts };
  return {
    candidates: [{ index: 0, ...(parts.length > 0 ? { content } : {}), ...(finishReason ? { finishReason } : {}) }],
  };
}

function finishOf(fault: Fault | null): string {
  if (fault?.kind !== 'finish') return 'STOP';
  return fault.finish === 'length' ? 'MAX_TOKENS' : 'SAFETY';
}

function events(list: object[]): Reply {
  const body = list.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`);
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body };
}

function json(status: number, body: unknown): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    body: JSON.stringify(body, null, 2),
  };
}

function refused(code: number, status: string, message: string, details?: object[]): Reply {
  return json(code, { error: { code, message, status, ...(details ? { details } : {}) } });
}

/** What the real API would refuse; undefined when it would not. */
function refusedBecause(body: GenerateRequest, model: string): string | undefined {
  if (!(body.contents?.length > 0)) return '* GenerateContentRequest.contents: contents is not specified';
  const config = body.generationConfig ?? {};
  const unknown = Object.keys(config).find((name) => !FIELDS.test(name));
  if (unknown) return `Invalid JSON payload received. Unknown name "${unknown}" at 'generation_config'`;
  if (config.responseJsonSchema && config.responseMimeType !== 'application/json') {
    return 'response_json_schema requires response_mime_type application/json';
  }
  if (config.thinkingConfig?.thinkingLevel === 'minimal' && /3\.[678]-flash$/.test(model)) {
    return 'Thinking level MINIMAL is not supported for this model.';
  }
  return contentFault(body, model);
}

function contentFault({ contents }: GenerateRequest, model: string): string | undefined {
  for (const [at, { role, parts }] of contents.entries()) {
    if (role !== 'user' && role !== 'model') return 'Please use a valid role: user, model.';
    if (!parts?.length) return `* GenerateContentRequest.contents[${at}].parts: contents.parts must not be empty.`;
    const calls = parts.filter((part) => part.functionCall);
    if (calls.length > 0 && model.startsWith('gemini-3') && !calls[0]?.thoughtSignature) {
      return `Function call in the ${at}. content block is missing a thought_signature.`;
    }
    const answers = parts.filter((part) => part.functionResponse);
    const asked = contents[at - 1]?.parts.filter((part) => part.functionCall) ?? [];
    if (answers.length > 0 && answers.length !== asked.length) {
      return 'Please ensure that the number of function response parts is equal to the number of function call parts.';
    }
    if (answers.some((part) => !part.functionResponse?.name)) return 'function_response.name: Name cannot be empty.';
  }
  return undefined;
}

/** About four characters a token; a quarter of a long prompt comes from the cache; some tokens are thoughts. */
function usageOf(body: GenerateRequest, parts: Part[]): object {
  const prompt = Math.ceil(JSON.stringify([body.systemInstruction ?? '', body.contents]).length / 4);
  const spoken = parts.length === 0 ? 0 : Math.ceil(JSON.stringify(parts).length / 4);
  const thoughts = body.generationConfig?.thinkingConfig ? 50 : 0;
  return {
    promptTokenCount: prompt,
    ...(prompt > 1024 ? { cachedContentTokenCount: Math.floor(prompt / 4) } : {}),
    ...(spoken > 0 ? { candidatesTokenCount: spoken } : {}),
    ...(thoughts > 0 ? { thoughtsTokenCount: thoughts } : {}),
    totalTokenCount: prompt + spoken + thoughts,
  };
}

/** The request as the emulated model is shown it, whoever the vendor. */
function toChat({ systemInstruction, contents }: GenerateRequest, model: string): ChatRequest {
  const text = (parts: Part[]) => parts.map((part) => part.text ?? '').join('');
  const said = contents.map(({ role, parts }) => ({
    role: role === 'model' ? 'assistant' : role,
    content: text(parts),
  }));
  const system = systemInstruction ? [{ role: 'system', content: text(systemInstruction.parts) }] : [];
  return { model, messages: [...system, ...said] };
}

function defaultAnswer(body: GenerateRequest): (chat: ChatRequest) => ChatAnswer {
  const schema = body.generationConfig?.responseJsonSchema;
  return (chat) => (schema ? (exampleOf(schema) as object) : chat.messages.at(-1)?.content || 'certo');
}
