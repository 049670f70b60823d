import { StreamDecoder } from '../audio/decode/index.ts';
import { Ear } from '../audio/ear.ts';
import type { VadSettings } from '../audio/settings.ts';
import type { CutReason, DeclaredAudio, EarListener } from '../audio/types.ts';
import type { SessionDeps } from './deps.ts';
import { detectorsOf } from './detectors.ts';
import type { EarParts } from './ears.ts';
import { LateAudio } from './late-audio.ts';
import { Lateness } from './lateness.ts';
import type { SessionMeter } from './levels.ts';
import { DecodePace } from './pace.ts';
import type { ReplaySink } from './replay.ts';
import { SilenceWatch } from './silence-watch.ts';
import type { SavedPlace, StreamPlace } from './stream-place.ts';
import type { CounterTransport } from './types.ts';

export interface ListeningOptions {
  deps: SessionDeps;
  ear: EarParts;
  settings: VadSettings;
  declared: DeclaredAudio | undefined;
  listener: EarListener;
  /** Closed with this. */
  meter: SessionMeter;
  transport: CounterTransport;
  /** Keeps account of the place, or goes on at one; null: this stream ends with its connection. */
  place: StreamPlace | null;
  onFormat(format: string): void;
}

const SAMPLES_PER_MS = 16;

/**
 * The first step of a conversation: bytes → samples → utterances. The decoder hands samples to the ear before `audio`
 * returns; what waits (a process, a detector) comes back through the listener.
 */
export class Listening {
  readonly lateness: Lateness;
  readonly #deps: SessionDeps;
  readonly #transport: CounterTransport;
  readonly #decoder: StreamDecoder;
  readonly #pace: DecodePace;
  readonly #silence: SilenceWatch;
  readonly #late: LateAudio;
  readonly #ear: Ear;
  readonly #meter: SessionMeter;
  readonly #place: StreamPlace | null;
  readonly #sink: ReplaySink;
  /** What the decoder had given so far; a process gives some of it later than the bytes came. */
  readonly #counted = { samples: 0, decodeMs: 0 };
  #cancelRest: (() => void) | undefined;
  #isResting = false;
  #isAway = false;
  #isPaused: boolean;
  #isShut = false;
  #pausedBytes = 0;
  /** Audio time behind the last sound before a pause, in samples. */
  #silentAt = 0;

  constructor({ deps, ear, settings, declared, listener, meter, transport, place, onFormat }: ListeningOptions) {
    this.#deps = deps;
    this.#transport = transport;
    this.#place = place;
    this.#meter = meter;
    this.#isPaused = place?.isPaused ?? false;
    this.lateness = new Lateness(place?.from?.lagMs);
    this.#sink = {
      pcm: (pcm) => this.#ear.push(pcm, deps.clock.now()),
      gap: (samples) => this.#ear.gap(samples / SAMPLES_PER_MS),
    };
    this.#pace = new DecodePace(deps.clock);
    // A device of protocol 1 may answer nothing while it has nothing to read.
    const probe = place ? transport.probe?.bind(transport) : undefined;
    this.#silence = new SilenceWatch(deps.clock, (elapsedMs) => this.#fallSilent(elapsedMs), probe);
    this.#late = new LateAudio(deps.clock, (missingMs) => this.#goOn(missingMs));
    this.#ear = new Ear({
      settings,
      ...detectorsOf(ear),
      pool: deps.earPool,
      listener,
      meter,
      clock: deps.clock,
      ...(place?.from ? { from: place.from.ear } : {}),
      ...(place ? { nextSegment: () => place.nextSegment() } : {}),
    });
    this.#decoder = new StreamDecoder({
      declared: place?.from ? place.from.point.declared : declared,
      log: deps.log,
      ffmpegPath: deps.ffmpegPath,
      onPcm: (pcm) => this.#hear(pcm),
      onFormat,
      onUnsupported: (name) => transport.close(4000, `formato de áudio não suportado: ${name}`),
      restartable: place !== null,
      from: place?.from?.point,
    });
  }

  /** Bytes of the stream received, the ones that were not heard included. */
  get bytes(): number {
    return this.#decoder.bytes;
  }

  /** Audio time received, in milliseconds. */
  get heardMs(): number {
    return this.#ear.position / SAMPLES_PER_MS;
  }

  /** New settings hold from the next utterance on. */
  update(settings: VadSettings): void {
    this.#ear.update(settings);
  }

  /** `bytes` is borrowed until return. */
  audio(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const { isHeard, until } = this.#stretch();
      const end = Math.min(bytes.length, at + until - this.#decoder.bytes);
      if (isHeard) this.#take(bytes.subarray(at, end));
      else this.#passOver(end - at);
      at = end;
    }
  }

  /** Nothing is heard until `resume`; what was heard so far is closed. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#place?.pause(this.#decoder.bytes);
    this.#shut();
  }

  /** Listens again. Returns how many bytes were not heard. */
  resume(): number {
    if (!this.#isPaused) return 0;
    this.#isPaused = false;
    this.#place?.resume(this.#decoder.bytes);
    const bytes = this.#pausedBytes;
    this.#pausedBytes = 0;
    return bytes;
  }

  /** Nobody is to wait a minute for what was said at its beginning: an utterance that is too long becomes two; see {@link Ear.split}. */
  split(segment: number, cut: { through: number; from: number }): void {
    this.#ear.split(segment, cut);
  }

  /** Closes what is open; resolves once everything heard so far was told. */
  flush(reason: CutReason): Promise<void> {
    this.#late.settle();
    return this.#ear.flush(reason);
  }

  /** The connection broke: its silence is nobody's. The device sends again what was not received whole. */
  leave(): void {
    this.#isAway = true;
    this.#hold();
    this.lateness.broke(this.#wallMs(), this.heardMs);
    this.#decoder.rewind();
  }

  /** A connection is there again. `missed`: bytes that the device has lost meanwhile. */
  comeBack(missed: number): void {
    this.#isAway = false;
    this.#hold();
    if (this.#isResting) this.#transport.pause();
    if (missed === 0) return;
    this.#shut();
    this.#decoder.skip(missed);
  }

  /** Where another process would go on; see {@link StreamPlace.save}. `keptMs`: what the device keeps at most. */
  save(keptMs: number): SavedPlace | null {
    return (
      this.#place?.save({
        ear: this.#ear.state,
        keptFrom: this.#ear.position - keptMs * SAMPLES_PER_MS,
        lagMs: this.lateness.lagMs(this.#wallMs(), this.heardMs),
        restartAt: (sample) => this.#decoder.restartAt(sample),
      }) ?? null
    );
  }

  /** Gives out what is still on its way, and takes nothing more. */
  async end(reason: CutReason): Promise<void> {
    this.stop();
    await this.#decoder.end();
    await this.flush(reason);
  }

  /** Takes nothing more; what is open stays as it is. */
  stop(): void {
    this.#silence.close();
    this.#cancelRest?.();
  }

  close(): void {
    this.stop();
    this.#late.settle();
    this.#ear.close();
    this.#meter.close();
    this.#decoder.close();
  }

  /** Whether what comes next is heard, and up to which byte of the stream that holds. */
  #stretch(): { isHeard: boolean; until: number } {
    return this.#place?.stretchAt(this.#decoder.bytes) ?? { isHeard: !this.#isPaused, until: Number.POSITIVE_INFINITY };
  }

  #take(bytes: Uint8Array): void {
    this.#isShut = false;
    const untoldMs = this.#silence.resumed();
    this.#decoder.push(bytes);
    const { samples, decodeMs } = this.#decoder;
    const audioMs = (samples - this.#counted.samples) / SAMPLES_PER_MS;
    this.#ear.timings.decodeMs += decodeMs - this.#counted.decodeMs;
    this.#counted.samples = samples;
    this.#counted.decodeMs = decodeMs;
    this.#late.came(audioMs, untoldMs);
    this.lateness.heard(this.#wallMs(), this.heardMs);
    this.#silence.heard(audioMs);
    const restMs = this.#pace.spend(audioMs);
    if (restMs > 0) this.#rest(restMs);
  }

  #passOver(byteCount: number): void {
    this.#shut();
    this.#pausedBytes += byteCount;
    this.#decoder.skip(byteCount);
  }

  /** What was open is closed, once: what follows is another place in time. */
  #shut(): void {
    if (this.#isShut) return;
    this.#isShut = true;
    void this.flush('gap');
  }

  #hear(pcm: Float32Array): void {
    if (this.#place) this.#place.hear(pcm, this.#sink);
    else this.#ear.push(pcm, this.#deps.clock.now());
  }

  /** Nothing came for so long. While old sound is heard again, its own pauses count and no others. */
  #fallSilent(elapsedMs: number): void {
    if (this.#place && !this.#place.isCaughtUp) {
      void this.flush('gap');
      return;
    }
    this.#ear.fallSilent();
    this.#silentAt = this.#ear.position;
    this.#late.paused(elapsedMs, this.#silence.longestMs);
  }

  #goOn(missingMs: number): void {
    const heardMs = this.heardMs;
    this.#ear.goOn(missingMs);
    this.#place?.gap(this.#silentAt, Math.round((this.heardMs - heardMs) * SAMPLES_PER_MS));
  }

  /** The client sends faster than we decode for one counter: TCP holds the rest, nothing is dropped. */
  #rest(ms: number): void {
    this.#transport.pause();
    this.#isResting = true;
    this.#hold();
    this.#cancelRest?.();
    this.#cancelRest = this.#deps.clock.after(ms, () => {
      this.#isResting = false;
      this.#hold();
      this.#transport.resume();
    });
  }

  #hold(): void {
    this.#silence.hold(this.#isResting || this.#isAway);
  }

  #wallMs(): number {
    return this.#deps.clock.date().getTime();
  }
}
