import { Background } from './background.ts';
import { cutsOf, type EarOptions, FIXED_CUTS, MAX_WAITING_FRAMES } from './ear-options.ts';
import { Gate } from './gate.ts';
import { Hearing } from './hearing.ts';
import { Intake } from './intake.ts';
import { type EarMark, Marks } from './marks.ts';
import { PitchTracker } from './pitch.ts';
import { BlockPool, FrameRing } from './ring.ts';
import { Segmenter, type SplitPlace } from './segmenter.ts';
import type { VadSettings } from './settings.ts';
import { Spectrum } from './spectrum.ts';
import { type FrameEvidence, SpeechJudge } from './speech-judge.ts';
import { StallWatch } from './stall-watch.ts';
import type { CutReason, EarState } from './types.ts';
import { UtteranceTeller } from './utterance-teller.ts';

/**
 * One counter's ear: 16 kHz mono in, utterances out. Frames of 30 ms are decided strictly in order, however the audio was
 * chunked and whenever the VAD answers. While the energy gate is shut neither VAD nor listener is called.
 *
 * @example
 * const ear = new Ear({ settings, vad, vadCapabilities, cleanerFor: { vad: false, stt: false }, listener, clock });
 * ear.push(pcm, clock.now());
 * await ear.flush('client_end');
 */
export class Ear {
  readonly #ring: FrameRing;
  readonly #intake: Intake;
  readonly #background: Background;
  readonly #judge: SpeechJudge;
  readonly #evidence: FrameEvidence = { frame: 0, probability: 0, loud: false, rms: 0, noise: 0 };
  readonly #hearing: Hearing;
  readonly #segmenter: Segmenter;
  readonly #teller: UtteranceTeller;
  readonly #stall: StallWatch;
  readonly #marks: Marks;
  readonly #gate = new Gate();
  #settings: VadSettings;
  #nextSettings: VadSettings;
  /** Next frame to decide. */
  #next = 0;
  #pumping = false;
  #closed = false;

  constructor(options: EarOptions) {
    const { clock, listener, nextSegment } = options;
    this.#settings = this.#nextSettings = options.settings;
    const ring = new FrameRing(options.pool ?? new BlockPool());
    const spectrum = new Spectrum();
    const pitch = new PitchTracker();
    this.#ring = ring;
    this.#intake = new Intake(ring, () => this.#bound(), options.from?.position);
    this.#marks = new Marks(ring, this.#intake);
    this.#judge = new SpeechJudge(ring, pitch, spectrum);
    const hearing = new Hearing(options, ring, () => clock.now(), {
      onResult: () => this.#pump(),
      onVadChanged: () => this.#vadChanged(),
      onDegraded: (what, by, cause) => listener.degraded(what, by, cause),
      onRecovered: (what) => listener.recovered?.(what),
    });
    this.#hearing = hearing;
    this.#background = new Background(ring, hearing, options.from?.noise, options.meter);
    const told = { listener, clock, ring, background: this.#background, hearing, spectrum, pitch, nextSegment };
    this.#teller = new UtteranceTeller(told);
    this.#segmenter = new Segmenter(this.#settings, this.#teller.sink(this.#applySettings.bind(this)));
    this.#stall = new StallWatch(
      clock,
      () => hearing.waitingSince,
      () => this.#replaceVad('stall'),
    );
    hearing.open();
    if (options.from) this.#continue(options.from);
  }

  /** Milliseconds of the utterance that runs: the owner adds what decoding took, each cut starts again from 0. */
  get timings(): { decodeMs: number } {
    return this.#teller.timings;
  }

  /**
   * Where another ear would have to go on so that nothing is missed. Everything before `position` has been told, or was
   * silence that no utterance to come reaches back to; what is being told now is not looked at.
   */
  get state(): EarState {
    const { repeats, needed, floor } = this.#segmenter;
    // An opening of the gate goes back a pre-roll, and so does the first speech behind it.
    const idle = Math.max(floor, this.#next - 2 * this.#settings.preRollFrames, this.#ring.start);
    const frame = this.#teller.open ? this.#next : (needed ?? idle);
    const position = frame < this.#ring.end ? this.#ring.position(frame) : this.#intake.position;
    return { position, noise: this.#background.noise, overlapFrames: this.#teller.open ? 0 : repeats };
  }

  /** Audio time of what comes next, in samples. */
  get position(): number {
    return this.#intake.position;
  }

  /** Takes in any number of samples in ±1, borrowed until return; `receivedAtMs` is the clock's `now()` at arrival. */
  push(pcm: Float32Array, receivedAtMs: number): void {
    if (this.#closed) return;
    this.#intake.push(pcm, receivedAtMs);
    this.#pump();
  }

  /** Nothing was heard for `ms`: what is open is closed with `gap`, and audio time goes on by as much. */
  gap(ms: number): void {
    void this.flush('gap');
    this.#intake.skip(ms);
  }

  /** Nothing comes: what is open is closed with `gap`. What comes next is decided once {@link goOn} has said what it is. */
  fallSilent(): void {
    void this.#mark('gap', true);
  }

  /**
   * What came since {@link fallSilent} begins `missingMs` behind what was heard before it. 0: it was only late, nothing is
   * missing, and a word that was cut there is heard whole in the utterance that follows.
   */
  goOn(missingMs: number): void {
    const at = this.#marks.settle(missingMs);
    if (at?.isPassed && missingMs > 0) this.#cut('gap', at.before);
    else if (at?.isPassed && this.#gate.isOpen)
      this.#hearing.begin(Math.max(at.before - this.#settings.preRollFrames, this.#ring.start));
    if (at) this.#pump();
  }

  /**
   * A streamed utterance past the length limit ends at its sample `through`, up to which its text is final; another goes on
   * at once, whose sound begins at `from`. False: it stays one.
   */
  split(segment: number, at: SplitPlace): boolean {
    return this.#teller.segment === segment && !this.#pumping && this.#segmenter.split(this.#next, at);
  }

  /** Closes the open utterance with `reason`; resolves once everything pushed before is decided and handed on. */
  flush(reason: CutReason): Promise<void> {
    return this.#mark(reason, false);
  }

  /** New settings hold from the next utterance on. */
  update(settings: VadSettings): void {
    this.#nextSettings = settings;
  }

  /** Lets go of everything; the listener hears nothing more. Call `flush` first to keep what is open. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stall.close();
    this.#hearing.close();
    this.#ring.close();
    this.#marks.close();
  }

  /** The overlap of speech that was cut by force: the gate is open for it. */
  #continue({ overlapFrames }: EarState): void {
    if (overlapFrames === 0) return;
    this.#gate.open(overlapFrames);
    this.#segmenter.continueFrom(overlapFrames);
    this.#hearing.begin(0);
  }

  /** More waits than is kept: first let the VAD take what it can, else go on without it. Never drops a frame. */
  #bound(): void {
    if (this.#ring.end - this.#next < MAX_WAITING_FRAMES) return;
    this.goOn(0);
    this.#pump();
    while (this.#ring.end - this.#next >= MAX_WAITING_FRAMES && !this.#hearing.fixed) this.#replaceVad('overflow');
  }

  #mark(reason: CutReason, isOpen: boolean): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.goOn(0);
    const passed = this.#marks.add(reason, isOpen);
    this.#pump();
    return passed;
  }

  /** Decides as many frames as can be decided now. */
  #pump(): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    try {
      while (this.#step());
      this.#release();
    } finally {
      this.#pumping = false;
    }
    this.#stall.arm();
  }

  /** Decides one frame or passes one mark; false when there is nothing to do but wait. */
  #step(): boolean {
    const mark = this.#marks.first;
    if (this.#closed) return false;
    if (mark && mark.before === this.#next) return this.#pass(mark);
    const limit = this.#marks.limit;
    if (this.#next >= limit) return false;
    if (!this.#gate.isOpen) return this.#knock(this.#next);
    this.#hearing.feed(limit, this.#next);
    if (mark) this.#hearing.drain(limit, this.#next);
    const probability = this.#hearing.probability(this.#next);
    if (probability === undefined) return false;
    this.#decide(this.#next, probability);
    return true;
  }

  #pass({ isOpen, reason, before }: EarMark): true {
    if (isOpen) this.#segmenter.breakOff(reason, before);
    else this.#cut(reason, before);
    this.#marks.pass();
    return true;
  }

  #cut(reason: CutReason, before: number): void {
    this.#segmenter.cut(reason, before);
    this.#shut();
    if (reason === 'gap') this.#background.forgetSilence();
  }

  /** A frame at the shut gate: it opens it, or passes by as silence. */
  #knock(frame: number): true {
    this.#applySettings();
    const rms = this.#ring.rms(frame);
    if (this.#background.loud(rms, this.#settings)) {
      this.#openGate(frame);
      return true;
    }
    this.#hearing.observe(frame);
    this.#background.count(frame, false, this.#segmenter.likely, this.#settings, -1);
    this.#next = frame + 1;
    return true;
  }

  /** Cleaner and VAD hear the pre-roll first; frames decided before are not decided again unless the gate was shut. */
  #openGate(frame: number): void {
    const first = Math.max(frame - this.#settings.preRollFrames, this.#segmenter.floor, this.#ring.start);
    this.#gate.open(frame);
    this.#hearing.begin(first);
    this.#next = Math.max(first, Math.min(frame, this.#gate.shutAt));
  }

  #shut(): void {
    this.#gate.shut(this.#next);
    this.#judge.reset();
  }

  #decide(frame: number, probability: number): void {
    if (!this.#segmenter.busy) this.#applySettings();
    const evidence = this.#evidence;
    evidence.frame = frame;
    evidence.probability = probability;
    evidence.rms = this.#ring.rms(frame);
    evidence.noise = this.#background.noise;
    evidence.loud = this.#background.loud(evidence.rms, this.#settings);
    const spoken = this.#judge.spoken(evidence, this.#hearing.capabilities, this.#settings);
    this.#ring.markSpoken(frame, spoken);
    if (evidence.loud || spoken) this.#gate.open(frame);
    this.#next = frame + 1;
    this.#segmenter.frame(frame, spoken, this.#credible(spoken));
    this.#background.count(frame, spoken, this.#segmenter.likely, this.#settings, probability);
    if (!this.#segmenter.busy && this.#gate.mayShut(frame)) this.#shut();
    // In steady noise the gate may never open again: without a VAD nothing tells noise from speech.
    if (this.#hearing.fixed) this.#hearing.restoreVad(this.#next);
  }

  /** Whether what was heard since the opening may be announced as speech, as far as this frame shows. */
  #credible(spoken: boolean): boolean {
    const { capabilities } = this.#hearing;
    if (!capabilities || this.#teller.open) return true;
    if (!spoken) return false;
    if (!this.#segmenter.busy) this.#judge.startOpening(this.#evidence.frame, this.#segmenter.floor);
    return this.#judge.credible(this.#evidence, capabilities);
  }

  #applySettings(): VadSettings {
    if (this.#nextSettings === this.#settings) return this.#settings;
    this.#settings = this.#nextSettings;
    this.#segmenter.settings = cutsOf(this.#settings, this.#hearing.fixed);
    return this.#settings;
  }

  #vadChanged(): void {
    this.#judge.reset();
    this.#segmenter.settings = cutsOf(this.#settings, this.#hearing.fixed);
  }

  /** Keeps twice the pre-roll (an opening goes back once, its first speech once more) and what is still to be read. */
  #release(): void {
    const { preRollFrames, overlapFrames } = this.#settings;
    const keep = this.#next - Math.max(2 * preRollFrames, overlapFrames, FIXED_CUTS.overlapFrames);
    this.#ring.release(Math.min(keep, this.#segmenter.needed ?? keep));
  }

  #replaceVad(cause: string): void {
    this.#hearing.replaceVad(this.#next, cause);
    this.#pump();
  }
}
