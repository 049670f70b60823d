import { signal } from '@preact/signals';
import { ApiError, request } from '../../lib/api.ts';
import { canAsk, type Microphone, openMicrophone } from '../../lib/microphone.ts';
import { virtual as t } from '../../messages/virtual.ts';
import { closeFault, type Fault, microphoneFault, recordingFormat, socketUrl } from './faults.ts';
import {
  type CardShown,
  type CardTold,
  cardOf,
  type HeardLine,
  type UtteranceTold,
  withTold,
  withTranscript,
} from './heard.ts';

/** Sound goes out this often. */
const SLICE_MS = 250;

export type VirtualState = 'idle' | 'opening' | 'listening' | 'finishing' | 'ready';

interface Opened {
  counter: { id: string; revision: number };
  apiKey: string;
}

/** One virtual counter of this page: its key, its socket, its microphone. The key is nowhere else. */
export class VirtualSession {
  readonly state = signal<VirtualState>('idle');
  readonly fault = signal<Fault | null>(null);
  readonly lines = signal<readonly HeardLine[]>([]);
  readonly card = signal<CardShown | null>(null);
  readonly cardTold = signal<CardTold | null>(null);
  readonly news = signal<string | null>(null);
  readonly counterId = signal<string | null>(null);
  readonly microphone = signal<Microphone | null>(null);
  readonly #clientId: string;
  #opened: Opened | null = null;
  #socket: WebSocket | null = null;
  #recorder: MediaRecorder | null = null;
  #events: EventSource | null = null;

  constructor(clientId: string) {
    this.#clientId = clientId;
  }

  /** Opens the counter where it is not, and listens. What fails stands in `fault`. */
  async talk(): Promise<void> {
    if (this.state.value !== 'idle' && this.state.value !== 'ready') return;
    this.fault.value = null;
    this.state.value = this.#socket ? 'ready' : 'opening';
    const format =
      typeof MediaRecorder === 'undefined' ? null : recordingFormat((type) => MediaRecorder.isTypeSupported(type));
    if (!canAsk()) return this.#fail({ key: 'insecure' });
    if (!format) return this.#fail({ key: 'recorder' });
    try {
      const microphone = await openMicrophone();
      this.microphone.value = microphone;
      if (!this.#socket) await this.#connect(format.format);
      if (!this.#socket) return;
      this.#record(microphone, format.type);
    } catch (error) {
      if (error instanceof DOMException) this.#fail(microphoneFault(error.name));
      else if (error instanceof ApiError) this.#fail({ key: 'server', message: error.message });
      else throw error;
    }
  }

  /** Listens no more; what was heard so far is finished and answered. */
  stop(): void {
    if (this.state.value !== 'listening') return;
    this.state.value = 'finishing';
    this.#recorder?.stop();
  }

  /** A verdict on the card that is shown. */
  feedback(interactionId: number, result: 'aceito' | 'recusado'): void {
    this.#say({ comando: 'feedback', interacao_id: interactionId, resultado: result });
  }

  /** Lets go of everything; the key is unknown from here on. */
  async end(): Promise<void> {
    this.#letGo();
    this.state.value = 'idle';
    const opened = this.#opened;
    this.#opened = null;
    this.counterId.value = null;
    if (!opened) return;
    // Kept alive: the page may be closing. Another tab that opened it since has another revision, and stays.
    await fetch(`/api/v1/counters/${opened.counter.id}/revoke`, {
      method: 'POST',
      keepalive: true,
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json', 'if-match': `"${opened.counter.revision}"` },
      body: JSON.stringify({ why: t('end.why') }),
    }).catch(() => undefined); // offline: the key ends by itself
  }

  async #connect(format: string): Promise<void> {
    const { data } = await request<Opened>('POST', `/api/v1/clients/${this.#clientId}/counters/virtual`);
    this.#opened = data;
    this.counterId.value = data.counter.id;
    this.#watch(data.counter.id);
    const url = socketUrl(location);
    const socket = new WebSocket(url);
    let wasOpen = false;
    const ready = new Promise<boolean>((resolve) => {
      socket.addEventListener('open', () => {
        wasOpen = true;
        socket.send(JSON.stringify({ api_key: data.apiKey, protocolo: 2, audio: { formato: format } }));
      });
      socket.addEventListener('message', ({ data: text }) => {
        const message = JSON.parse(String(text)) as Record<string, unknown>;
        if (message['comando'] === 'pronto') resolve(true);
        else this.#hear(message);
      });
      socket.addEventListener('close', async ({ code, reason }) => {
        resolve(false);
        if (this.#socket !== null && this.#socket !== socket) return;
        if (this.#opened === null) return; // closed by us
        const isAnswering = wasOpen || (await answers());
        const fault = closeFault({ code, reason, url }, { wasOpen, isAnswering });
        if (fault) this.#fail(fault);
        else this.#letGo();
      });
    });
    if (await ready) this.#socket = socket;
  }

  #record(microphone: Microphone, type: string): void {
    const recorder = new MediaRecorder(microphone.stream, { mimeType: type, audioBitsPerSecond: 48_000 });
    this.#recorder = recorder;
    let sending = Promise.resolve();
    recorder.addEventListener('dataavailable', ({ data }) => {
      // One after the other: a blob that is read faster than the one before it must not overtake it.
      sending = sending.then(async () => {
        const bytes = await data.arrayBuffer();
        if (this.#socket?.readyState === WebSocket.OPEN && bytes.byteLength > 0) this.#socket.send(bytes);
      });
    });
    recorder.addEventListener('stop', () => {
      void sending.then(() => {
        this.#say({ comando: 'fim' });
        this.#closeMicrophone();
        if (this.state.value === 'finishing') this.state.value = 'ready';
      });
    });
    recorder.start(SLICE_MS);
    this.state.value = 'listening';
  }

  #hear(message: Record<string, unknown>): void {
    const { comando, segmento, texto, mensagem } = message;
    const card = cardOf(message);
    if (card) {
      this.card.value = card;
      this.#say({ comando: 'recebido', interacao_id: card.interactionId });
    } else if (comando === 'transcricao') {
      const line = { segment: Number(segmento), text: String(texto ?? ''), isFinal: message['final'] === true };
      this.lines.value = withTranscript(this.lines.value, line);
    } else if (comando === 'ping') this.#say({ comando: 'pong' });
    else if ((comando === 'estado' || comando === 'erro') && typeof mensagem === 'string') this.news.value = mensagem;
  }

  /** What a counter is not told: who heard it, why, and where the time went. */
  #watch(counterId: string): void {
    this.#events?.close();
    const events = new EventSource(`/api/v1/live?clientId=${encodeURIComponent(this.#clientId)}`);
    this.#events = events;
    events.addEventListener('utterance', ({ data }) => {
      const told = JSON.parse(String(data)) as UtteranceTold;
      if (told.counterId === counterId && this.#opened) this.lines.value = withTold(this.lines.value, told);
    });
    events.addEventListener('card', ({ data }) => {
      const told = JSON.parse(String(data)) as CardTold;
      if (told.counterId === counterId && this.#opened) this.cardTold.value = told;
    });
  }

  #say(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #fail(fault: Fault): void {
    this.fault.value = fault;
    this.#letGo();
    this.state.value = 'idle';
  }

  #letGo(): void {
    const recorder = this.#recorder;
    this.#recorder = null;
    if (recorder && recorder.state !== 'inactive') recorder.stop();
    this.#closeMicrophone();
    this.#events?.close();
    this.#events = null;
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
    if (this.state.value !== 'opening') this.state.value = 'idle';
  }

  #closeMicrophone(): void {
    this.microphone.value?.close();
    this.microphone.value = null;
  }
}

/** Whether the server answers plain requests. */
async function answers(): Promise<boolean> {
  try {
    return (await fetch('/health/live', { cache: 'no-store' })).ok;
  } catch {
    return false; // that is the answer
  }
}
