import type { DeclaredAudio } from '../types.ts';
import { type HeaderKind, HeaderScanner } from './header-scanner.ts';
import { RestartMap, type RestartPoint, type RestartState } from './restart-map.ts';
import { recognise, type SniffedFormat } from './sniff.ts';
import type { Stage } from './stage.ts';
import { openStage, type StageListener } from './stages.ts';
import type { StreamDecoderOptions } from './stream-options.ts';
import { DecoderSupply } from './supply.ts';
import { type StreamItem, WaitingQueue } from './waiting-queue.ts';

/** Bytes kept while a decoder is being made (milliseconds); past it the newest are dropped, counted and logged. */
const MAX_WAITING_BYTES = 4 << 20;

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
  readonly #map: RestartMap | undefined;
  #restart: RestartState | undefined;
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
    this.#map = options.restartable ? new RestartMap(options.from) : undefined;
    this.bytes = options.from?.byte ?? 0;
    this.#scanner = new HeaderScanner({
      bytes: (bytes) => this.#accept(bytes),
      header: (kind) => this.#accept(kind),
    });
    this.#listener = {
      pcm: (pcm) => this.#give(pcm),
      latePcm: (pcm) => this.#timed(() => this.#give(pcm)),
      block: (offset) => this.#map?.block(offset, this.samples),
      badPacket: () => {
        this.#badPackets += 1;
      },
      resync: () => this.#damaged(),
      unsupported: (name) => this.#refuse(name),
    };
    this.#restart = options.from?.state ?? undefined;
    if (this.#restart) this.#open(this.#restart.format);
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

  /**
   * The newest place at which another decoder could begin and miss nothing from `sample` on; it may give some samples
   * before it. What lies before that place is forgotten: ask in order. Undefined unless `restartable`.
   */
  restartAt(sample: number): RestartPoint | undefined {
    return this.#map?.before(sample, this.#stage?.restart);
  }

  /** Forgets the beginning of a block that is not whole: it will come again. Afterwards `bytes` is where from. */
  rewind(): void {
    if (this.#state !== 'open' || this.#stopWaiting) return;
    this.bytes -= this.#scanner.rewind();
    const held = this.#stage?.rewind?.() ?? 0;
    this.bytes -= held;
    this.#map?.given(-held);
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
    this.#map?.skipped(byteCount, this.samples, this.#stage);
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
    this.#map?.given(item.length);
  }

  #step(item: StreamItem): void {
    if (typeof item === 'string') {
      this.#header(item);
      return;
    }
    this.#map?.given(item.length);
    if (this.#stage) {
      this.#feed(this.#stage, item);
    } else {
      this.#head = this.#head.length === 0 ? item : Buffer.concat([this.#head, item]);
      const format = recognise(this.#head, this.#declared?.format);
      if (format) this.#open(format);
      else this.#head = Uint8Array.from(this.#head);
    }
  }

  #feed(stage: Stage, bytes: Uint8Array): void {
    this.#stageHasBytes = true;
    stage.push(bytes);
    this.#map?.aligned(stage, this.samples);
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
    const { opus } = this.#supply;
    const restart = this.#restart;
    const head = this.#head;
    this.#restart = undefined;
    this.#head = new Uint8Array(0);
    this.#map?.opened(head.length, this.samples, restart !== undefined);
    this.#stage = openStage({ format, sampleRateHz, channels, opus, ffmpegPath, restart }, this.#listener);
    if (this.#stage && head.length > 0) this.#feed(this.#stage, head);
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
    this.#map?.closed(this.#stage?.restart);
    this.#stage?.close();
    this.#stage = undefined;
    this.#stageHasBytes = false;
    this.#format = undefined;
    this.#declared = undefined;
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
