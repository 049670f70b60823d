/** Work of a conversation that nobody waits for at once. What fails is told by its code, and takes nothing down. */
export class UnderWay {
  readonly #works = new Set<Promise<void>>();
  readonly #failed: (code: unknown) => void;

  constructor(failed: (code: unknown) => void) {
    this.#failed = failed;
  }

  /** Resolves when the work has ended, well or not. */
  guarded(work: Promise<void>): Promise<void> {
    return work.catch((error: { code?: unknown } | null) => this.#failed(error?.code ?? 'unknown'));
  }

  /** The same, and {@link settled} waits for it. */
  add(work: Promise<void>): void {
    const tracked = this.guarded(work).finally(() => this.#works.delete(tracked));
    this.#works.add(tracked);
  }

  /** Resolves when none is left, also of those that began meanwhile. */
  async settled(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
  }
}
