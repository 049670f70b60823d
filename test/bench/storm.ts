import { setTimeout } from 'node:timers/promises';
import type { Emulator, Fault } from '../emulators/index.ts';
import { seededRandom } from '../fixtures/conversation/noise.ts';

/** One fault that hit somebody. */
export interface Hit {
  vendor: string;
  kind: string;
}

/** A fault that meets the next request or stream, made from a number between 0 and 1. */
type Draw = (share: number) => Fault;

const AFTER_MS = 4000;
const EVERYWHERE: Draw[] = [
  () => ({ kind: 'server_error' }),
  () => ({ kind: 'rate_limited', retryAfter: '1' }),
  () => ({ kind: 'silence' }),
  () => ({ kind: 'half_open' }),
  () => ({ kind: 'reset' }),
];
const ON_STREAMS: Draw[] = [
  (share) => ({ kind: 'die', afterAudioMs: share * AFTER_MS }),
  (share) => ({ kind: 'die', afterAudioMs: share * AFTER_MS, code: 1011 }),
  (share) => ({ kind: 'stall', afterAudioMs: share * AFTER_MS }),
  (share) => ({ kind: 'error_frame', afterAudioMs: share * AFTER_MS }),
  () => ({ kind: 'malformed_frame' }),
  () => ({ kind: 'duplicate_finals' }),
  () => ({ kind: 'unknown_messages' }),
];
const ON_UPLOADS: Draw[] = [
  () => ({ kind: 'malformed' }),
  () => ({ kind: 'wrong_shape' }),
  (share) => ({ kind: 'latency', ms: 200 + share * 8000 }),
  (share) => ({ kind: 'drip', everyMs: 1 + share * 50 }),
];
/** How long a drawn fault waits for somebody to meet it. */
const WAIT_MS = 3000;
const LOOK_MS = 20;

/** Faults of random kind at random moments at one vendor, one after the other, until `ended`. */
export class Storm {
  readonly hits: Hit[] = [];
  readonly #random: () => number;
  #isOver = false;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Begins at every vendor of `vendors`; `everyMs` is the mean time between two faults at one of them. */
  rage(vendors: ReadonlyMap<string, { emulator: Emulator; streams: boolean }>, everyMs: number): Promise<void> {
    const all = [...vendors].map(([vendor, { emulator, streams }]) => this.#at(vendor, emulator, streams, everyMs));
    return Promise.all(all).then(() => undefined);
  }

  end(): void {
    this.#isOver = true;
  }

  async #at(vendor: string, emulator: Emulator, streams: boolean, everyMs: number): Promise<void> {
    const drawn = [...EVERYWHERE, ...(streams ? ON_STREAMS : ON_UPLOADS)];
    while (!this.#isOver) {
      // Waits of a Poisson process: faults come in bunches, as they do.
      await setTimeout(-Math.log(1 - this.#random()) * everyMs);
      const choice = Math.floor(this.#random() * (drawn.length + 2));
      const fault = drawn[choice]?.(this.#random());
      const kind = fault?.kind ?? (choice === drawn.length ? 'drop' : 'refuse');
      if (await (fault ? this.#meets(emulator, fault) : this.#cut(emulator, kind))) this.hits.push({ vendor, kind });
    }
    await emulator.setFault(null);
  }

  /** The next request meets it; false when none came in time. */
  async #meets(emulator: Emulator, fault: Fault): Promise<boolean> {
    const before = emulator.requests.length;
    await emulator.setFault(fault, 1);
    for (let waited = 0; waited < WAIT_MS && !this.#isOver; waited += LOOK_MS) {
      if (emulator.requests.length > before) return true;
      await setTimeout(LOOK_MS);
    }
    await emulator.setFault(null);
    return emulator.requests.length > before;
  }

  /** Every connection drops at once; with `refuse` the port stays closed for a while. */
  async #cut(emulator: Emulator, kind: string): Promise<boolean> {
    const isFelt = emulator.busy > 0;
    if (kind === 'drop') emulator.dropConnections();
    else {
      await emulator.setFault({ kind: 'refuse' });
      await setTimeout(100 + this.#random() * 900);
      await emulator.setFault(null);
    }
    return isFelt;
  }
}
