import { cpus } from 'node:os';

/** This process's use of the machine, for `cpu_usage_percent` and `ram_usage_mb`. */
export interface ProcessLoad {
  /** Share of all cores, 0 to 100. */
  cpuPercent: number;
  ramMb: number;
}

/** Samples the process every few seconds; a row reads the last sample and never measures by itself. */
export class LoadSampler {
  #last: ProcessLoad = { cpuPercent: 0, ramMb: process.memoryUsage.rss() / 1048576 };
  #cpu = process.cpuUsage();
  #at = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #cores = cpus().length || 1;

  constructor(everyMs = 5000) {
    this.#timer = setInterval(() => this.#sample(), everyMs);
    this.#timer.unref();
  }

  get last(): ProcessLoad {
    return this.#last;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const now = performance.now();
    const used = process.cpuUsage(this.#cpu);
    const busyMs = (used.user + used.system) / 1000;
    this.#last = {
      cpuPercent: Number(((busyMs / (now - this.#at) / this.#cores) * 100).toFixed(1)),
      ramMb: Number((process.memoryUsage.rss() / 1048576).toFixed(1)),
    };
    this.#cpu = process.cpuUsage();
    this.#at = now;
  }
}
