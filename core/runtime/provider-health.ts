import { EventEmitter } from 'node:events';
import type { Clock, Log, ProviderError } from '../contracts/index.ts';
import { Breaker } from './breaker.ts';
import { isClear } from './empty-watch.ts';
import type { AnswerSeen, FailureSeen, Health, HealthChange, HealthNews, HealthStatus } from './health.ts';
import { healthSubject } from './health-key.ts';
import { HealthRecord } from './health-record.ts';
import { HealthTeller } from './health-teller.ts';
import { HearingJudge } from './hearing-judge.ts';
import type { Probed, Prober } from './prober.ts';
import { type ProbeSeen, Probes } from './probes.ts';
import { RetryBudget } from './retry-budget.ts';
import type { Candidate } from './types.ts';

export interface ProviderHealthOptions {
  clock: Clock;
  log: Log;
  /** Absent: nothing is probed; a rest ends by time, and the attempt after it decides. */
  prober?: Prober;
  /** 0 (included) to 1 (excluded). */
  random?: () => number;
}

export interface ProviderHealthEvents {
  /** Once per turn for the worse and for the better. */
  change: [HealthChange];
  /** For other processes: each verdict. */
  news: [HealthNews];
  /** A probe ended: it is billed as any other attempt. */
  probe: [ProbeSeen];
}

/** What a vendor that limits us, without saying for how long, is given. */
const LIMIT_MS = 10_000;
const LONGEST_LIMIT_MS = 120_000;
/** Candidates remembered: as many as all clients of a process may name. */
const MAX_RECORDS = 5000;
const NEWS_HOLDS_MS = 600_000;

/** Faults after which the next attempt would probably fail too, and cost a customer the wait. */
const OUTAGES: ReadonlySet<string> = new Set(['connection', 'timeout', 'server']);

/**
 * The health of every candidate of a process, by kind, provider, model and credential: a breaker each, opened by faults of
 * vendor and network alone. It never takes the last candidate away: it only says who goes first.
 */
export class ProviderHealth extends EventEmitter<ProviderHealthEvents> implements Health {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #probes: Probes;
  readonly #random: () => number;
  readonly #retries: RetryBudget;
  readonly #teller: HealthTeller;
  readonly #hearing: HearingJudge;
  /** By key; the one used longest ago first. */
  readonly #records = new Map<string, HealthRecord>();
  /** What other processes found, also of candidates nobody has asked for here. */
  readonly #heard = new Map<string, { news: HealthNews; atMs: number }>();

  constructor(options: ProviderHealthOptions) {
    super();
    this.#clock = options.clock;
    this.#log = options.log;
    this.#probes = new Probes({
      prober: options.prober,
      log: options.log,
      onProbe: (probe) => this.#emit('probe', probe),
    });
    this.#random = options.random ?? Math.random;
    this.#retries = new RetryBudget(options.clock);
    this.#teller = new HealthTeller(options.clock, (change) => this.#say(change));
    this.#hearing = new HearingJudge({
      clock: options.clock,
      probes: this.#probes,
      records: () => this.#records.values(),
      change: (record, act) => void this.#move(record, act),
    });
  }

  restsUntilMs(candidate: Candidate): number {
    return this.#of(candidate).restsUntilMs;
  }

  isDegraded(candidate: Candidate): boolean {
    return this.#of(candidate).isDegraded;
  }

  mayRetry(candidate: Candidate): boolean {
    return this.#retries.take(candidate.provider.vendor.id);
  }

  used(candidate: Candidate): void {
    const record = this.#of(candidate);
    this.#retries.attempted(candidate.provider.vendor.id);
    record.uses += 1;
    this.#records.delete(record.subject.key);
    this.#records.set(record.subject.key, record);
  }

  uses(candidate: Candidate): number {
    return this.#of(candidate).uses;
  }

  failed(candidate: Candidate, error: ProviderError, failure?: FailureSeen): void {
    const { blame, code } = error;
    // An aborted call, an empty utterance and our own bugs never count.
    if (blame === 'core' || blame === 'caller') return;
    const now = this.#clock.now();
    const record = this.#of(candidate);
    record.noted(now, code, failure?.mode);
    if (code === 'rate_limited') record.rest(now, limitOf(error));
    else if (code === 'auth' || code === 'quota') this.#move(record, () => record.breaker.trip(now));
    // It cannot be used as it is configured: asked again in a while, not at every utterance.
    else if (blame === 'config') record.rest(now, LIMIT_MS);
    else {
      const isOutage = OUTAGES.has(code);
      const begunAtMs = failure?.begunAtMs ?? now;
      const isNews = this.#move(record, () => record.breaker.failed(now, begunAtMs, isOutage));
      if (isNews && record.breaker.state === 'suspected') this.#askSoon(record, now);
      if (isNews && isOutage) this.#doubtOtherKeys(candidate, now);
    }
  }

  answered(candidate: Candidate, answer?: AnswerSeen): void {
    const now = this.#clock.now();
    const record = this.#of(candidate);
    this.#move(record, () => {
      if (!answer) return record.forgive(now);
      record.breaker.answered(now, answer.sentAtMs);
      if (answer.facts && isClear(answer.facts)) this.#hearing.answered(record, now, answer.isEmpty);
    });
  }

  passedOver(candidate: Candidate): void {
    const record = this.#of(candidate);
    const now = this.#clock.now();
    if (record.breaker.isDue(now)) void this.#ask(record);
    else if (record.breaker.state === 'closed') this.#hearing.passedOver(record, now);
  }

  /**
   * What another process found, so many milliseconds ago. Good news end a rest, bad ones are a reason to doubt: whether it
   * is so here, a probe tells.
   */
  learn(news: HealthNews, ageMs: number): void {
    const now = this.#clock.now();
    const atMs = now - ageMs;
    const { key, state, degraded } = news;
    if (state === 'closed' && !degraded) this.#heard.delete(key);
    else this.#heard.set(key, { news, atMs });
    if (this.#heard.size > MAX_RECORDS) this.#heard.delete(this.#heard.keys().next().value ?? key);
    const record = this.#records.get(key);
    // What was found here since is newer.
    if (record && record.breaker.sinceMs <= atMs) this.#believe(record, news, now);
  }

  /** Everyone's health who was asked lately, the last used first. */
  status(): HealthStatus[] {
    const now = this.#clock.now();
    const wall = this.#clock.date().getTime();
    const date = (ms: number) => new Date(wall + ms - now);
    return [...this.#records.values()].reverse().map((record) => record.status(now, date));
  }

  /** Ends the probes under way; nothing is told any more. */
  close(): void {
    this.#probes.close();
    this.#teller.close();
    for (const record of this.#records.values()) record.cancelDoubt();
  }

  #of(candidate: Candidate): HealthRecord {
    const subject = healthSubject(candidate);
    const known = this.#records.get(subject.key);
    if (known) {
      known.candidate = candidate;
      return known;
    }
    const now = this.#clock.now();
    const breaker = new Breaker(this.#random, this.#probes.canAsk(candidate));
    const record = new HealthRecord(subject, candidate, breaker);
    if (this.#records.size >= MAX_RECORDS) this.#forgetOne();
    this.#records.set(subject.key, record);
    const heard = this.#heard.get(subject.key);
    if (heard && now - heard.atMs < NEWS_HOLDS_MS) this.#believe(record, heard.news, now);
    return record;
  }

  #believe(record: HealthRecord, news: HealthNews, now: number): void {
    // What is told on is what was found here: news do not go in circles.
    record.told = { ...record.told, degraded: news.degraded };
    this.#move(record, () => {
      record.degrade(now, news.degraded);
      if (news.state === 'open') record.breaker.suspect(now);
      else record.breaker.hurry(now);
    });
  }

  /** Changes a record and tells of it; true when the breaker's state is another one. */
  #move(record: HealthRecord, change: () => void): boolean {
    const before = record.breaker.state;
    change();
    const { state } = record.breaker;
    if (state !== 'suspected') record.cancelDoubt();
    this.#teller.look(record);
    this.#tellOthers(record);
    return state !== before;
  }

  #tellOthers(record: HealthRecord): void {
    const { breaker, told, subject, isDegraded, candidate } = record;
    // What runs inside a process fails inside it.
    if (!this.#probes.canAsk(candidate)) return;
    const isVerdict = breaker.state === 'open' || breaker.state === 'closed';
    const state = isVerdict ? (breaker.state as 'open' | 'closed') : told.state;
    if (state === told.state && isDegraded === told.degraded) return;
    record.told = { state, degraded: isDegraded };
    const restMs = state === 'open' ? Math.max(0, breaker.untilMs - this.#clock.now()) : 0;
    const reason = state === 'open' ? (record.lastError?.code ?? null) : isDegraded ? 'empty' : null;
    this.#emit('news', { ...subject, state, degraded: isDegraded, reason, restMs });
  }

  /** Once the doubt is as old as a blip: somebody has just spoken, and will again. */
  #askSoon(record: HealthRecord, now: number): void {
    record.cancelDoubt();
    record.cancelDoubt = this.#clock.after(record.breaker.untilMs - now, () => {
      if (record.breaker.isDue(this.#clock.now())) void this.#ask(record);
    });
  }

  async #ask(record: HealthRecord): Promise<void> {
    const ticket = record.breaker.asked(this.#clock.now());
    const probed = await this.#probes.ask(record);
    const now = this.#clock.now();
    if (probed?.error) record.noted(now, probed.error.code, undefined);
    if (probed?.error?.code === 'rate_limited' && probed.error.blame !== 'core')
      record.rest(now, limitOf(probed.error));
    this.#move(record, () => record.breaker.told(now, ticket, isWell(probed)));
  }

  /** A fault of the vendor is found with one key and holds for all: the others are asked before they are used. */
  #doubtOtherKeys(candidate: Candidate, now: number): void {
    for (const credential of candidate.provider.credentials.keys()) {
      if (credential === candidate.credential) continue;
      const record = this.#of({ ...candidate, credential });
      this.#move(record, () => record.breaker.suspect(now));
    }
  }

  /** One that is well, the one used longest ago first. */
  #forgetOne(): void {
    const isWell = ({ breaker, isDegraded }: HealthRecord) => breaker.state === 'closed' && !isDegraded;
    const oldest = this.#records.values().find(isWell) ?? this.#records.values().next().value;
    if (!oldest) return;
    oldest.cancelDoubt();
    this.#records.delete(oldest.subject.key);
  }

  #say(change: HealthChange): void {
    const { address, model, credential, reason, what } = change;
    const data = { provider: address, model, credential, reason };
    if (what === 'degraded') this.#log.warn(data, 'a provider is degraded: others go first');
    else this.#log.info(data, 'a provider has recovered');
    this.#emit('change', change);
  }

  /** A listener's fault is not a vendor's, and must not reach an utterance. */
  #emit<E extends keyof ProviderHealthEvents>(event: E, ...told: ProviderHealthEvents[E]): void {
    try {
      (this as EventEmitter).emit(event, ...told);
    } catch (error) {
      const { name } = error instanceof Error ? error : { name: typeof error };
      this.#log.error({ error: name, event }, 'a listener of the health of providers threw');
    }
  }
}

/** Null: the probe tells nothing. A vendor that refuses the clip, or asks for a rest, is there. */
function isWell(probed: Probed | null): boolean | null {
  const error = probed?.error;
  if (!probed || error?.code === 'aborted' || (error?.blame === 'core' && error.code !== 'invalid_request'))
    return null;
  return !error || error.code === 'rate_limited' || error.code === 'invalid_request' || error.code === 'empty';
}

function limitOf({ retryAfterMs }: ProviderError): number {
  return Math.min(Math.max(0, retryAfterMs ?? LIMIT_MS), LONGEST_LIMIT_MS);
}
