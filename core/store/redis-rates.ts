import { Redis } from 'ioredis';
import type { Clock, Log } from '../contracts/index.ts';
import type { RateCounter, RateWindow } from './rate-counter.ts';

/** One round trip for all windows of a request; a window ends by itself. */
const COUNT = `
  local counts = {}
  for i, key in ipairs(KEYS) do
    counts[i] = redis.call('INCR', key)
    if counts[i] == 1 then redis.call('PEXPIRE', key, ARGV[i]) end
  end
  return counts`;

/** How long a request waits for it before it is counted here alone. */
const TIMEOUT_MS = 500;
const PREFIX = 'balto:rate:';

/** In Redis, for processes on one machine or many. */
export class RedisRates implements RateCounter {
  readonly #redis: Redis;
  readonly #clock: Clock;

  /** Connects at once and goes on trying; a Redis that is away is said, and stops nothing. */
  constructor(url: string, clock: Clock, log: Log) {
    this.#clock = clock;
    this.#redis = new Redis(url, {
      connectTimeout: 2000,
      commandTimeout: TIMEOUT_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(times * 200, 5000),
    });
    this.#redis.on('error', (error: NodeJS.ErrnoException) =>
      log.debug({ code: error.code }, 'redis connection failed'),
    );
  }

  async hit(windows: readonly RateWindow[]): Promise<number[]> {
    const now = this.#clock.date().getTime();
    const keys = windows.map(({ key }) => `${PREFIX}${key}`);
    const lives = windows.map(({ endsAt }) => Math.max(1, endsAt.getTime() - now));
    return (await this.#redis.eval(COUNT, keys.length, ...keys, ...lives)) as number[];
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }
}
