import type { WebSocket } from 'ws';
import type { Fault } from './faults.ts';
import { readForm } from './form.ts';
import type { Listening } from './listening/index.ts';
import { embed, speak, transcribeUpload } from './openai-audio.ts';
import { ChatModel, type ChatModelOptions, type ChatRequest, parseChat, refusedBecause } from './openai-chat.ts';
import { RealtimeSession } from './openai-realtime.ts';
import {
  type Emulator,
  type EmulatorOptions,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from './server.ts';

export type { ChatAnswer, ChatRequest } from './openai-chat.ts';

type Dialect = 'openai' | 'xai' | 'groq' | 'ollama';

export interface OpenAiOptions extends EmulatorOptions {
  respond?: ChatModelOptions['respond'];
  /** How transcription hears; without it every upload is silence. */
  listening?: Listening;
  /** Whose errors, models and paths. */
  dialect?: Dialect;
}

/**
 * OpenAI: `POST /v1/chat/completions` (also streamed), `/v1/audio/transcriptions`, `/v1/audio/speech`, `/v1/embeddings`,
 * `GET /v1/models`, and the transcription session `/v1/realtime`. Its base URL is `url` + `/v1`.
 */
export function startOpenAi(options: OpenAiOptions = {}): Promise<Emulator> {
  return startEmulator(new OpenAiWire(options), options);
}

/** Groq: the same API below `/openai/v1`, Whisper, `x_groq`. */
export function startGroq(options: Omit<OpenAiOptions, 'dialect'> = {}): Promise<Emulator> {
  return startOpenAi({ ...options, dialect: 'groq' });
}

/** Ollama: the same API without a key, for the models that were pulled. */
export function startOllama(options: Omit<OpenAiOptions, 'dialect'> = {}): Promise<Emulator> {
  return startOpenAi({ apiKey: null, ...options, dialect: 'ollama' });
}

interface Accent {
  base: string;
  /** What `GET /models` lists. */
  models: string[];
  /** Models a chat or a vector may be asked of. */
  knows: RegExp;
  hears: RegExp;
  dimensions: number;
}

const ACCENTS: Record<Dialect, Accent> = {
  openai: {
    base: '/v1',
    models: ['gpt-6-luna', 'gpt-transcribe', 'whisper-1', 'text-embedding-3-small', 'gpt-4o-mini-tts'],
    knows: /^(gpt-|o\d|text-embedding-)/,
    hears: /^(whisper-1$|gpt-(?!live-).*transcribe)/,
    dimensions: 1536,
  },
  xai: { base: '/v1', models: ['grok-4.3'], knows: /^grok-/, hears: /^$/, dimensions: 0 },
  groq: {
    base: '/openai/v1',
    models: ['openai/gpt-oss-20b', 'openai/gpt-oss-120b', 'whisper-large-v3-turbo', 'whisper-large-v3'],
    knows: /^(openai\/gpt-oss-(20|120)b|qwen\/)/,
    hears: /^whisper-large-v3(-turbo)?$/,
    dimensions: 0,
  },
  ollama: {
    base: '/v1',
    models: ['llama3.1:latest', 'bge-m3:latest'],
    knows: /^(llama3\.1|bge-m3)(:latest)?$/,
    hears: /^$/,
    dimensions: 1024,
  },
};

const REFUSALS = {
  auth: [401, 'invalid_api_key', 'Incorrect API key provided.'],
  quota: [429, 'insufficient_quota', 'You exceeded your current quota.'],
  rate_limited: [429, 'rate_limit_exceeded', 'Rate limit reached.'],
  server_error: [500, 'server_error', 'The server had an error.'],
} as const;

const XAI_REFUSALS = {
  auth: [400, 'Client specified an invalid argument', 'Incorrect API key provided.'],
  quota: [403, 'The caller does not have permission', 'Your team has no credits left.'],
  rate_limited: [429, 'Some resource has been exhausted', 'Too many requests.'],
  server_error: [500, 'Internal error', 'Something went wrong.'],
} as const;

const SILENT: Listening = {
  transcribe: () => ({ text: '', words: [] }),
  openStream: () => ({ push: () => undefined, partial: () => '', take: () => ({ text: '', words: [] }) }),
};

export class OpenAiWire implements VendorWire {
  readonly #options: OpenAiOptions;
  readonly #accent: Accent;
  readonly #model: ChatModel;
  #count = 0;

  constructor(options: OpenAiOptions) {
    const { respond, dialect = 'openai' } = options;
    this.#options = options;
    this.#accent = ACCENTS[dialect];
    this.#model = new ChatModel({ thoughtTokens: dialect === 'xai' ? 50 : 0, ...(respond ? { respond } : {}) });
  }

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return /^Bearer (.+)$/.exec(headers['authorization']?.toString() ?? '')?.[1];
  }

  refusal(kind: keyof typeof REFUSALS): Reply {
    const [status, code, message] = (this.#options.dialect === 'xai' ? XAI_REFUSALS : REFUSALS)[kind];
    return this.#error(status, code, message);
  }

  async answer(request: SeenRequest, fault: Fault | null): Promise<Reply> {
    const { base, models } = this.#accent;
    switch (`${request.method} ${request.path}`) {
      case `GET ${base}/models`:
        return this.#json(200, { object: 'list', data: models.map(modelObject) });
      case `POST ${base}/chat/completions`:
        return this.#chat(request, fault);
      case `POST ${base}/audio/transcriptions`:
        return this.#transcribe(request);
      case `POST ${base}/audio/speech`:
        return this.#speak(request);
      case `POST ${base}/embeddings`:
        return this.#embed(request);
      default:
        return this.#error(404, 'not_found', 'Not found.');
    }
  }

  stream(socket: WebSocket, request: SeenRequest, fault: Fault | null): void {
    const { listening = SILENT, latencyMs = 0, dialect = 'openai' } = this.#options;
    if (dialect !== 'openai' || request.path !== '/v1/realtime' || request.query.get('intent') !== 'transcription') {
      return void socket.close(1008);
    }
    new RealtimeSession(socket, request, { listening, latencyMs, fault, id: `sess_${++this.#count}` });
  }

  async #chat(request: SeenRequest, fault: Fault | null): Promise<Reply> {
    const chat: ChatRequest | undefined = parseChat(request.body);
    if (!chat) return this.#error(400, 'invalid_value', 'body is not JSON');
    if (!this.#accent.knows.test(chat.model ?? '')) return this.#unknownModel(chat.model);
    const wrong = refusedBecause(chat);
    if (wrong) return this.#error(400, 'invalid_value', wrong);
    const answer = await this.#model.answer(chat, fault);
    if (!Array.isArray(answer)) return this.#json(200, answer);
    return { status: 200, headers: { 'content-type': 'text/event-stream', ...this.#id() }, body: answer };
  }

  async #transcribe(request: SeenRequest): Promise<Reply> {
    const form = await readForm(request);
    const model = String(form?.get('model') ?? '');
    if (!this.#accent.hears.test(model)) return this.#unknownModel(model);
    const answer = await transcribeUpload(form, this.#options.listening ?? SILENT);
    if ('refused' in answer) return this.#error(...answer.refused);
    const extra = this.#options.dialect === 'groq' ? { x_groq: { id: `groq-${this.#count}` } } : {};
    return this.#json(200, { ...(answer.body as object), ...extra });
  }

  #speak(request: SeenRequest): Reply {
    const asked = jsonOf(request.body);
    const text = String(asked['input'] ?? '');
    if (!/^(tts-1|gpt-4o-mini-tts)/.test(String(asked['model']))) return this.#unknownModel(String(asked['model']));
    if (text === '' || text.length > 4096) return this.#error(400, 'string_too_long', 'input');
    if (asked['response_format'] !== 'pcm') return this.#error(400, 'invalid_value', 'only pcm is emulated');
    if (!/^[a-z]+$/.test(String(asked['voice']))) return this.#error(400, 'invalid_value', 'voice');
    return { status: 200, headers: { 'content-type': 'audio/pcm', ...this.#id() }, body: speak(text) };
  }

  #embed(request: SeenRequest): Reply {
    const { model, input, dimensions } = jsonOf(request.body);
    if (!this.#accent.knows.test(String(model))) return this.#unknownModel(String(model));
    const texts = Array.isArray(input) ? input.map(String) : [String(input ?? '')];
    if (texts.length === 0 || texts.includes('')) return this.#error(400, 'invalid_value', "'$.input' is invalid.");
    // Floats whatever the encoding asked for: some compatible servers know no other.
    const size = typeof dimensions === 'number' ? dimensions : this.#accent.dimensions;
    const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: embed(text, size) }));
    const tokens = Math.ceil(texts.join('').length / 4);
    return this.#json(200, {
      object: 'list',
      model,
      data: data.reverse(), // the order is the index's, not the list's
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    });
  }

  #unknownModel(model: string): Reply {
    return this.#error(404, 'model_not_found', `The model \`${model}\` does not exist.`);
  }

  #error(status: number, code: string, message: string): Reply {
    if (this.#options.dialect === 'xai') return this.#json(status, { code, error: message });
    return this.#json(status, { error: { message, type: 'invalid_request_error', param: null, code } });
  }

  #json(status: number, body: unknown): Reply {
    return { status, headers: this.#id(), body: JSON.stringify(body) };
  }

  #id(): Record<string, string> {
    return { 'x-request-id': `req-${++this.#count}` };
  }
}

function modelObject(id: string): unknown {
  return { id, object: 'model', created: 0, owned_by: 'x' };
}

function jsonOf(body: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}
