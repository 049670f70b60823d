import type Anthropic from '@anthropic-ai/sdk';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import { asRecord, type LlmMessage, type LlmRequest, ProviderError } from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';
import { thinkingOf } from './models.ts';

/** The API demands a limit; an answer of ours is a few hundred tokens. */
const DEFAULT_MAX_TOKENS = 4096;

export type Body = Omit<Anthropic.MessageCreateParamsNonStreaming, 'stream'>;

/** The parameters of one message. No temperature: current models refuse it. */
export function toBody(request: LlmRequest, model: string, effort: string): Body {
  const { schema, tools, maxTokens } = request;
  const { output_config, ...thinking } = thinkingOf(model, effort);
  const system = request.messages.filter((message) => message.role === 'system').map((message) => message.content);
  const output = { ...output_config, ...(schema ? { format: formatOf(schema.schema) } : {}) };
  return {
    model,
    max_tokens: maxTokens ?? DEFAULT_MAX_TOKENS,
    messages: toMessages(request.messages),
    ...(system.length > 0 ? { system: system.join('\n\n') } : {}),
    ...(tools ? { tools: tools.map(toTool) } : {}),
    ...(Object.keys(output).length > 0 ? { output_config: output } : {}),
    ...thinking,
  };
}

/** The SDK's own helper moves into descriptions what the vendor's grammar cannot hold (`minimum`, `maxLength`, …). */
function formatOf(schema: Record<string, unknown>): Anthropic.JSONOutputFormat {
  try {
    const format = jsonSchemaOutputFormat(schema as Parameters<typeof jsonSchemaOutputFormat>[0]);
    return { type: 'json_schema', schema: format.schema };
  } catch {
    throw new ProviderError({ code: 'invalid_request', message: `esquema que ${TITLE} não aceita` });
  }
}

function toTool({ name, description, parameters }: NonNullable<LlmRequest['tools']>[number]): Anthropic.Tool {
  return { name, description, input_schema: { ...parameters, type: 'object' } };
}

/** Turns of one role are joined: all results of one round of tools belong into one message of the user. */
function toMessages(messages: LlmMessage[]): Anthropic.MessageParam[] {
  const turns: { role: 'user' | 'assistant'; content: Anthropic.ContentBlockParam[] }[] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const blocks = toBlocks(message);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, content: blocks });
  }
  return turns;
}

/** Empty text is refused, so it is left out. */
function toBlocks({ role, content, toolCallId, toolCalls }: LlmMessage): Anthropic.ContentBlockParam[] {
  if (role === 'tool') return [{ type: 'tool_result', tool_use_id: idOf(toolCallId ?? ''), content }];
  const text = content === '' ? [] : [{ type: 'text' as const, text: content }];
  const calls = (toolCalls ?? []).map(({ id, name, arguments: given }) => ({
    type: 'tool_use' as const,
    id: idOf(id),
    name,
    input: objectOf(given),
  }));
  return role === 'assistant' ? [...text, ...calls] : text;
}

/** A conversation may have begun with another vendor, whose ids this API refuses. */
function idOf(id: string): string {
  return id.replaceAll(/[^a-zA-Z0-9_-]/g, '_') || 'call';
}

/** A model's arguments as the object the API takes back; what is no object went wrong in the model, and goes back empty. */
function objectOf(json: string): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(json));
  } catch {
    return {};
  }
}
