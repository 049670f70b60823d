import { isIPv6 } from 'node:net';
import type { Clock } from '../contracts/index.ts';

/** One attempt that counts as failed until it is forgiven. */
export interface Attempt {
  forgive(): void;
}

/** Bound of the keys remembered; the oldest is forgotten first. */
const MOST_KEYS = 10_000;

/**
 * Limits failures per key in a sliding window. An attempt is counted before it is made and forgiven when it was right:
 * a thousand guesses sent at once pass no more than as many sent in turn.
 */
export class FailureWindow {
  readonly #failures = new Map<string, number[]>();
  readonly #max: number;
  readonly #windowMs: number;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(max: number, windowMs: number, clock: Pick<Clock, 'now'>) {
    this.#max = max;
    this.#windowMs = windowMs;
    this.#clock = clock;
  }

  /** Null: too many failures; nothing was counted. */
  begin(key: string): Attempt | null {
    const now = this.#clock.now();
    const recent = (this.#failures.get(key) ?? []).filter((at) => now - at < this.#windowMs);
    if (recent.length >= this.#max) {
      this.#failures.set(key, recent);
      return null;
    }
    recent.push(now);
    this.#failures.delete(key); // set again below: the map's order is that of last use
    this.#failures.set(key, recent);
    this.#forgetOldest();
    return { forgive: () => this.#forgive(key, now) };
  }

  #forgive(key: string, at: number): void {
    const kept = this.#failures.get(key);
    const index = kept?.indexOf(at) ?? -1;
    if (kept && index >= 0) kept.splice(index, 1);
    if (kept?.length === 0) this.#failures.delete(key);
  }

  #forgetOldest(): void {
    if (this.#failures.size <= MOST_KEYS) return;
    const [oldest] = this.#failures.keys();
    if (oldest !== undefined) this.#failures.delete(oldest);
  }
}

/** What counts as one address: an IPv4, or the /64 that an IPv6 subscriber holds. */
export function addressKey(ip: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(ip)) return ip;
  const [left = '', right] = (ip.split('%')[0] ?? '').split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = right === undefined ? 0 : Math.max(8 - head.length - tail.length, 0);
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...tail].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
