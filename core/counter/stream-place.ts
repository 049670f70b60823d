import type { RestartPoint } from '../audio/decode/index.ts';
import type { DeclaredAudio, EarState } from '../audio/types.ts';
import { FRAME_SAMPLES } from '../contracts/index.ts';
import { HeardLedger, type Span } from './heard-ledger.ts';
import { Replay, type ReplaySink, replaySteps } from './replay.ts';
import { type Gap, Timeline } from './timeline.ts';

/** Bytes of the stream that came while nobody was to listen; `to` null: it goes on. */
export interface Pause {
  from: number;
  to: number | null;
}

/** Where another process goes on with a stream: plain data, to be sealed and stored. */
export interface SavedPlace {
  point: Pick<RestartPoint, 'byte' | 'state'> & { declared?: DeclaredAudio };
  /** Samples that the decoder gives before the first one to be heard. */
  discard: number;
  ear: EarState;
  gaps: Gap[];
  pauses: Pause[];
  /** What behind the place is stored already, and must not be heard again. */
  stored: Span[];
  /** Number of the first utterance that is not stored. */
  segment: number;
  /** Wall clock less audio time, in milliseconds. */
  lagMs: number;
}

/** Pauses kept; a device that asks for more of them within what it may keep has the last ones taken as one. */
const MAX_PAUSES = 500;

/**
 * One stream's account of itself: which utterances are stored, where the pauses were, what another process would have to
 * hear; and, of a stream that another process began, what is heard of it again.
 */
export class StreamPlace {
  readonly from: SavedPlace | undefined;
  readonly ledger = new HeardLedger();
  readonly #declared: DeclaredAudio | undefined;
  readonly #timeline: Timeline;
  readonly #replay: Replay;
  readonly #taken: Set<number>;
  #pauses: Pause[];
  #segment: number;
  #settled: EarState = { position: 0, noise: 0, overlapFrames: 0 };

  constructor(declared: DeclaredAudio | undefined, from?: SavedPlace) {
    this.#declared = declared;
    this.from = from;
    this.#timeline = new Timeline(from?.discard, from?.ear.position, from?.gaps);
    this.#replay = new Replay(from ? replaySteps({ ...from, position: from.ear.position }) : []);
    this.#taken = new Set(from?.stored.map(({ segment }) => segment));
    this.#pauses = [...(from?.pauses ?? [])];
    this.#segment = (from?.segment ?? 1) - 1;
    if (!from) return;
    this.#settled = from.ear;
    this.ledger.take(from.stored);
  }

  /** Nobody is to listen at the end of what the device has sent. */
  get isPaused(): boolean {
    return this.#pauses.at(-1)?.to === null;
  }

  /** Everything another process had heard lies behind. */
  get isCaughtUp(): boolean {
    return this.#replay.isOver;
  }

  /** The number of the next utterance: each once in the session, whoever hears it. */
  nextSegment(): number {
    do this.#segment += 1;
    while (this.#taken.has(this.#segment));
    return this.#segment;
  }

  /** Passes on of `pcm`, the next samples of the decoder, what is to be heard. */
  hear(pcm: Float32Array, sink: ReplaySink): void {
    if (this.#replay.isOver) sink.pcm(pcm);
    else this.#replay.push(pcm, sink);
  }

  /** Audio time went on from `position`, and no sample came. */
  gap(position: number, samples: number): void {
    this.#timeline.gap({ position, samples });
  }

  pause(byte: number): void {
    if (this.#pauses.length >= MAX_PAUSES) this.#pauses.pop();
    this.#pauses.push({ from: byte, to: null });
  }

  resume(byte: number): void {
    const last = this.#pauses.at(-1);
    if (last?.to === null) last.to = Math.max(last.from, byte);
  }

  /** Whether the stream is heard at `byte`, and up to where that holds. */
  stretchAt(byte: number): { isHeard: boolean; until: number } {
    const next = this.#pauses.find(({ to }) => to === null || to > byte);
    if (!next) return { isHeard: true, until: Number.POSITIVE_INFINITY };
    if (byte < next.from) return { isHeard: true, until: next.from };
    return { isHeard: false, until: next.to ?? Number.POSITIVE_INFINITY };
  }

  /**
   * Where another process would go on if this one died now. `keptFrom`: audio time before which the device has nothing any
   * more. Null: the stream's format is not known yet, or cannot be taken up.
   */
  save(now: {
    ear: EarState;
    keptFrom: number;
    lagMs: number;
    restartAt(sample: number): RestartPoint | undefined;
  }): SavedPlace | null {
    const unstored = this.ledger.first(now.keptFrom);
    const isHeld = unstored !== null && unstored.position <= now.ear.position;
    const ear = isHeld
      ? { ...now.ear, position: unstored.position, overlapFrames: Math.round(unstored.overlap / FRAME_SAMPLES) }
      : now.ear;
    if (ear.position > this.#settled.position || isHeld) this.#settled = ear;
    const { position } = this.#settled;
    const sample = this.#timeline.sampleAt(position);
    const point = now.restartAt(sample);
    if (!point) return null;
    this.#pauses = this.#pauses.filter(({ to }) => to === null || to > point.byte);
    return {
      point: {
        byte: point.byte,
        state: point.state,
        ...(this.#declared && point.byte === 0 && !point.state ? { declared: this.#declared } : {}),
      },
      discard: sample - point.sample,
      ear: { ...this.#settled, noise: now.ear.noise },
      gaps: [...this.#timeline.from(position)],
      pauses: this.#pauses.map((pause) => ({ ...pause })),
      stored: this.ledger.storedFrom(position),
      segment: Math.min(this.#segment + 1, ...this.ledger.unstoredSegments()),
      lagMs: now.lagMs,
    };
  }
}
