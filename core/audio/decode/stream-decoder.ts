import type { Log } from '../../contracts/context.ts';
import type { DeclaredAudio } from '../../counter/types.ts';
import { type HeaderKind, HeaderScanner } from './header-scanner.ts';
import { type SniffedFormat, sniff } from './sniff.ts';
import type { Stage } from './stage.ts';
import { openStage, type StageListener } from './stages.ts';
import { DecoderSupply } from './supply.ts';
import { type StreamItem, WaitingQueue } from './waiting-queue.ts';

/** Bytes kept while a decoder is being made (milliseconds); past it the newest are dropped, counted and logged. */
const MAX_WAITING_BYTES = 4 << 20;

export interface StreamDecoderOptions {
  /** Absent: recognised from the first bytes. */
  declared?: DeclaredAudio | undefined;
  /** 16 kHz mono, ±1, at most half a second, borrowed until return. Synchronous with `push`, once warm. */
  onPcm(pcm: Float32Array): void;
  /** A format was recognised, or the declared one taken: `webm`, `ogg`, `wav`, `pcm_s16le`, `mp4`, … */
  onFormat?: ((name: string) => void) | undefined;
  /** A new container header in mid-stream: a recorder started again. */
  onRestart?: (() => void) | undefined;
  /** Once; nothing more is decoded. The name is safe for a close reason. */
  onUnsupported(name: string): void;
  log: Log;
  /** The ffmpeg for formats that are not decoded in process (see `findFfmpeg`); absent: they are not supported. */
  ffmpegPath?: string | null | undefined;
}

/**
 * One counter's bytes to samples, whatever they are and however they are cut. Nothing a peer sends makes it throw, and
 * nothing it declares takes memory.
 */
export class StreamDecoder {
  readonly #options: StreamDecoderOptions;
  readonly #scanner: HeaderScanner;
  readonly #listener: StageListener;
  readonly #supply = new DecoderSupply((pcm) => this.#give(pcm));
  readonly #queue = new WaitingQueue(MAX_WAITING_BYTES);
  #declared: DeclaredAudio | undefined;
  /** First bytes of a stream whose format cannot be told yet. */
  #head: Uint8Array = new Uint8Array(0);
  #format: SniffedFormat | undefined;
  #stage: Stage | undefined;
  #stageHasBytes = false;
  /** Takes back the wish for a decoder; set while the stream waits for one. */
  #stopWaiting: (() => void) | undefined;
  #whenReady: (() => void) | undefined;
  #ending: Promise<void> | undefined;
  #state: 'open' | 'ended' | 'refused' | 'closed' = 'open';
  #pcmFormat: { sampleRateHz: number; channels: number } | undefined;
  #since = 0;
  #decodeMs = 0;
  #resyncs = 0;
  #badPackets = 0;
  #droppedBytes = 0;

  /** Bytes received. */
  bytes = 0;
  /** Samples given, at 16 kHz. */
  samples = 0;

  constructor(options: StreamDecoderOptions) {
    this.#options = options;
    this.#declared = options.declared;
    this.#scanner = new HeaderScanner({
      bytes: (bytes) => this.#accept(bytes),
      header: (kind) => this.#accept(kind),
    });
    this.#listener = {
      pcm: (pcm) => this.#give(pcm),
      latePcm: (pcm) => this.#timed(() => this.#give(pcm)),
      pcmFormat: (sampleRateHz, channels) => {
        this.#pcmFormat = { sampleRateHz, channels };
      },
      badPacket: () => {
        this.#badPackets += 1;
      },
      resync: () => this.#damaged(),
      unsupported: (name) => this.#refuse(name),
    };
  }

  /** CPU time of decoding so far, in milliseconds, without what `onPcm` took. */
  get decodeMs(): number {
    return this.#decodeMs;
  }

  /** Packets that could not be decoded. */
  get badPackets(): number {
    return this.#badPackets + (this.#supply.opus?.badPackets ?? 0);
  }

  /** Times the stream was damaged and its next sound place had to be looked for. */
  get resyncs(): number {
    return this.#resyncs;
  }

  /** Bytes thrown away because no decoder was ready in time. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  /** Bytes received whose sound was not given yet: a block's beginning, or what waits for a decoder or a process. */
  get pendingBytes(): number {
    return this.#scanner.held + this.#queue.bytes + this.#head.length + (this.#stage?.buffered ?? 0);
  }

  /** How the rest of this stream has to be declared to a decoder that did not see its beginning. */
  get resumeAs(): DeclaredAudio | undefined {
    if (this.#pcmFormat) return { format: 'pcm_s16le', ...this.#pcmFormat };
    return this.#format === 'webm' || this.#format === 'ogg' ? { format: this.#format } : undefined;
  }

  /** `bytes` is borrowed until return. */
  push(bytes: Uint8Array): void {
    if (this.#state === 'closed' || this.#state === 'ended') return;
    this.bytes += bytes.length;
    if (this.#state === 'refused' || bytes.length === 0) return;
    this.#since = performance.now();
    this.#scanner.push(bytes);
    this.#decodeMs += performance.now() - this.#since;
  }

  /** So many bytes of the stream are not heard: what follows them is taken up where it stands. */
  skip(byteCount: number): void {
    if (this.#state !== 'open') return;
    this.bytes += byteCount;
    this.#timed(() => this.#scanner.end());
    this.#stage?.skip?.(byteCount);
  }

  /** The stream is over: its last samples are given. A promise where a decoder or a process is still at work. */
  end(): Promise<void> | undefined {
    if (this.#state !== 'open') return this.#ending;
    this.#timed(() => this.#scanner.end());
    if (this.#state !== 'open') return this.#ending;
    this.#state = 'ended';
    this.#ending = this.#stopWaiting ? this.#ready().then(() => this.#finish()) : this.#finish();
    return this.#ending;
  }

  /** Lets go of everything; gives nothing more out. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#letGo();
    this.#supply.close();
  }

  #ready(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenReady = resolve;
    });
  }

  #finish(): Promise<void> | undefined {
    let ending: Promise<void> | undefined;
    this.#timed(() => {
      if (this.#state !== 'ended') return;
      if (!this.#stage && this.#head.length > 0) this.#open('pcm_s16le');
      ending = this.#stage?.end() ?? undefined;
    });
    return ending;
  }

  #timed(work: () => void): void {
    this.#since = performance.now();
    work();
    this.#decodeMs += performance.now() - this.#since;
  }

  /** The listener's own work is not decoding: its time is left out. */
  #give(pcm: Float32Array): void {
    if (this.#state === 'closed') return;
    this.samples += pcm.length;
    this.#decodeMs += performance.now() - this.#since;
    this.#options.onPcm(pcm);
    this.#since = performance.now();
  }

  #accept(item: StreamItem): void {
    if (this.#state === 'closed' || this.#state === 'refused') return;
    if (!this.#stopWaiting) {
      this.#step(item);
      return;
    }
    if (this.#queue.push(item) || typeof item === 'string') return;
    if (this.#droppedBytes === 0) this.#options.log.warn({ bytes: this.bytes }, 'audio dropped: no decoder was ready');
    this.#droppedBytes += item.length;
  }

  #step(item: StreamItem): void {
    if (typeof item === 'string') {
      this.#header(item);
    } else if (this.#stage) {
      this.#stageHasBytes = true;
      this.#stage.push(item);
    } else {
      this.#head = this.#head.length === 0 ? item : Buffer.concat([this.#head, item]);
      const format = this.#recognise();
      if (format) this.#open(format);
      else this.#head = Uint8Array.from(this.#head);
    }
  }

  /** A declared format holds, unless the bytes are plainly of one that is not decoded here, or a WAV goes on headless. */
  #recognise(): SniffedFormat | undefined {
    const declared = this.#declared?.format;
    if (declared === 'pcm_s16le') return declared;
    const sniffed = sniff(this.#head);
    if (!declared || !sniffed || ['mp4', 'flac', 'mp3', 'aac'].includes(sniffed)) return sniffed;
    return declared === 'wav' && sniffed !== 'wav' ? 'pcm_s16le' : declared;
  }

  /** Opens the stage and gives it the head, now or as soon as what it needs is there. */
  #open(format: SniffedFormat): void {
    this.#format = format;
    const { sampleRateHz, channels } = this.#declared ?? {};
    this.#stopWaiting = this.#supply.ask(format, sampleRateHz, {
      ready: () => this.#resume(format),
      failed: (error) => this.#noDecoder(format, error),
    });
    if (this.#stopWaiting) {
      this.#head = Uint8Array.from(this.#head);
      return;
    }
    const { ffmpegPath } = this.#options;
    this.#options.onFormat?.(format);
    this.#stage = openStage({ format, sampleRateHz, channels, opus: this.#supply.opus, ffmpegPath }, this.#listener);
    const head = this.#head;
    this.#head = new Uint8Array(0);
    if (!this.#stage || head.length === 0) return;
    this.#stageHasBytes = true;
    this.#stage.push(head);
  }

  #resume(format: SniffedFormat): void {
    if (this.#state === 'closed' || this.#state === 'refused') return;
    this.#stopWaiting = undefined;
    this.#timed(() => {
      this.#open(format);
      while (!this.#stopWaiting) {
        const item = this.#queue.shift();
        if (item === undefined) break;
        this.#step(item);
      }
    });
    if (!this.#stopWaiting) this.#whenReady?.();
  }

  #noDecoder(format: SniffedFormat, error: unknown): void {
    if (this.#state === 'closed') return;
    const cause = error instanceof Error ? error.name : typeof error;
    this.#options.log.error({ format, cause }, 'no decoder could be made');
    this.#refuse(format);
  }

  /** A whole, valid header: a new decode begins, unless it is the one this stage was just opened for. */
  #header(kind: HeaderKind): void {
    if (this.#format === 'mp4' || this.#format === 'flac' || this.#format === 'mp3' || this.#format === 'aac') return;
    if (!this.#stage && this.#head.length === 0) return;
    if (this.#stage && !this.#stageHasBytes && this.#format === kind) return;
    if (!this.#stage) this.#open('pcm_s16le');
    this.#stage?.end();
    this.#stage?.close();
    this.#stage = undefined;
    this.#stageHasBytes = false;
    this.#format = undefined;
    this.#declared = undefined;
    this.#pcmFormat = undefined;
    this.#options.onRestart?.();
  }

  #damaged(): void {
    this.#resyncs += 1;
    if (this.#resyncs > 1) return;
    this.#options.log.debug(
      { format: this.#format, bytes: this.bytes },
      'damaged audio: looking for the next sound place',
    );
  }

  #refuse(name: string): void {
    if (this.#state === 'closed' || this.#state === 'refused') return;
    this.#state = 'refused';
    this.#letGo();
    this.#options.onUnsupported(name);
  }

  #letGo(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    this.#queue.clear();
    this.#head = new Uint8Array(0);
    this.#stage?.close();
    this.#whenReady?.();
  }
}
