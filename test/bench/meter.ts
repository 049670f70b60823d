import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Every how many milliseconds the event loop is looked at. */
const RESOLUTION_MS = 10;

export interface Measured {
  wallMs: number;
  /** User and system time of the whole process: every thread. */
  cpuMs: number;
  /** Of that, what the main thread took: the rest is the embedded database's worker and V8's helpers. */
  mainThreadMs: number;
  /**
   * 99th percentile of how late the loop was. The histogram holds the time between two looks, so the resolution is taken
   * off: 0 is a loop that was free whenever it was looked at.
   */
  loopP99Ms: number;
  loopMaxMs: number;
  rssMb: number;
}

/** Takes what a process uses between `start` and `stop`. */
export class Meter {
  readonly #loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpu = process.cpuUsage();
  #thread = process.threadCpuUsage();
  #startedAt = 0;

  start(): void {
    this.#startedAt = performance.now();
    this.#cpu = process.cpuUsage();
    this.#thread = process.threadCpuUsage();
    this.#loop.reset();
    this.#loop.enable();
  }

  stop(): Measured {
    const cpu = process.cpuUsage(this.#cpu);
    const thread = process.threadCpuUsage(this.#thread);
    this.#loop.disable();
    return {
      wallMs: performance.now() - this.#startedAt,
      cpuMs: (cpu.user + cpu.system) / 1000,
      mainThreadMs: (thread.user + thread.system) / 1000,
      loopP99Ms: Math.max(0, this.#loop.percentile(99) / 1e6 - RESOLUTION_MS),
      loopMaxMs: Math.max(0, this.#loop.max / 1e6 - RESOLUTION_MS),
      rssMb: rssMb(),
    };
  }
}

export function rssMb(): number {
  return process.memoryUsage.rss() / 1048576;
}
