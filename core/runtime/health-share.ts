import type { Clock, Log } from '../contracts/index.ts';
import type { ProviderHealthRows } from '../store/provider-health.ts';
import type { StoredProviderHealth } from '../store/provider-health-table.ts';
import type { HealthNews } from './health.ts';
import type { ProviderHealth } from './provider-health.ts';

export interface HealthShareOptions {
  health: ProviderHealth;
  rows: Pick<ProviderHealthRows, 'write' | 'others' | 'forget'>;
  /** Names this process to the others. */
  process: string;
  clock: Clock;
  log: Log;
  /** How often it asks what others found; half of the second in which they are to know. */
  everyMs?: number;
}

interface Told {
  news: HealthNews;
  atMs: number;
}

const EVERY_MS = 500;

/**
 * Tells other processes what this one found out about providers, and hears from them, through the database. Written when
 * something changes, read twice a second. Without the database each process knows what it knows; what changed meanwhile is
 * told when it is back.
 */
export class HealthShare {
  readonly #options: HealthShareOptions;
  /** Not written yet, by key: only the last word counts. */
  readonly #untold = new Map<string, Told>();
  /** Changes of the last reading: they may be read again. */
  #believed = new Set<string>();
  #since: Date | null = null;
  #running: Promise<void> | null = null;
  #isAway = false;
  #isClosed = false;
  #cancel: () => void = () => undefined;
  readonly #onNews = (news: HealthNews): void => {
    this.#untold.set(news.key, { news, atMs: this.#options.clock.now() });
    void this.#run();
  };

  constructor(options: HealthShareOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.health.on('news', this.#onNews);
    void this.#run();
  }

  /** Ends after the exchange that is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#options.health.off('news', this.#onNews);
    this.#cancel();
    await this.#running;
  }

  /** One exchange at a time; what changes meanwhile is in the one after it. */
  async #run(): Promise<void> {
    if (this.#running || this.#isClosed) return;
    this.#cancel();
    this.#running = this.#exchange();
    await this.#running;
    this.#running = null;
    if (this.#isClosed) return;
    if (this.#untold.size > 0 && !this.#isAway) return this.#run();
    const { clock, everyMs = EVERY_MS } = this.#options;
    this.#cancel = clock.after(everyMs, () => void this.#run());
  }

  async #exchange(): Promise<void> {
    const { rows, process } = this.#options;
    try {
      await this.#tell();
      if (!this.#since) await rows.forget();
      const heard = await rows.others(process, this.#since);
      this.#since = heard.now;
      this.#hear(heard);
      if (this.#isAway) this.#options.log.info({}, 'the health of providers is shared again');
      this.#isAway = false;
    } catch (error) {
      const code = (error as { code?: unknown } | null)?.code;
      const data = { code: typeof code === 'string' ? code : 'unknown' };
      if (!this.#isAway)
        this.#options.log.warn(data, 'the health of providers is not shared with other processes for now');
      this.#isAway = true;
    }
  }

  async #tell(): Promise<void> {
    const { rows, process, clock } = this.#options;
    const untold = [...this.#untold.values()];
    const left = ({ news, atMs }: Told) => ({ ...news, restMs: Math.max(0, news.restMs - (clock.now() - atMs)) });
    await rows.write(process, untold.map(left));
    for (const told of untold) if (this.#untold.get(told.news.key) === told) this.#untold.delete(told.news.key);
  }

  #hear({ rows, now }: { rows: StoredProviderHealth[]; now: Date }): void {
    const before = this.#believed;
    this.#believed = new Set(rows.map(nameOf));
    for (const row of rows) {
      const { at, process: _process, ...news } = row;
      const ageMs = Math.max(0, now.getTime() - at.getTime());
      if (!before.has(nameOf(row))) this.#options.health.learn(news as HealthNews, ageMs);
    }
  }
}

function nameOf({ key, process, at }: StoredProviderHealth): string {
  return `${key} ${process} ${at.getTime()}`;
}
