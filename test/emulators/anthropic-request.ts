import { type JsonSchema, schemaFault } from './example-of.ts';

/** A request as it came. */
export interface MessagesRequest {
  model: string;
  max_tokens?: number;
  messages: { role: string; content: string | WireBlock[] }[];
  system?: string;
  tools?: { name: string; input_schema: JsonSchema }[];
  output_config?: { effort?: string; format?: { type: string; schema?: JsonSchema } };
  thinking?: { type: string };
  temperature?: number;
  stream?: boolean;
}

export type WireBlock =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'tool_use'; id: string; name: string; input: unknown }
  | { type: 'tool_result'; tool_use_id: string; content?: string };

/** What the real API would refuse; undefined when it would not. */
export function refusedBecause(body: MessagesRequest): string | undefined {
  if (!Number.isInteger(body.max_tokens)) return 'max_tokens: Field required';
  if (body.temperature !== undefined) return '`temperature` is deprecated for this model.';
  if (body.messages.length === 0) return 'messages: at least one message is required';
  if (body.messages.at(-1)?.role !== 'user') return 'This model does not support assistant message prefill.';
  for (const [at, { content }] of body.messages.entries()) {
    const blocks = typeof content === 'string' ? [textOf(content)] : content;
    if (blocks.length === 0 || blocks.some((block) => block.type === 'text' && block.text === '')) {
      return `messages.${at}: text content blocks must be non-empty`;
    }
    if (blocks.some((block) => block.type === 'tool_use' && !/^[a-zA-Z0-9_-]+$/.test(block.id))) {
      return `messages.${at}.content: String should match pattern '^[a-zA-Z0-9_-]+$'`;
    }
  }
  return thinkingFault(body) ?? (body.output_config?.format ? formatFault(body.output_config.format) : undefined);
}

function thinkingFault({ model, thinking }: MessagesRequest): string | undefined {
  const always = /^claude-(opus-5-5|fable|mythos)/.test(model);
  if (thinking?.type === 'disabled' && (always || model === 'claude-sonnet-5-5')) {
    return 'thinking.type: disabled is not supported for this model';
  }
  if (thinking?.type === 'between_tools' && model !== 'claude-sonnet-5-5') return 'thinking.type: unexpected value';
  return thinking?.type === 'adaptive' && /-4-5$/.test(model) ? 'adaptive thinking is not supported' : undefined;
}

/** The grammar knows no bounds on numbers, strings and lists. */
function formatFault(format: { type: string; schema?: JsonSchema }): string | undefined {
  if (format.type !== 'json_schema' || !format.schema) return 'output_config.format: json_schema expected';
  const bound = /"(minimum|maximum|minLength|maxLength|multipleOf|maxItems)":/.exec(JSON.stringify(format.schema));
  return bound ? `output_config.format.schema: '${bound[1]}' is not supported` : schemaFault(format.schema);
}

export function thinks({ model, thinking }: MessagesRequest): boolean {
  const always = /^claude-(opus-5-5|fable|mythos)/.test(model);
  return always || (thinking?.type === 'adaptive' ? true : thinking === undefined && !/-4-/.test(model));
}

export function textOf(text: string): WireBlock {
  return { type: 'text', text };
}
