import type { VadSettings } from '../audio/settings.ts';
import type { Clock, Log } from '../contracts/index.ts';

/** What an admin says of one counter beside its configuration: how it listens, and what rules know it by. */
export interface Tuning {
  clientVad: Partial<VadSettings>;
  presetVad: Partial<VadSettings>;
  tags: readonly string[];
  /** Another number: something of it changed. */
  revision: number;
}

interface Watched {
  counterId: string;
  tuning: Tuning;
  onTuned: (tuning: Tuning) => void;
}

export interface CounterWatchOptions {
  /** The revisions of these counters; those that are gone are left out. */
  revisions(counterIds: string[]): Promise<Map<string, number>>;
  /** How these counters are tuned now. */
  read(counterIds: string[]): Promise<Map<string, Tuning>>;
  clock: Clock;
  log: Log;
}

/** Twice within the second in which a change must be felt. */
const ASK_MS = 400;

/** Tells the sessions of this process what admins change about their counters, within a second, whoever wrote it. */
export class CounterWatch {
  readonly #options: CounterWatchOptions;
  readonly #watched = new Set<Watched>();
  #cancel: (() => void) | null = null;
  #failed = false;
  #closed = false;

  constructor(options: CounterWatchOptions) {
    this.#options = options;
  }

  /** @returns what holds now, and a function to call when the session is over. */
  watch(
    counterId: string,
    tuning: Tuning,
    onTuned: (tuning: Tuning) => void,
  ): { tuning: () => Tuning; leave: () => void } {
    const watched: Watched = { counterId, tuning, onTuned };
    this.#watched.add(watched);
    this.#askLater();
    return { tuning: () => watched.tuning, leave: () => void this.#watched.delete(watched) };
  }

  /** What rules know a connected counter by; none when it is not. */
  tagsOf(counterId: string): readonly string[] {
    for (const watched of this.#watched) if (watched.counterId === counterId) return watched.tuning.tags;
    return [];
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #askLater(): void {
    if (this.#closed || this.#cancel || this.#watched.size === 0) return;
    this.#cancel = this.#options.clock.after(ASK_MS, () => {
      void this.#ask().finally(() => {
        this.#cancel = null;
        this.#askLater();
      });
    });
  }

  /** The database away changes nothing for anybody: that is said by itself. */
  async #ask(): Promise<void> {
    try {
      const ids = [...new Set([...this.#watched].map(({ counterId }) => counterId))];
      const revisions = await this.#options.revisions(ids);
      const changed = [...this.#watched].filter(({ counterId, tuning }) => {
        const revision = revisions.get(counterId);
        return revision !== undefined && revision !== tuning.revision;
      });
      this.#failed = false;
      if (changed.length === 0) return;
      const tunings = await this.#options.read([...new Set(changed.map(({ counterId }) => counterId))]);
      for (const watched of changed) {
        const tuning = tunings.get(watched.counterId);
        if (!tuning || !this.#watched.has(watched)) continue;
        watched.tuning = tuning;
        watched.onTuned(tuning);
      }
    } catch (error) {
      const { code, name } = error as { code?: unknown; name?: unknown };
      if (!this.#failed) this.#options.log.warn({ code: code ?? name }, 'changes of counters cannot be read now');
      this.#failed = true;
    }
  }
}
