import type { Intake } from './intake.ts';
import type { FrameRing } from './ring.ts';
import type { CutReason } from './types.ts';

/** A place in the stream at which what runs is closed. It takes effect when all frames before it are decided. */
export interface EarMark {
  before: number;
  reason: CutReason;
  /** Nothing came behind it for a while: whether what comes then was only late is not known yet. */
  isOpen: boolean;
  resolve: () => void;
}

/** The places at which an ear closes what runs, in order, and the one behind which it waits. */
export class Marks {
  readonly #ring: FrameRing;
  readonly #intake: Intake;
  readonly #waiting: EarMark[] = [];
  /** The open one, also once it was passed. */
  #open: EarMark | null = null;

  constructor(ring: FrameRing, intake: Intake) {
    this.#ring = ring;
    this.#intake = intake;
  }

  /** The next one. */
  get first(): EarMark | undefined {
    return this.#waiting[0];
  }

  /** One past the last frame that may be decided. */
  get limit(): number {
    return this.#waiting[0]?.before ?? this.#open?.before ?? this.#ring.end;
  }

  /** One behind everything that was heard. Resolves once it was passed. An open one is settled before another is added. */
  add(reason: CutReason, isOpen: boolean): Promise<void> {
    this.#intake.complete();
    return new Promise((resolve) => {
      const mark = { before: this.#ring.end, reason, isOpen, resolve };
      this.#waiting.push(mark);
      if (isOpen) this.#open = mark;
    });
  }

  /** The first one takes effect now. */
  pass(): void {
    this.#waiting.shift()?.resolve();
  }

  /**
   * What came behind the open one was only late (0), or so much is missing before it. Says where that was, and whether it
   * was passed already: one that was not is forgotten, or an ordinary one from now on.
   */
  settle(missingMs: number): { before: number; isPassed: boolean } | null {
    const mark = this.#open;
    if (!mark) return null;
    this.#open = null;
    mark.isOpen = false;
    if (missingMs > 0) this.#ring.shift(mark.before, this.#intake.skip(missingMs));
    const index = this.#waiting.indexOf(mark);
    if (index >= 0 && missingMs === 0) this.#waiting.splice(index, 1)[0]?.resolve();
    return { before: mark.before, isPassed: index < 0 };
  }

  /** None of them will be passed any more. */
  close(): void {
    this.#open = null;
    for (const mark of this.#waiting.splice(0)) mark.resolve();
  }
}
