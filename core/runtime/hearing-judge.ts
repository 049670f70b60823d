import type { Clock } from '../contracts/index.ts';
import { othersHear } from './empty-watch.ts';
import type { HealthRecord } from './health-record.ts';
import type { Probes } from './probes.ts';

/** Between two questions whether one that heard nothing hears again. */
const AGAIN_MS = 300_000;

export interface HearingJudgeOptions {
  clock: Clock;
  probes: Probes;
  records(): Iterable<HealthRecord>;
  /** Changes a record and tells of it. */
  change(record: HealthRecord, act: () => void): void;
}

/**
 * Says who hears nothing where there are words. An empty answer is an answer, and nobody else is asked; so too many of them
 * to clear speech tell against a candidate only where others hear words. Where no other is asked, a probe decides: its words
 * are known.
 */
export class HearingJudge {
  readonly #options: HearingJudgeOptions;

  constructor(options: HearingJudgeOptions) {
    this.#options = options;
  }

  /** Clear speech was answered. */
  answered(record: HealthRecord, nowMs: number, isEmpty: boolean): void {
    record.watch.add(nowMs, isEmpty);
    if (!record.watch.hearsTooLittle) record.degrade(nowMs, false);
    else if (!record.isDegraded) {
      const hear = othersHear(this.#others(record, nowMs));
      if (hear) this.#deaf(record, nowMs);
      else if (hear === null) void this.#ask(record);
    }
  }

  /** A degraded one was passed over: it is asked now and then whether it hears again. */
  passedOver(record: HealthRecord, nowMs: number): void {
    if (record.isDegraded && nowMs >= record.hearsAgainAtMs) void this.#ask(record);
  }

  *#others({ subject }: HealthRecord, nowMs: number) {
    for (const other of this.#options.records()) {
      const { kind, address } = other.subject;
      if (kind === subject.kind && address !== subject.address) yield other.watch.lately(nowMs);
    }
  }

  #deaf(record: HealthRecord, nowMs: number): void {
    record.degrade(nowMs, true);
    record.hearsAgainAtMs = nowMs + AGAIN_MS;
  }

  /** Speech that nobody can mistake: heard, its past is forgotten. */
  async #ask(record: HealthRecord): Promise<void> {
    const { clock, probes, change } = this.#options;
    if (probes.isUnderWay(record) || !probes.canAsk(record.candidate)) return;
    const probed = await probes.ask(record);
    const now = clock.now();
    record.hearsAgainAtMs = now + AGAIN_MS;
    if (!probed || probed.error) return;
    change(record, () => {
      if (probed.isEmpty) return this.#deaf(record, now);
      record.watch.clear();
      record.degrade(now, false);
    });
  }
}
