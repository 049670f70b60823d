import type { Log } from '../contracts/index.ts';
import type { HealthSubject } from './health.ts';
import type { HealthRecord } from './health-record.ts';
import type { Probed, Prober } from './prober.ts';
import type { Attempt, Candidate } from './types.ts';

/** One probe, as it ended. */
export interface ProbeSeen extends HealthSubject {
  attempt: Attempt;
  /** Client whose key or settings were tried; null: everyone's. */
  tenant: string | null;
}

export interface ProbesOptions {
  prober: Prober | undefined;
  log: Log;
  /** A probe ended: it was billed as any other attempt. */
  onProbe(probe: ProbeSeen): void;
}

/** Sends probes, one at a time to each candidate. */
export class Probes {
  readonly #options: ProbesOptions;
  readonly #underWay = new Map<HealthRecord, AbortController>();
  #isClosed = false;

  constructor(options: ProbesOptions) {
    this.#options = options;
  }

  canAsk(candidate: Candidate): boolean {
    return this.#options.prober?.canAsk(candidate) ?? false;
  }

  isUnderWay(record: HealthRecord): boolean {
    return this.#underWay.has(record);
  }

  /** Null: it could not be asked, or nobody wants to know any more. Never rejects. */
  async ask(record: HealthRecord): Promise<Probed | null> {
    const { prober, log, onProbe } = this.#options;
    if (!prober || this.#isClosed) return null;
    const stop = new AbortController();
    this.#underWay.set(record, stop);
    try {
      const probed = await prober.ask(record.candidate, record.mode, stop.signal);
      if (!probed || stop.signal.aborted) return null;
      const { outcome, error } = probed.attempt;
      log.info({ provider: record.subject.address, outcome, code: error?.code }, 'a provider was probed');
      onProbe({ ...record.subject, attempt: probed.attempt, tenant: record.candidate.provider.tenant });
      return probed;
    } catch (error) {
      const { name } = error instanceof Error ? error : { name: typeof error };
      log.error({ provider: record.subject.address, error: name }, 'a provider could not be probed');
      return null;
    } finally {
      this.#underWay.delete(record);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const stop of this.#underWay.values()) stop.abort();
  }
}
