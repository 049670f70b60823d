import {
  asText,
  type Clock,
  type Connect,
  parseWire,
  type SttEvent,
  SttLink,
  type SttStream,
} from '../../core/contracts/index.ts';
import { closeError, inBandError, refusal } from './errors.ts';
import { LIVE_RATE_HZ, TITLE } from './models.ts';
import {
  type Completed,
  committedSchema,
  completedSchema,
  deltaSchema,
  failureSchema,
  sessionSchema,
} from './realtime-wire.ts';
import { tokenConfidence } from './transcription-wire.ts';

/** The vendor refuses a commit with less audio than this. */
const SHORTEST_COMMIT_MS = 100;
/** The vendor asks for none; what stands between may drop a socket on which nothing moves. */
const KEEP_ALIVE_MS = 60_000;
const NOTHING_COMMITTED = 'input_audio_buffer_commit_empty';

export interface RealtimeOptions {
  url: string;
  apiKey: string;
  model: string;
  /** Of `audio.input.transcription`: model, language, key terms. */
  transcription: Record<string, unknown>;
  clock: Clock;
  /** Firing means the caller dropped the stream: its end is `aborted`, not the vendor's fault. */
  signal: AbortSignal;
  life: AbortSignal;
}

/** One commit: who asked, what range of the stream it is, and what came back. */
interface Commit {
  markers: number[];
  startMs: number;
  endMs: number;
  itemId?: string;
  partial: string;
  answer?: { text: string; confidence?: number };
}

/**
 * One transcription session. `finalize` commits what was pushed, and the commit becomes an item; its `completed` is the
 * answer. Items may be answered in any order; they are told in the order they were spoken.
 */
export class OpenAiStream implements SttStream {
  readonly #options: RealtimeOptions;
  readonly #link: SttLink;
  readonly #commits: Commit[] = [];
  #committedMs = 0;
  #stopKeepAlive: () => void = () => undefined;
  #sessionId: string | undefined;

  static async open(connect: Connect, options: RealtimeOptions): Promise<OpenAiStream> {
    const stream = new OpenAiStream(options);
    await stream.#open(connect);
    stream.#keepAlive();
    return stream;
  }

  private constructor(options: RealtimeOptions) {
    const { model, clock, signal, life } = options;
    this.#options = options;
    this.#link = new SttLink({
      vendor: TITLE,
      model,
      sampleRateHz: LIVE_RATE_HZ,
      clock,
      signals: [signal, life],
      onEnding: () => this.#stopKeepAlive(),
    });
  }

  push(pcm: Int16Array): void {
    if (pcm.length > 0) this.#link.sendAudio(JSON.stringify(appended(pcm)), pcm.length);
  }

  finalize(marker: number): void {
    if (this.#link.isClosing || this.#link.isOver) return;
    const last = this.#commits.at(-1);
    if (this.#link.pushedMs > this.#committedMs) this.#commit([marker]);
    else if (last) last.markers.push(marker);
    else this.#link.done(marker, this.#committedMs);
  }

  /** There is no good-bye: what is uncommitted is committed, its answer awaited, and the socket closed. */
  close(): Promise<void> {
    const isOpen = !this.#link.isClosing && !this.#link.isOver;
    if (isOpen && this.#link.pushedMs > this.#committedMs) this.#commit([]);
    const closed = this.#link.close(() => undefined);
    this.#endIfAnswered();
    return closed;
  }

  [Symbol.asyncIterator](): AsyncIterator<SttEvent> {
    return this.#link.events;
  }

  /** Says first of all what the session is to be. */
  #open(connect: Connect): Promise<void> {
    const { url, apiKey, signal } = this.#options;
    this.#link.sendMessage({ type: 'session.update', session: this.#session() });
    return this.#link.open(connect, {
      url,
      headers: { authorization: `Bearer ${apiKey}` },
      signal,
      refuse: (status, headers, body) => refusal(status, headers, body, apiKey),
      onMessage: (message) => this.#read(message),
      onClose: (code) => this.#link.socketClosed(this.#link.isClosing, () => closeError(code, this.#sessionId)),
    });
  }

  #read(message: Record<string, unknown>): void {
    switch (message['type']) {
      case 'session.created':
        this.#sessionId = parseWire(TITLE, sessionSchema, message).session.id ?? undefined;
        break;
      case 'session.updated':
        this.#link.accept();
        break;
      case 'input_audio_buffer.committed':
        this.#onCommitted(parseWire(TITLE, committedSchema, message).item_id);
        break;
      case 'conversation.item.input_audio_transcription.delta':
        this.#onDelta(parseWire(TITLE, deltaSchema, message));
        break;
      case 'conversation.item.input_audio_transcription.completed':
        this.#onCompleted(parseWire(TITLE, completedSchema, message));
        break;
      case 'conversation.item.input_audio_transcription.failed':
      case 'error':
        this.#onError(parseWire(TITLE, failureSchema, message).error);
      // Any other type is news to this version of the plugin, and no reason to drop a customer's sentence.
    }
  }

  /** Clears a buffer that is empty: the one message that changes nothing. */
  #keepAlive(): void {
    if (this.#link.isOver || this.#link.isClosing) return;
    this.#stopKeepAlive = this.#options.clock.after(KEEP_ALIVE_MS, () => {
      if (this.#link.pushedMs === this.#committedMs) this.#link.sendMessage({ type: 'input_audio_buffer.clear' });
      this.#keepAlive();
    });
  }

  /** Turn detection is off: who cuts is the core. */
  #session(): Record<string, unknown> {
    const format = { type: 'audio/pcm', rate: LIVE_RATE_HZ };
    const input = { format, transcription: this.#options.transcription, turn_detection: null };
    return { type: 'transcription', audio: { input }, include: ['item.input_audio_transcription.logprobs'] };
  }

  #commit(markers: number[]): void {
    const startMs = this.#committedMs;
    const endMs = this.#link.pushedMs;
    const missing = Math.ceil(((SHORTEST_COMMIT_MS - (endMs - startMs)) / 1000) * LIVE_RATE_HZ);
    // Silence of ours, neither counted nor billed to anybody here: a tenth of a second at most.
    if (missing > 0) this.#link.sendMessage(appended(new Int16Array(missing)));
    this.#link.sendMessage({ type: 'input_audio_buffer.commit' });
    this.#commits.push({ markers, startMs, endMs, partial: '' });
    this.#committedMs = endMs;
  }

  #onCommitted(itemId: string): void {
    const commit = this.#commits.find((each) => each.itemId === undefined && !each.answer);
    if (commit && !this.#commits.some((each) => each.itemId === itemId)) commit.itemId = itemId;
  }

  #onDelta({ item_id, delta }: { item_id: string; delta?: string | null }): void {
    const commit = this.#commits.find((each) => each.itemId === item_id);
    if (!commit || commit.answer) return;
    commit.partial += delta ?? '';
    if (commit === this.#commits[0]) this.#link.emit({ type: 'partial', text: commit.partial });
  }

  #onCompleted({ item_id, transcript, logprobs }: Completed): void {
    const commit = this.#commits.find((each) => each.itemId === item_id);
    if (!commit) return; // told before, and sent again
    commit.answer = { text: transcript.trim(), ...tokenConfidence(logprobs ?? []) };
    this.#tell();
  }

  /** Everything but "nothing was committed" ends the stream: what was said may not have been heard. */
  #onError(error: { type?: string | null; code?: string | null }): void {
    const unknown = this.#commits.find((each) => each.itemId === undefined && !each.answer);
    if (error.code === NOTHING_COMMITTED && unknown) {
      unknown.answer = { text: '' };
      this.#tell();
    } else {
      this.#link.fail(inBandError(error, this.#sessionId));
    }
  }

  #tell(): void {
    for (let commit = this.#commits[0]; commit?.answer; commit = this.#commits[0]) {
      this.#commits.shift();
      const { startMs, endMs, answer, itemId } = commit;
      if (answer.text !== '') {
        const range = { startMs: Math.round(startMs), endMs: Math.round(endMs) };
        const requestId = asText(itemId);
        const more = requestId === undefined ? {} : { requestId };
        this.#link.emit({ type: 'final', ...answer, ...range, model: this.#options.model, ...more });
      }
      for (const marker of commit.markers) this.#link.done(marker, Math.round(endMs));
    }
    this.#endIfAnswered();
  }

  #endIfAnswered(): void {
    if (this.#link.isClosing && this.#commits.length === 0) this.#link.end();
  }
}

function appended(pcm: Int16Array): { type: string; audio: string } {
  const audio = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
  return { type: 'input_audio_buffer.append', audio };
}
