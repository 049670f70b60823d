import {
  asText,
  type Connect,
  parseWire,
  type SttEvent,
  SttLink,
  type SttLinkOptions,
  type SttLinkTarget,
  type SttStream,
} from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';
import { closeError, inBandError } from './errors.ts';
import { canonicalLanguage, readWords, transcriptMessageSchema } from './wire.ts';

/** The vendor refuses, and closes on, a commit with less than 0.3 s of new audio; the rest is a margin. */
const SHORTEST_COMMIT_MS = 400;
/** The vendor commits by itself somewhere between 36 s (seen) and 90 s (documented): done first, every answer has an asker. */
const LONGEST_UNCOMMITTED_MS = 30_000;
/** Longer context the vendor calls "too long" ("fewer than 50 characters"). */
const CONTEXT_CHARS = 49;
/** Answers remembered, to know one that is sent again. */
const REMEMBERED_ANSWERS = 16;

export interface ScribeStreamOptions extends Omit<SttLinkOptions, 'vendor'> {
  /** What was said just before this stream. */
  previousText?: string;
}

/** A commit that is not answered yet, and who asked for it: nobody, for one made in mid-speech. */
interface Commit {
  markers: number[];
  /** Milliseconds pushed when it was made. */
  atMs: number;
  /** What came back; `final` is null where nothing was said. */
  answer?: { final: Final | null };
}

type Final = Extract<SttEvent, { type: 'final' }>;

/**
 * One live connection of Scribe. `finalize` is a commit; the committed transcript answers it. The vendor numbers neither: an
 * answer belongs to the commit of its time, or else to the oldest. Of the two messages that answer a commit the one with times counts, which
 * comes second; an empty text is answered by the first, because it may be the only one.
 */
export class ScribeStream implements SttStream {
  readonly #options: ScribeStreamOptions;
  readonly #link: SttLink;
  readonly #recent: string[] = [];
  readonly #commits: Commit[] = [];
  /** Silence put in to reach the shortest commit: where, in the vendor's time, and how much. */
  readonly #fillings: { atMs: number; ms: number }[] = [];
  #given = 0;
  #uncommitted = 0;
  #isFirst = true;
  #emptyAnswered = 0;
  #sessionId: string | undefined;

  constructor(options: ScribeStreamOptions) {
    this.#options = options;
    this.#link = new SttLink({ ...options, vendor: TITLE });
  }

  /** Resolves when the vendor says that the session began: it accepts the socket before it looks at the key. */
  open(connect: Connect, target: Omit<SttLinkTarget, 'onMessage' | 'onClose'>): Promise<void> {
    return this.#link.open(connect, {
      ...target,
      onMessage: (message) => this.#read(message),
      onClose: (code, reason) =>
        this.#link.socketClosed(this.#link.isClosing, () => closeError(code, reason, this.#sessionId)),
    });
  }

  push(pcm: Int16Array): void {
    if (pcm.length === 0 || this.#link.isClosing || this.#link.isOver) return;
    this.#send(pcm, false);
    this.#given += pcm.length;
    if (this.#ms(this.#uncommitted) >= LONGEST_UNCOMMITTED_MS) this.#commit([]);
  }

  finalize(marker: number): void {
    if (this.#link.isClosing || this.#link.isOver) return;
    const last = this.#commits.at(-1);
    if (this.#uncommitted > 0) this.#commit([marker]);
    else if (last) last.markers.push(marker);
    else this.#link.done(marker, this.#ms(this.#given));
  }

  /** The vendor has no good-bye: what is uncommitted is committed, and its answer awaited; then the socket is closed. */
  close(): Promise<void> {
    if (this.#uncommitted > 0 && !this.#link.isClosing && !this.#link.isOver) this.#commit([]);
    const closed = this.#link.close(() => undefined);
    this.#endIfAnswered();
    return closed;
  }

  [Symbol.asyncIterator](): AsyncIterator<SttEvent> {
    return this.#link.events;
  }

  #read(message: Record<string, unknown>): void {
    switch (message['message_type']) {
      case 'session_started':
        this.#sessionId = asText(message['session_id']);
        this.#link.accept();
        break;
      case 'partial_transcript':
        this.#link.emit({ type: 'partial', text: parseWire(TITLE, transcriptMessageSchema, message).text });
        break;
      case 'committed_transcript':
        this.#onCommitted(message);
        break;
      case 'committed_transcript_with_timestamps':
        this.#onTimed(message);
        break;
      default: {
        // Any other type is news to this version of the plugin, and no reason to drop a customer's sentence.
        const error = inBandError(message, this.#sessionId);
        if (error) this.#link.fail(error);
      }
    }
  }

  #onCommitted(message: Record<string, unknown>): void {
    if (parseWire(TITLE, transcriptMessageSchema, message).text.trim() !== '') return;
    this.#emptyAnswered++;
    this.#answer();
  }

  #onTimed(message: Record<string, unknown>): void {
    const { text: said, words: timed, language_code } = parseWire(TITLE, transcriptMessageSchema, message);
    const text = said.trim();
    if (text === '') {
      if (this.#emptyAnswered > 0) this.#emptyAnswered--;
      else this.#answer();
      return;
    }
    this.#emptyAnswered = 0;
    const { words: heard, ...confidence } = readWords(timed);
    const words = heard.map((word) => ({
      ...word,
      startMs: this.#ownMs(word.startMs),
      endMs: this.#ownMs(word.endMs),
    }));
    const [first, last] = [words[0], words.at(-1)];
    // Times never repeat on a connection: the same words at the same time are the same answer, sent again.
    if (first && last && !this.#isNew(`${first.startMs}-${last.endMs}-${text}`)) return;
    const language = canonicalLanguage(language_code);
    this.#answer({
      type: 'final',
      text,
      words,
      ...confidence,
      ...(first && last ? { startMs: first.startMs, endMs: last.endMs } : {}),
      model: this.#options.model,
      ...(language === undefined ? {} : { language }),
      ...(this.#sessionId === undefined ? {} : { requestId: this.#sessionId }),
    });
  }

  /** Answers are told in the order of their commits: one that overtook another waits for it. */
  #answer(final: Final | null = null): void {
    const owner = this.#ownerOf(final);
    if (owner) owner.answer = { final };
    else if (final) this.#link.emit(final);
    for (let commit = this.#commits[0]; commit?.answer; commit = this.#commits[0]) {
      this.#commits.shift();
      if (commit.answer.final) this.#link.emit(commit.answer.final);
      for (const marker of commit.markers) this.#link.done(marker, commit.atMs);
    }
    this.#endIfAnswered();
  }

  /** The commit whose audio was answered, by its time where there is one; none when the vendor committed by itself. */
  #ownerOf(final: Final | null): Commit | undefined {
    const startMs = final?.startMs ?? 0;
    return this.#commits.find((commit) => !commit.answer && startMs < commit.atMs);
  }

  #endIfAnswered(): void {
    if (this.#link.isClosing && this.#commits.length === 0) this.#link.end();
  }

  #commit(markers: number[]): void {
    const missing = Math.ceil(((SHORTEST_COMMIT_MS - this.#ms(this.#uncommitted)) / 1000) * this.#options.sampleRateHz);
    const filling = new Int16Array(Math.max(0, missing));
    if (filling.length > 0) this.#fillings.push({ atMs: this.#link.pushedMs, ms: this.#ms(filling.length) });
    this.#commits.push({ markers, atMs: this.#ms(this.#given) });
    this.#send(filling, true);
    this.#uncommitted = 0;
  }

  #send(pcm: Int16Array, commit: boolean): void {
    const context = this.#isFirst ? this.#options.previousText?.slice(-CONTEXT_CHARS) : undefined;
    this.#isFirst = false;
    this.#uncommitted += pcm.length;
    const frame = {
      message_type: 'input_audio_chunk',
      audio_base_64: Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64'),
      commit,
      sample_rate: this.#options.sampleRateHz,
      ...(context ? { previous_text: context } : {}),
    };
    this.#link.sendAudio(JSON.stringify(frame), pcm.length);
  }

  /** The vendor's time without the silence it was filled up with. */
  #ownMs(vendorMs: number): number {
    let filledMs = 0;
    for (const { atMs, ms } of this.#fillings) filledMs += Math.min(ms, Math.max(0, vendorMs - atMs));
    return Math.round(vendorMs - filledMs);
  }

  #isNew(key: string): boolean {
    if (this.#recent.includes(key)) return false;
    this.#recent.push(key);
    if (this.#recent.length > REMEMBERED_ANSWERS) this.#recent.shift();
    return true;
  }

  #ms(samples: number): number {
    return (samples / this.#options.sampleRateHz) * 1000;
  }
}
