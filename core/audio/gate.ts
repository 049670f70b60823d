/** The gate shuts when nothing loud or spoken was heard for this many frames: 900 ms. */
const SHUT_AFTER_FRAMES = 30;

/** Whether the VAD is being shown what comes in, and since when it is not. */
export class Gate {
  #isOpen = false;
  #lastActive = 0;
  #shutAt = 0;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** First frame after it was last shut. */
  get shutAt(): number {
    return this.#shutAt;
  }

  /** Opens for `frame`, or goes on to be open. */
  open(frame: number): void {
    this.#isOpen = true;
    this.#lastActive = Math.max(this.#lastActive, frame);
  }

  shut(next: number): void {
    this.#isOpen = false;
    this.#shutAt = next;
  }

  /** Nothing has kept it open for long. */
  mayShut(frame: number): boolean {
    return frame - this.#lastActive >= SHUT_AFTER_FRAMES;
  }
}
