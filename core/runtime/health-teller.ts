import type { Clock } from '../contracts/index.ts';
import type { HealthChange } from './health.ts';
import type { HealthRecord } from './health-record.ts';

/** A candidate is told of as recovered once it has stayed well for this long: one that comes and goes is told of once. */
const STAYS_WELL_MS = 30_000;

/** Tells of each turn for the worse and for the better once. A doubt that a probe dispels is never told. */
export class HealthTeller {
  readonly #clock: Clock;
  readonly #tell: (change: HealthChange) => void;
  /** Those told of as degraded, with the reason given. */
  readonly #unwell = new Map<string, string>();
  readonly #recovering = new Map<string, () => void>();

  constructor(clock: Clock, tell: (change: HealthChange) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Something about `record` changed. */
  look({ subject, breaker, isDegraded, lastError }: HealthRecord): void {
    if (breaker.isOpen || isDegraded) {
      this.#stop(subject.key);
      if (this.#unwell.has(subject.key)) return;
      const reason = breaker.isOpen ? (lastError?.code ?? 'unknown') : 'empty';
      this.#unwell.set(subject.key, reason);
      this.#tell({ ...subject, what: 'degraded', reason });
      return;
    }
    const reason = this.#unwell.get(subject.key);
    if (reason === undefined || this.#recovering.has(subject.key)) return;
    const cancel = this.#clock.after(STAYS_WELL_MS, () => {
      this.#recovering.delete(subject.key);
      this.#unwell.delete(subject.key);
      this.#tell({ ...subject, what: 'recovered', reason });
    });
    this.#recovering.set(subject.key, cancel);
  }

  /** Tells nothing more. */
  close(): void {
    for (const key of [...this.#recovering.keys()]) this.#stop(key);
  }

  #stop(key: string): void {
    this.#recovering.get(key)?.();
    this.#recovering.delete(key);
  }
}
