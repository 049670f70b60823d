import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AttemptMeasured, Gauges, Telemetry } from '../../core/contracts/index.ts';

/** Seconds: from what is felt at once to what nobody waits for. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 30];

/** One process's figures. A client or a counter is a label only where it was asked for: each makes a series of its own. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #lag = monitorEventLoopDelay({ resolution: 10 });
  readonly #about: readonly ('client' | 'counter')[];

  constructor(telemetry: Telemetry) {
    this.#about = telemetry.settings.labels;
    this.#lag.enable();
    this.#countCounters(telemetry);
    this.#countUtterances(telemetry);
    this.#countMoney(telemetry);
    this.#gauge(telemetry);
    this.#measureProcess();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  close(): void {
    this.#lag.disable();
    this.#registry.clear();
  }

  #countCounters(telemetry: Telemetry): void {
    const opened = this.#counter('balto_counter_sessions_total', 'Counters that came on line.');
    const online = new Gauge({
      name: 'balto_counters_online',
      help: 'Counters on line now.',
      labelNames: this.#labelNames(),
      registers: [this.#registry],
    });
    online.set(0);
    telemetry.on('opened', (seen) => {
      opened.inc(this.#labels(seen));
      online.inc(this.#labels(seen));
    });
    telemetry.on('closed', (seen) => online.dec(this.#labels(seen)));
    const degraded = this.#counter('balto_ear_degraded_total', 'A VAD or cleaner failed and was replaced.', ['what']);
    telemetry.on('degraded', (seen) => degraded.inc({ what: seen.what, ...this.#labels(seen) }));
  }

  #countUtterances(telemetry: Telemetry): void {
    const lost = this.#counter('balto_audio_lost_ms_total', 'Milliseconds of speech that nobody answered.');
    lost.inc(0);
    const utterances = this.#counter('balto_utterances_total', 'Utterances, by how they ended.', ['status']);
    const transcription = this.#histogram('balto_transcription_seconds', 'End of an utterance to its text.', [
      'provider',
    ]);
    const cards = this.#counter('balto_cards_total', 'Turns of the model.', ['delivery', 'source']);
    const stages = this.#histogram('balto_stage_seconds', 'End of speech to the socket, by stage; total is the sum.', [
      'stage',
    ]);
    const attempt = this.#attempts();
    telemetry.on('lost', (seen) => lost.inc(this.#labels(seen), seen.lostMs));
    telemetry.on('utterance', (seen) => {
      const { status, address, readyAtMs, attempts } = seen.outcome;
      const about = this.#labels(seen);
      utterances.inc({ status, ...about });
      if (address !== null && readyAtMs !== null) {
        const seconds = Math.max(0, readyAtMs - seen.utterance.cutAtMs) / 1000;
        transcription.observe({ provider: address, ...about }, seconds);
      }
      for (const each of attempts) attempt(each, about);
    });
    telemetry.on('card', (seen) => {
      const about = this.#labels(seen);
      cards.inc({ delivery: seen.delivery, source: seen.source, ...about });
      let total = 0;
      for (const [stage, ms] of Object.entries(seen.waterfall)) {
        stages.observe({ stage, ...about }, Math.max(0, ms) / 1000);
        // Decoding and VAD run while speech goes on.
        if (stage !== 'decode' && stage !== 'vad') total += Math.max(0, ms);
      }
      stages.observe({ stage: 'total', ...about }, total / 1000);
      for (const each of seen.attempts) attempt(each, about);
    });
  }

  #attempts(): (attempt: AttemptMeasured, about: Record<string, string>) => void {
    const outcomes = this.#counter('balto_attempts_total', 'Attempts at providers, by how they ended.', [
      ...['provider', 'mode', 'outcome', 'purpose', 'error'],
    ]);
    const durations = this.#histogram('balto_attempt_seconds', 'First byte to outcome.', ['provider', 'mode']);
    const waits = this.#histogram('balto_attempt_queue_seconds', 'Waiting for a free place.', ['provider']);
    return ({ address, mode, outcome, purpose, error, durationMs, queueMs }, about) => {
      outcomes.inc({ provider: address, mode, outcome, purpose, error: error?.code ?? '', ...about });
      durations.observe({ provider: address, mode, ...about }, durationMs / 1000);
      waits.observe({ provider: address, ...about }, queueMs / 1000);
    };
  }

  #countMoney(telemetry: Telemetry): void {
    const cost = this.#counter('balto_cost_micro_usd_total', 'Consumed, in millionths of a US dollar.', [
      'provider',
      'purpose',
    ]);
    telemetry.on('billed', (lines) => {
      for (const { clientId, counterId, provider, purpose, costMicroUsd } of lines) {
        const about = this.#labels({ clientId, counterId: counterId ?? '' });
        cost.inc({ provider, purpose, ...about }, costMicroUsd);
      }
    });
  }

  #gauge(telemetry: Telemetry): void {
    const simple = (name: string, help: string, value: (gauges: Gauges) => number) =>
      this.#collected(name, help, [], (gauge) => gauge.set(value(telemetry.gauges())));
    simple('balto_connections_pending', 'Connections not let in yet.', ({ pending }) => pending);
    simple('balto_audio_memory_bytes', 'Speech kept until it is answered.', ({ audioBytes }) => audioBytes);
    simple('balto_journal_fullness', 'Share of the journal in use, 0 to 1.', ({ journalFullness }) => journalFullness);
    simple('balto_journal_bytes', 'Bytes of the journal.', ({ journalBytes }) => journalBytes);
    simple('balto_database_ready', '1: the database answers.', ({ isDatabaseReady }) => Number(isDatabaseReady));
    simple('balto_config_version', 'Version of the configuration in force.', ({ configVersion }) => configVersion);
    this.#collected('balto_provider_places_taken', 'Attempts under way, by provider.', ['provider'], (gauge) => {
      for (const { address, taken } of telemetry.gauges().queues) gauge.inc({ provider: address }, taken);
    });
    this.#collected('balto_provider_queue', 'Utterances that wait for a place.', ['provider'], (gauge) => {
      for (const { address, waiting } of telemetry.gauges().queues) gauge.inc({ provider: address }, waiting);
    });
    const health = ['provider', 'model', 'state'];
    this.#collected('balto_provider_health', 'Credentials of each provider, by state.', health, (gauge) => {
      for (const { address, model, state, degraded } of telemetry.gauges().health) {
        gauge.inc({ provider: address, model, state: degraded ? 'degraded' : state });
      }
    });
  }

  #measureProcess(): void {
    this.#collected(
      'balto_event_loop_lag_seconds',
      'Delay of the event loop since the last reading.',
      ['quantile'],
      (gauge) => {
        for (const [quantile, percent] of [
          ['0.5', 50],
          ['0.99', 99],
          ['1', 100],
        ] as const) {
          gauge.set({ quantile }, this.#lag.percentile(percent) / 1e9);
        }
        this.#lag.reset();
      },
    );
    this.#collected('process_resident_memory_bytes', 'Resident memory.', [], (gauge) =>
      gauge.set(process.memoryUsage.rss()),
    );
    this.#collected('process_cpu_seconds_total', 'CPU time, user and system.', [], (gauge) => {
      const { user, system } = process.cpuUsage();
      gauge.set((user + system) / 1e6);
    });
    this.#collected('process_start_time_seconds', 'Start, since 1970.', [], (gauge) =>
      gauge.set(Date.now() / 1000 - process.uptime()),
    );
  }

  /** A gauge that is looked up when it is read. */
  #collected(name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        collect(this);
      },
    });
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name, help, labelNames: [...labelNames, ...this.#labelNames()], registers: [this.#registry] });
  }

  #histogram(name: string, help: string, labelNames: string[]): Histogram {
    const registers = [this.#registry];
    return new Histogram({
      name,
      help,
      labelNames: [...labelNames, ...this.#labelNames()],
      buckets: BUCKETS,
      registers,
    });
  }

  #labelNames(): string[] {
    return this.#about.map((each) => each);
  }

  #labels({ clientId, counterId }: { clientId: string; counterId: string }): Record<string, string> {
    const values = { client: clientId, counter: counterId };
    return Object.fromEntries(this.#about.map((each) => [each, values[each]]));
  }
}
