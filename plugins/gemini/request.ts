import { asRecord, type LlmMessage, type LlmRequest } from '../../core/contracts/index.ts';
import type { GeminiSettings } from './config.ts';

/** What the vendor documents for calls it did not make itself, or whose signature is no longer known. */
const NO_SIGNATURE = 'skip_thought_signature_validator';

interface Part {
  text?: string;
  functionCall?: { id: string; name: string; args: Record<string, unknown> };
  functionResponse?: { id: string; name: string; response: Record<string, unknown> };
  thoughtSignature?: string;
}

interface Content {
  role: 'user' | 'model';
  parts: Part[];
}

/** The body of `generateContent` and of `streamGenerateContent`. `signatures`: of the calls the model made, by id. */
export function toBody(
  request: LlmRequest,
  settings: GeminiSettings,
  signatures: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const { messages, schema, tools, temperature, maxTokens } = request;
  const system = messages.filter((message) => message.role === 'system').map(({ content }) => ({ text: content }));
  return {
    contents: toContents(messages, settings.model, signatures),
    ...(system.length > 0 ? { systemInstruction: { parts: system } } : {}),
    ...(tools ? { tools: [{ functionDeclarations: tools.map(toDeclaration) }] } : {}),
    generationConfig: {
      ...(schema ? { responseMimeType: 'application/json', responseJsonSchema: schema.schema } : {}),
      ...(temperature === undefined ? {} : { temperature }),
      ...(maxTokens === undefined ? {} : { maxOutputTokens: maxTokens }),
      ...(settings.thinkingLevel === 'default' ? {} : { thinkingConfig: { thinkingLevel: settings.thinkingLevel } }),
    },
  };
}

/** `parametersJsonSchema`, not `parameters`: that one is a dialect of its own and refuses `additionalProperties`. */
function toDeclaration({ name, description, parameters }: NonNullable<LlmRequest['tools']>[number]) {
  return { name, description, parametersJsonSchema: parameters };
}

/** Turns of one role are joined: all results of one round of calls belong into one content. */
function toContents(messages: LlmMessage[], model: string, signatures: ReadonlyMap<string, string>): Content[] {
  const names = new Map(messages.flatMap(({ toolCalls }) => (toolCalls ?? []).map(({ id, name }) => [id, name])));
  const contents: Content[] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    const role = message.role === 'assistant' ? 'model' : 'user';
    const parts = role === 'model' ? saidParts(message, model, signatures) : heardParts(message, names);
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else if (parts.length > 0) contents.push({ role, parts });
  }
  return contents;
}

function heardParts({ role, content, toolCallId }: LlmMessage, names: ReadonlyMap<string, string>): Part[] {
  if (role !== 'tool') return textParts(content);
  const id = toolCallId ?? '';
  return [{ functionResponse: { id, name: names.get(id) ?? '', response: responseOf(content) } }];
}

/** From Gemini 3 on, the first call of a turn must come back with its signature, or is refused. */
function saidParts(message: LlmMessage, model: string, signatures: ReadonlyMap<string, string>): Part[] {
  const signed = /^(models\/)?gemini-([3-9]|\d\d)/.test(model);
  const calls = (message.toolCalls ?? []).map(({ id, name, arguments: given }, index): Part => {
    const signature = signatures.get(id) ?? (signed && index === 0 ? NO_SIGNATURE : undefined);
    const part = { functionCall: { id, name, args: asRecord(parsed(given)) } };
    return signature === undefined ? part : { ...part, thoughtSignature: signature };
  });
  return [...textParts(message.content), ...calls];
}

function textParts(text: string): Part[] {
  return text === '' ? [] : [{ text }];
}

/** The API takes an object; what a tool answered otherwise goes below a name. */
function responseOf(content: string): Record<string, unknown> {
  const value = parsed(content);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? asRecord(value) : { result: value ?? content };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // a tool may answer in plain text, and a model may have written no JSON
  }
}
