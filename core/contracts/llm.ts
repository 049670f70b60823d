import type { Usage } from './audio.ts';

/** A language model. One attempt per call; the core parses and validates `text` against `schema`. */
export interface Llm {
  complete(request: LlmRequest, signal: AbortSignal): Promise<LlmResult>;
  stream?(request: LlmRequest, signal: AbortSignal): AsyncIterable<LlmEvent>;
  close?(): Promise<void>;
}

export interface LlmMessage {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string;
  toolCallId?: string;
  toolCalls?: ToolCall[];
}

export interface ToolCall {
  id: string;
  name: string;
  /** JSON text as the model wrote it: untrusted. */
  arguments: string;
}

export interface LlmTool {
  name: string;
  description: string;
  /** JSON Schema of the arguments. */
  parameters: Record<string, unknown>;
}

export interface LlmRequest {
  messages: LlmMessage[];
  /** JSON Schema the answer must follow (every property required, `additionalProperties: false`). */
  schema?: { name: string; schema: Record<string, unknown> };
  tools?: LlmTool[];
  temperature?: number;
  maxTokens?: number;
}

export interface LlmResult {
  text: string;
  toolCalls?: ToolCall[];
  finish: 'stop' | 'length' | 'refusal' | 'filter' | 'tool';
  model: string;
  requestId?: string;
  usage: Usage[];
}

export type LlmEvent =
  | { type: 'delta'; text: string }
  | { type: 'toolCall'; toolCall: ToolCall }
  | { type: 'result'; result: LlmResult };

export interface LlmCapabilities {
  /** `strict`: the vendor enforces the schema; `json`: valid JSON only; `none`: text. */
  structured: 'strict' | 'json' | 'none';
  tools: boolean;
  streaming: boolean;
  temperature: boolean;
  contextTokens: number;
  region: string;
}
