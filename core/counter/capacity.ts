import { freemem, totalmem } from 'node:os';
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import type { Clock } from '../contracts/index.ts';
import type { Observer, UtteranceSeen } from './observer.ts';

export interface CapacityLimits {
  /** Percent of the event loop's time that is busy. */
  cpuPercent: number;
  /** Percent of the memory this process may use: of its control group, else of the machine. */
  ramPercent: number;
  /** Time to transcribe ÷ duration of the audio. */
  latencyRatio: number;
}

/** How this machine is doing, as far as it can be measured from here. */
export interface CapacityProbe {
  utilization(since?: EventLoopUtilization): EventLoopUtilization;
  /** 0 to 100. */
  ramPercent(): number;
}

const SAMPLE_MS = 1000;
/** A burst (a model that loads, a file that is given at once) is no overload. */
const SAMPLES = 15;
const RATIOS = 20;
const FEWEST_RATIOS = 6;
/** Older ones say nothing of now: with nobody let in, there would never be newer ones. */
const RATIO_LIFE_MS = 60_000;

/** Says when this process has enough to do: those who are inside go before those who come. */
export class CapacityWatch {
  readonly #limits: CapacityLimits;
  readonly #clock: Clock;
  readonly #probe: CapacityProbe;
  readonly #observer: Observer;
  readonly #busy: number[] = [];
  readonly #ratios: { ratio: number; atMs: number }[] = [];
  #last: EventLoopUtilization;
  #cancel: () => void;
  readonly #onUtterance = ({ outcome, utterance }: UtteranceSeen): void => {
    const { readyAtMs, status } = outcome;
    const { durationMs } = utterance.features;
    if (readyAtMs === null || durationMs <= 0 || (status !== 'answered' && status !== 'empty')) return;
    const ratio = Math.max(0, readyAtMs - utterance.cutAtMs) / durationMs;
    this.#ratios.push({ ratio, atMs: this.#clock.now() });
    if (this.#ratios.length > RATIOS) this.#ratios.shift();
  };

  constructor(limits: CapacityLimits, clock: Clock, observer: Observer, probe: CapacityProbe = SYSTEM) {
    this.#limits = limits;
    this.#clock = clock;
    this.#observer = observer;
    this.#probe = probe;
    this.#last = probe.utilization();
    this.#cancel = clock.after(SAMPLE_MS, () => this.#sample());
    observer.on('utterance', this.#onUtterance);
  }

  /** Why nobody more should come in (pt-BR); null: they may. */
  overload(): string | null {
    const { cpuPercent, ramPercent, latencyRatio } = this.#limits;
    const busy = this.#busy.reduce((sum, each) => sum + each, 0) / this.#busy.length;
    if (this.#busy.length === SAMPLES && busy * 100 > cpuPercent) return 'processador no limite';
    if (this.#probe.ramPercent() > ramPercent) return 'memória no limite';
    const ratio = this.#ratio();
    return ratio !== null && ratio > latencyRatio ? 'transcrição atrasada' : null;
  }

  close(): void {
    this.#cancel();
    this.#observer.off('utterance', this.#onUtterance);
  }

  #ratio(): number | null {
    const oldest = this.#clock.now() - RATIO_LIFE_MS;
    const recent = this.#ratios.flatMap(({ ratio, atMs }) => (atMs > oldest ? [ratio] : [])).sort((a, b) => a - b);
    if (recent.length < FEWEST_RATIOS) return null;
    return recent[Math.floor(recent.length / 2)] ?? null;
  }

  #sample(): void {
    const now = this.#probe.utilization();
    this.#busy.push(performance.eventLoopUtilization(now, this.#last).utilization);
    if (this.#busy.length > SAMPLES) this.#busy.shift();
    this.#last = now;
    this.#cancel = this.#clock.after(SAMPLE_MS, () => this.#sample());
  }
}

const SYSTEM: CapacityProbe = {
  utilization: () => performance.eventLoopUtilization(),
  ramPercent() {
    const constrained = process.constrainedMemory();
    const isLimited = constrained > 0 && constrained < totalmem();
    const most = isLimited ? constrained : totalmem();
    const left = isLimited ? process.availableMemory() : freemem();
    return (1 - left / most) * 100;
  },
};
