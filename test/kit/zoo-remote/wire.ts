import {
  type EmulatorOptions,
  type Fault,
  type LlmAnswer,
  type LlmEmulatorOptions,
  type RefusalKind,
  type Reply,
  type SeenRequest,
  startEmulator,
  type VendorWire,
} from '../../../core/kit/index.ts';
import { exampleOf, type JsonSchema } from '../../emulators/example-of.ts';

/** Numbers of one vector. */
export const DIMENSIONS = 8;
/** Bytes of PCM at 8 kHz per letter: 40 ms. */
const LETTER_BYTES = 640;

const REFUSALS: Record<RefusalKind, [status: number, code: string]> = {
  auth: [401, 'acme_bad_key'],
  quota: [402, 'acme_no_credit'],
  rate_limited: [429, 'acme_too_fast'],
  server_error: [500, 'acme_broken'],
};

interface ChatBody {
  model: string;
  messages: { content: string }[];
  schema?: { schema: JsonSchema };
  stream: boolean;
}

/** A vendor that nobody has to pay: chat, speech and vectors in one small wire of its own. */
export function startAcme(options: LlmEmulatorOptions & EmulatorOptions = {}) {
  return startEmulator(new AcmeWire(options), options);
}

class AcmeWire implements VendorWire {
  readonly #options: LlmEmulatorOptions;
  #count = 0;

  constructor(options: LlmEmulatorOptions) {
    this.#options = options;
  }

  keyOf(headers: Record<string, string | string[] | undefined>): string | undefined {
    return /^Bearer (.+)$/.exec(headers['authorization']?.toString() ?? '')?.[1];
  }

  refusal(kind: RefusalKind): Reply {
    const [status, code] = REFUSALS[kind];
    return json({ error: { code, message: 'não deu' } }, status);
  }

  answer(request: SeenRequest, fault: Fault | null): Reply {
    if (request.path === '/models') return json({ models: ['acme-2'] });
    const body = JSON.parse(request.body.toString('utf8')) as never;
    switch (request.path) {
      case '/chat':
        return this.#chat(body, fault);
      case '/speech':
        return speech(body);
      case '/vectors':
        return json({ id: this.#id(), ...vectors(body) });
      default:
        return json({ error: { code: 'acme_not_found' } }, 404);
    }
  }

  #chat(body: ChatBody, fault: Fault | null): Reply {
    const told = fault?.kind === 'refusal' ? '' : (this.#options.respond?.() ?? defaultAnswer(body));
    const text = typeof told === 'string' ? told : '';
    const calls = typeof told === 'string' ? [] : told.toolCalls.map((call, i) => ({ id: `acme-call-${i}`, ...call }));
    const stop = calls.length > 0 ? 'tool' : 'stop';
    const finish = fault?.kind === 'refusal' ? 'refusal' : fault?.kind === 'finish' ? FINISH[fault.finish] : stop;
    const usage = { in: body.messages.length * 10, out: text.length + 1 };
    const whole = { id: this.#id(), model: body.model, text, calls, finish, usage };
    return body.stream ? streamed(whole, fault) : json(whole);
  }

  #id(): string {
    return `acme-request-${++this.#count}`;
  }
}

const FINISH = { length: 'length', content_filter: 'filter' };

function defaultAnswer({ schema, messages }: ChatBody): LlmAnswer {
  return schema ? JSON.stringify(exampleOf(schema.schema)) : (messages.at(-1)?.content ?? '');
}

function streamed(whole: { text: string; calls: unknown[] }, fault: Fault | null): Reply {
  const { text, calls, ...end } = whole;
  const events: string[] = (text.match(/.{1,16}/gsu) ?? []).map((delta) => JSON.stringify({ delta }));
  events.push(...calls.map((call) => JSON.stringify({ call })));
  if (fault?.kind === 'unknown_messages') events.splice(1, 0, JSON.stringify({ novelty: 1 }));
  if (fault?.kind === 'malformed_frame') events.splice(1, 0, '{"delta":');
  if (fault?.kind === 'error_frame') events.push(JSON.stringify({ error: { code: 'acme_broken' } }));
  else events.push(JSON.stringify({ end }));
  const body = events.map((event) => `data: ${event}\n\n`);
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body };
}

function speech({ text, rate, encoding }: { text: string; rate: number; encoding: string }): Reply {
  const bytes = (text.length * LETTER_BYTES * rate) / 8000 / (encoding === 'pcm_s16le' ? 1 : 2);
  return { status: 200, headers: { 'content-type': 'audio/acme' }, body: 'abcdefgh'.repeat(bytes / 8) };
}

function vectors({ texts, model }: { texts: string[]; model: string }): object {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  return { model, vectors: texts.map(vectorOf), usage: { in: length } };
}

/** A direction that depends on every letter. */
function vectorOf(text: string): number[] {
  const raw = Array.from({ length: DIMENSIONS }, (_, i) => {
    let sum = i + 1;
    for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
    return sum / 9973 - 0.5;
  });
  const norm = Math.hypot(...raw);
  return raw.map((value) => value / norm);
}

function json(body: unknown, status = 200): Reply {
  return { status, body: JSON.stringify(body) };
}
