import { type Cleaner, FRAME_SAMPLES, type Vad, type VadCapabilities } from '../contracts/index.ts';
import { causeOf } from './cause.ts';
import { CleaningLane } from './cleaning-lane.ts';
import { DetectorCare, type DetectorHealth, RESTS } from './detector-care.ts';
import type { FrameRing } from './ring.ts';
import { VadLane } from './vad-lane.ts';

/** One stretch in this many frames is shown to the cleaner while nobody speaks. */
const OBSERVE_EVERY = 4;
/** Frames the cleaner may be ahead of the frame to be decided. */
const MAX_CLEANED_AHEAD = 70;
/** A detector that says nothing of itself is taken for the simple kind. */
const UNKNOWN_VAD: VadCapabilities = { robustToNoise: false, thresholds: { on: 0.5, off: 0.35 } };

/** The detectors of one ear, and who takes over when one fails. */
export interface Detectors {
  vad: Vad;
  vadCapabilities: VadCapabilities;
  fallbackVad?: Vad;
  /** Absent: taken for one that is not robust to noise. */
  fallbackVadCapabilities?: VadCapabilities;
  /** What the fall-back is called in `degraded`. */
  fallbackVadName?: string;
  cleaner?: Cleaner;
  /** Who hears the cleaned signal. A fall-back VAD that is not robust to noise hears it in any case. */
  cleanerFor: { vad: boolean; stt: boolean };
  health?: DetectorHealth;
}

export interface HearingEvents {
  /** A result came, or the VAD failed. May be called within `feed`. */
  onResult: () => void;
  /** Another VAD hears from here on, or none. */
  onVadChanged: () => void;
  onDegraded: (what: 'vad' | 'cleaner', by: string, cause: string) => void;
  /** What had failed hears again. */
  onRecovered: (what: 'vad' | 'cleaner') => void;
}

/**
 * Shows frames of the ring to the cleaner and the VAD while the gate is open, and says what the VAD made of each. A VAD
 * or cleaner that fails is replaced here: VAD → fall-back → none (`fixed`); cleaner → none. What was replaced is tried
 * again when the gate opens after a while.
 */
export class Hearing {
  readonly #detectors: Detectors;
  readonly #events: HearingEvents;
  readonly #ring: FrameRing;
  readonly #now: () => number;
  readonly #frame = new Float32Array(FRAME_SAMPLES);
  #lane: VadLane | undefined;
  readonly #vadCare: DetectorCare;
  readonly #cleanerCare: DetectorCare;
  #fallback: Vad | undefined;
  #cleaning: CleaningLane | undefined;
  #vadHearsCleaned: boolean;
  /** Next frame to be given to the cleaner. */
  #cleanNext = 0;
  #shutFrames = 0;

  constructor(detectors: Detectors, ring: FrameRing, now: () => number, events: HearingEvents) {
    this.#detectors = detectors;
    this.#events = events;
    this.#ring = ring;
    this.#now = now;
    this.#vadCare = new DetectorCare('vad', now, detectors.health);
    this.#cleanerCare = new DetectorCare('cleaner', now, detectors.health);
    this.#fallback = detectors.fallbackVad;
    this.#vadHearsCleaned = detectors.cleanerFor.vad;
  }

  /** Opens the detectors. Apart from the constructor, because one that does not open is reported through the events. */
  open(): void {
    const { vad, vadCapabilities, fallbackVad } = this.#detectors;
    if (this.#cleanerWanted) this.#openCleaner(0);
    // Without another one it hears all the same.
    const lane = fallbackVad && this.#vadCare.rests ? RESTS : this.#openVad(vad, vadCapabilities);
    if (typeof lane === 'string') this.replaceVad(0, lane);
    else this.#lane = lane;
  }

  /** No VAD is left: loudness alone decides. */
  get fixed(): boolean {
    return this.#lane === undefined;
  }

  /** Of the VAD that hears; null: none is left. */
  get capabilities(): VadCapabilities | null {
    return this.#lane?.capabilities ?? null;
  }

  /** Whether STT hears the cleaned signal, where the ring has it. */
  get sttHearsCleaned(): boolean {
    return this.#cleaning !== undefined && this.#detectors.cleanerFor.stt;
  }

  /** Monotonic ms since which frames wait without an answer from the VAD; undefined when none waits. */
  get waitingSince(): number | undefined {
    return this.#lane?.waitingSince;
  }

  /** The gate opens: cleaner and VAD hear from `first` on, and the VAD has forgotten what came before. */
  begin(first: number): void {
    if (!this.#vadCare.isDown && this.#lane?.hasAnswered) this.#vadCare.worked();
    if (this.#cleaning?.hasCleaned) this.#cleanerCare.worked();
    this.restoreVad(first);
    this.#restoreCleaner(first);
    this.#shutFrames = 0;
    this.#cleaning?.begin(first * FRAME_SAMPLES);
    this.#cleanNext = first;
    this.#lane?.begin(first * FRAME_SAMPLES);
  }

  /**
   * Shows frames before `limit` until `undecided`, the next frame to decide, has its answer: one after the other for a
   * VAD that answers at once, as many as may be under way for one that takes its time.
   */
  feed(limit: number, undecided: number): void {
    let moved = true;
    while (moved && this.probability(undecided) === undefined) {
      moved = this.#hear(limit, undecided) || this.#clean(limit, undecided);
    }
    if (this.#lane?.failed) this.replaceVad(undecided, this.#lane.cause);
  }

  /** Nothing follows `limit` for now: what is still inside the cleaner and the VAD comes out. */
  drain(limit: number, undecided: number): void {
    if (this.#cleanNext >= limit) this.#useCleaner((cleaning) => cleaning.drain(limit * FRAME_SAMPLES));
    this.feed(limit, undecided);
    if (this.#lane && this.#lane.cursor >= limit * FRAME_SAMPLES) this.#lane.pad();
    if (this.#lane?.failed) this.replaceVad(undecided, this.#lane.cause);
  }

  /** Probability of speech; undefined while the frame still waits. Without a VAD (`fixed`) it is 0. */
  probability(frame: number): number | undefined {
    if (this.#cleaning && !this.#ring.cleaned(frame)) return undefined;
    if (!this.#lane) return 0;
    const probability = this.#lane.probability(frame);
    return probability < 0 ? undefined : probability;
  }

  /** The gate is shut: one stretch in four is shown to the cleaner, for its noise estimate. */
  observe(frame: number): void {
    const turn = this.#shutFrames++ % OBSERVE_EVERY;
    if (!this.#cleaning || turn >= this.#cleaning.observeFrames) return;
    this.#ring.readFloat(frame * FRAME_SAMPLES, this.#frame, FRAME_SAMPLES, false);
    this.#useCleaner((cleaning) => cleaning.observe(this.#frame, turn === 0));
  }

  /** The VAD failed or does not answer, and why: on to the next, which hears from `undecided` on. */
  replaceVad(undecided: number, cause: string): void {
    this.#lane?.close();
    if (!this.#vadCare.isDown) this.#vadCare.out(cause);
    const { fallbackVadCapabilities = UNKNOWN_VAD, fallbackVadName = 'VAD reserva' } = this.#detectors;
    const next = this.#fallback;
    this.#fallback = undefined;
    const opened = next && this.#openVad(next, fallbackVadCapabilities);
    const lane = typeof opened === 'string' ? undefined : opened;
    this.#lane = lane;
    if (lane) {
      this.#vadHearsCleaned = !fallbackVadCapabilities.robustToNoise;
      if (this.#vadHearsCleaned && !this.#cleaning) this.#openCleaner(undecided);
      lane.begin(undecided * FRAME_SAMPLES);
    }
    const why = typeof opened === 'string' ? `${cause}, ${opened}` : cause;
    this.#events.onVadChanged();
    this.#events.onDegraded('vad', lane ? fallbackVadName : 'segmentos fixos de 5 s', why);
  }

  /** Once it has rested, the VAD that was replaced hears again, from `undecided` on. */
  restoreVad(undecided: number): void {
    const { vad, vadCapabilities, fallbackVad, cleanerFor } = this.#detectors;
    if (!this.#vadCare.mayReturn) return;
    const lane = this.#openVad(vad, vadCapabilities);
    if (typeof lane === 'string') {
      this.#vadCare.out(lane);
      return;
    }
    this.#lane?.close();
    this.#lane = lane;
    this.#vadCare.back();
    this.#fallback = fallbackVad;
    this.#vadHearsCleaned = cleanerFor.vad;
    if (!this.#cleanerWanted) this.#dropCleaner();
    else if (!this.#cleaning) this.#openCleaner(undecided);
    lane.begin(undecided * FRAME_SAMPLES);
    this.#events.onVadChanged();
    this.#events.onRecovered('vad');
  }

  close(): void {
    this.#lane?.close();
    this.#dropCleaner();
  }

  get #cleanerWanted(): boolean {
    return this.#detectors.cleanerFor.stt || this.#vadHearsCleaned;
  }

  /** Gives the cleaner one frame; false when nobody waits for more. */
  #clean(limit: number, undecided: number): boolean {
    if (!this.#cleaning || !this.#cleanerWanted || this.#cleanNext >= limit) return false;
    if (this.#cleanNext >= undecided + MAX_CLEANED_AHEAD) return false;
    if (!this.#vadHearsCleaned && this.#ring.cleaned(undecided)) return false;
    this.#ring.readFloat(this.#cleanNext * FRAME_SAMPLES, this.#frame, FRAME_SAMPLES, false);
    this.#cleanNext += 1;
    // Not through `useCleaner`: a closure per frame is work for the garbage collector.
    try {
      this.#cleaning.accept(this.#frame, FRAME_SAMPLES);
    } catch (error) {
      this.#cleanerOut(causeOf(error));
    }
    return true;
  }

  /** Gives the VAD up to one frame of the signal it hears; false when there is none or enough are under way. */
  #hear(limit: number, undecided: number): boolean {
    const lane = this.#lane;
    if (!lane || lane.failed || !lane.room(undecided)) return false;
    const cleaned = this.#cleaning !== undefined && this.#vadHearsCleaned;
    const until = cleaned ? Math.min(limit * FRAME_SAMPLES, this.#cleaning?.cleaned ?? 0) : limit * FRAME_SAMPLES;
    const count = Math.min(FRAME_SAMPLES, until - lane.cursor);
    if (count <= 0) return false;
    this.#ring.readFloat(lane.cursor, this.#frame, count, cleaned);
    lane.accept(this.#frame, count);
    return true;
  }

  /** One that cannot be opened is a failed one: the caller gets the cause, goes on to the next and says so. */
  #openVad(vad: Vad, capabilities: VadCapabilities): VadLane | string {
    try {
      return new VadLane(vad, capabilities, this.#now, this.#events.onResult);
    } catch (error) {
      return causeOf(error);
    }
  }

  #openCleaner(from: number): void {
    const { cleaner } = this.#detectors;
    if (!cleaner || this.#cleanerCare.isDown) return;
    if (this.#cleanerCare.rests) {
      this.#cleanerOut(RESTS);
      return;
    }
    try {
      this.#cleaning = new CleaningLane(cleaner, this.#now, (offset, buffer, first, count) => {
        // Silence pushed through by `drain` is nobody's audio.
        const real = Math.min(count, this.#cleanNext * FRAME_SAMPLES - offset);
        this.#ring.writeCleaned(offset, buffer, first, real);
      });
      this.#cleaning.begin(from * FRAME_SAMPLES);
      this.#cleanNext = from;
    } catch (error) {
      this.#cleanerOut(causeOf(error));
    }
  }

  #restoreCleaner(from: number): void {
    if (!this.#cleanerWanted || !this.#cleanerCare.mayReturn) return;
    this.#cleanerCare.back();
    this.#openCleaner(from);
    if (this.#cleaning) this.#events.onRecovered('cleaner');
  }

  #useCleaner(call: (cleaning: CleaningLane) => void): void {
    if (!this.#cleaning) return;
    try {
      call(this.#cleaning);
    } catch (error) {
      this.#cleanerOut(causeOf(error));
    }
  }

  #cleanerOut(cause: string): void {
    this.#dropCleaner();
    this.#cleanerCare.out(cause);
    this.#events.onDegraded('cleaner', 'sinal cru', cause);
  }

  #dropCleaner(): void {
    const cleaning = this.#cleaning;
    this.#cleaning = undefined;
    try {
      cleaning?.close();
    } catch (error) {
      this.#cleanerCare.failed(causeOf(error));
    }
  }
}
