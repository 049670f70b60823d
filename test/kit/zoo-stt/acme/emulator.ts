import type { RawData, WebSocket } from 'ws';
import {
  type Emulator,
  type Fault,
  finalDelivery,
  type Heard,
  type HeardStream,
  type Reply,
  type SeenRequest,
  type SttEmulatorOptions,
  startEmulator,
  type VendorWire,
} from '../../../../core/kit/index.ts';

const REFUSALS = {
  auth: [401, 'bad_key'],
  quota: [402, 'no_credit'],
  rate_limited: [429, 'too_fast'],
  server_error: [500, 'internal'],
} as const;

/** Acme: `POST /v1/transcribe`, `GET /v1/account`, live `/v1/stream`. */
export function startAcme(options: SttEmulatorOptions): Promise<Emulator> {
  let count = 0;
  const wire: VendorWire = {
    keyOf: (headers) => /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1],
    refusal(kind) {
      const [status, code] = REFUSALS[kind];
      return { status, body: JSON.stringify({ error: { code, message: `Emulated ${code}.` } }) };
    },
    answer(request): Reply {
      if (request.path === '/v1/account') return { status: 200, body: '{"account":"a1"}' };
      if (request.path !== '/v1/transcribe') return { status: 404, body: '{}' };
      const rate = Number(request.query.get('rate'));
      const pcm = pcmOf(request.body);
      const { text, words } = wireHeard(options.listening.transcribe(pcm, rate), request);
      return { status: 200, body: JSON.stringify({ id: `a-${++count}`, text, words, seconds: pcm.length / rate }) };
    },
    stream: (socket, request, fault) => void new AcmeSession(socket, request, fault, options),
  };
  return startEmulator(wire, options);
}

/** A final after so much audio, also without a flush. */
const SEGMENT_MS = 5000;
const PARTIAL_MS = 400;

class AcmeSession {
  readonly #socket: WebSocket;
  readonly #request: SeenRequest;
  readonly #fault: Fault | null;
  readonly #rate: number;
  readonly #heard: HeardStream;
  readonly #deliver: (message: Record<string, unknown>) => void;
  #samples = 0;
  #segmentStart = 0;
  #lastPartial = 0;
  #number = 0;
  #isSilent = false;
  #isCorrupted = false;

  constructor(socket: WebSocket, request: SeenRequest, fault: Fault | null, { listening }: SttEmulatorOptions) {
    this.#socket = socket;
    this.#request = request;
    this.#fault = fault;
    this.#rate = Number(request.query.get('rate'));
    this.#heard = listening.openStream(this.#rate);
    this.#deliver = finalDelivery(fault, (message) => this.#send(message));
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) this.#onAudio(data as Buffer);
      else this.#onText((data as Buffer).toString('utf8'));
    });
    socket.send(JSON.stringify({ type: 'ready' }));
  }

  #onText(text: string): void {
    this.#request.messages.push(text);
    const { type, flush } = JSON.parse(text) as { type: string; flush?: number };
    if (type === 'flush') this.#final(flush);
    if (type === 'bye') this.#end();
  }

  #onAudio(bytes: Buffer): void {
    if (bytes.length === 0) {
      this.#request.emptyFrames++;
      this.#end();
      return;
    }
    this.#request.audioBytes += bytes.length;
    this.#heard.push(pcmOf(bytes));
    this.#samples += bytes.length >> 1;
    if (this.#misbehave()) return;
    if (this.#ms(this.#samples - this.#segmentStart) >= SEGMENT_MS) this.#final();
    else if (this.#ms(this.#samples - this.#lastPartial) >= PARTIAL_MS) {
      this.#lastPartial = this.#samples;
      this.#send({ type: 'partial', text: this.#heard.partial() });
    }
  }

  #final(flush?: number): void {
    const times = { from_ms: this.#ms(this.#segmentStart), to_ms: this.#ms(this.#samples) };
    this.#segmentStart = this.#samples;
    this.#lastPartial = this.#samples;
    const heard = wireHeard(this.#heard.take(), this.#request);
    this.#deliver({ type: 'final', number: ++this.#number, ...heard, ...times, flush });
  }

  #end(): void {
    if (this.#isSilent) return;
    this.#final();
    this.#socket.close(1000);
  }

  #misbehave(): boolean {
    const fault = this.#fault;
    const heardMs = this.#ms(this.#samples);
    if (fault?.kind === 'stall' && heardMs >= fault.afterAudioMs) this.#isSilent = true;
    if (fault?.kind === 'die' && heardMs >= fault.afterAudioMs) {
      if (fault.code === undefined) this.#socket.terminate();
      else this.#socket.close(fault.code, fault.reason ?? '');
      this.#isSilent = true;
    }
    if (fault?.kind === 'error_frame' && heardMs >= (fault.afterAudioMs ?? 0)) {
      this.#send({ type: 'error', code: 'engine_lost' });
      this.#isSilent = true;
      this.#socket.close(1011);
    }
    return this.#isSilent;
  }

  #send(message: Record<string, unknown>): void {
    if (this.#isSilent) return;
    if (this.#fault?.kind === 'unknown_messages') this.#socket.send('{"type":"novelty"}');
    const isCorrupt = this.#fault?.kind === 'malformed_frame' && !this.#isCorrupted;
    this.#isCorrupted ||= isCorrupt;
    const text = JSON.stringify(message);
    this.#socket.send(isCorrupt ? text.slice(0, -3) : text);
  }

  #ms(samples: number): number {
    return (samples / this.#rate) * 1000;
  }
}

function wireHeard({ text, words }: Heard, request: SeenRequest): Record<string, unknown> {
  const speaker = request.query.get('diarize') === 'true' ? { speaker: 'A' } : {};
  return {
    text,
    words: words.map(({ startMs, endMs, ...word }) => ({ ...word, start_ms: startMs, end_ms: endMs, ...speaker })),
  };
}

function pcmOf(bytes: Buffer): Int16Array {
  return new Int16Array(new Uint8Array(bytes).buffer, 0, bytes.length >> 1);
}
