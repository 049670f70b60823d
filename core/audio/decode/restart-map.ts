import type { Stage } from './stage.ts';
import type { Track } from './webm-tracks.ts';

/** What a decoder that did not see a stream's beginning must know of it, beside where it takes it up. */
export type RestartState =
  | { format: 'webm'; tracks: Track[] }
  | { format: 'ogg'; serial: number }
  /** Signed 16-bit samples; of a WAV, `leftBytes` until its data end (absent: they go on). */
  | { format: 'pcm_s16le' | 'wav'; sampleRateHz: number; channels: number; leftBytes?: number };

/** A place at which another decoder may take the stream up. */
export interface RestartPoint {
  /** Of the stream, counted from its first byte. */
  byte: number;
  /** Samples given, at 16 kHz, before the first one that this place gives. */
  sample: number;
  /** null: a header stands there, and says everything. */
  state: RestartState | null;
}

/** A header; a block of its container; or a place behind bytes that were not heard, in the middle of anything. */
type Kind = 'header' | 'block' | 'skip';

interface Mark {
  byte: number;
  sample: number;
  kind: Kind;
  /** Number of the stage that decodes it. */
  stage: number;
  /** Of a WAV: bytes from here to the end of its data. */
  leftBytes: number | undefined;
}

/** Marks nearer than this, in samples, are not kept: 100 ms. */
const SPACING = 1600;
/** Marks kept: 6 min 49 s at their spacing. Past it every second one goes, and the spacing doubles. */
const MAX_MARKS = 4096;
/**
 * Opus needs so long until it sounds as if it had never been interrupted: 320 ms. The 80 ms of RFC 7845 §4.6 leave up to
 * half of the signal wrong where a voice is steady; after 320 ms the worst of 31 places was 1.6 % off.
 */
const OPUS_WARM_UP = 5120;
/** A resampler's filter is filled after less than 20 ms. */
const RESAMPLER_WARM_UP = 320;

/**
 * Which byte of a stream each sample came from, as far as somebody else could begin there. Bounded: what is settled is
 * forgotten, and what is not is thinned out.
 */
export class RestartMap {
  #marks: Mark[] = [];
  /** What stages that are over would have said of themselves. */
  readonly #states = new Map<number, RestartState>();
  #spacing = SPACING;
  #stage = 0;
  /** Bytes that were given to a stage or lie before one. */
  #given: number;
  #stageByte = 0;
  #stageSample = 0;

  /** `from`: the decoder begins there, with sample 0. */
  constructor(from?: { byte: number; state: RestartState | null }) {
    this.#given = from?.byte ?? 0;
    if (from?.state) this.#states.set(0, from.state);
    this.#marks.push({
      byte: this.#given,
      sample: 0,
      kind: from?.state ? 'block' : 'header',
      stage: 0,
      leftBytes: undefined,
    });
  }

  /** So many bytes went on to where they are decoded. */
  given(bytes: number): void {
    this.#given += bytes;
  }

  /** A stage begins, with a header unless it takes up another's work; `headBytes` of those given are its first. */
  opened(headBytes: number, sample: number, restarted: boolean): void {
    this.#stage += 1;
    this.#stageByte = this.#given - headBytes;
    this.#stageSample = sample;
    this.#add({ byte: this.#stageByte, sample, kind: restarted ? 'block' : 'header', leftBytes: undefined }, true);
  }

  /** The stage that was opened last is over. */
  closed(state: RestartState | undefined): void {
    if (state && this.#marks.at(-1)?.stage === this.#stage) this.#states.set(this.#stage, state);
  }

  /** A block of a container begins `offset` bytes into its stage, and gives what follows `sample`. */
  block(offset: number, sample: number): void {
    if (this.#isNear(sample)) return;
    this.#add({ byte: this.#stageByte + offset, sample, kind: 'block', leftBytes: undefined }, false);
  }

  /** The stage was given more, and gave all up to `given`: of raw samples, the newest whole one is a place. */
  aligned(stage: Stage, given: number): void {
    if (this.#isNear(given)) return;
    const place = stage.aligned?.();
    if (!place) return;
    const sample = this.#stageSample + place.sample;
    this.#add({ byte: this.#given - place.back, sample, kind: 'block', leftBytes: leftOf(stage, place.back) }, false);
  }

  /** `bytes` of the stream were passed over: what follows them may be taken up right there. */
  skipped(bytes: number, sample: number, stage: Stage | undefined): void {
    this.#given += bytes;
    this.#stageByte += bytes;
    // A block that is cut in the middle is lost; a raw sample that is cut has its place all the same.
    const back = stage?.skip ? stage.buffered : 0;
    if (stage?.restart)
      this.#add({ byte: this.#given - back, sample, kind: 'skip', leftBytes: leftOf(stage, back) }, true);
  }

  /** The newest place that gives everything from `sample` on; what lies before it is forgotten. */
  before(sample: number, current: RestartState | undefined): RestartPoint {
    let index = this.#marks.length - 1;
    while (index > 0 && !this.#isEarly(this.#marks[index] as Mark, sample, current)) index -= 1;
    this.#marks.splice(0, index);
    if (this.#marks.length < MAX_MARKS / 4) this.#spacing = SPACING;
    const mark = this.#marks[0] as Mark;
    for (const stage of this.#states.keys()) if (stage < mark.stage) this.#states.delete(stage);
    return { byte: mark.byte, sample: mark.sample, state: this.#stateAt(mark, current) };
  }

  /** Asked at every block: nothing is made for one that is not kept. */
  #isNear(sample: number): boolean {
    const last = this.#marks[this.#marks.length - 1];
    return last !== undefined && sample - last.sample < this.#spacing;
  }

  #isEarly(mark: Mark, sample: number, current: RestartState | undefined): boolean {
    const state = this.#stateAt(mark, current);
    // A block of a stage that could not say yet what it is: nobody can begin there.
    if (mark.kind !== 'header' && !state) return false;
    return mark.sample + (mark.kind === 'block' && state ? warmUp(state) : 0) <= sample;
  }

  #stateAt(mark: Mark, current: RestartState | undefined): RestartState | null {
    if (mark.kind === 'header') return null;
    const state = (mark.stage === this.#stage && current) || this.#states.get(mark.stage);
    if (!state) return null;
    return mark.leftBytes === undefined || state.format !== 'wav' ? state : { ...state, leftBytes: mark.leftBytes };
  }

  #add(place: Omit<Mark, 'stage'>, always: boolean): void {
    const mark = { ...place, stage: this.#stage };
    const last = this.#marks.at(-1);
    // Nothing was heard since: the later place is as good, and nearer. A header stays, as what follows may need it.
    const replaces = always && last?.sample === mark.sample && (last.kind !== 'header' || mark.kind === 'header');
    if (replaces) this.#marks[this.#marks.length - 1] = mark;
    else if ((always && this.#spacing === SPACING) || !last || mark.sample - last.sample >= this.#spacing) {
      this.#marks.push(mark);
    }
    if (this.#marks.length > MAX_MARKS) this.#thin();
  }

  #thin(): void {
    this.#spacing *= 2;
    this.#marks = this.#marks.filter((_mark, at) => at % 2 === 0);
    const wanted = new Set(this.#marks.map(({ stage }) => stage));
    for (const stage of this.#states.keys()) if (!wanted.has(stage)) this.#states.delete(stage);
  }
}

function leftOf(stage: Stage, back: number): number | undefined {
  return stage.leftBytes === undefined ? undefined : stage.leftBytes + back;
}

function warmUp(state: RestartState): number {
  if (state.format === 'webm' || state.format === 'ogg') return OPUS_WARM_UP;
  return state.sampleRateHz === 16_000 ? 0 : RESAMPLER_WARM_UP;
}
