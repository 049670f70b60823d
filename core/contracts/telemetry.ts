/** What a running Balto tells a plugin that measures it. Nothing in it is what somebody said. */
interface About {
  clientId: string;
  counterId: string;
}

/** One attempt at one provider, as it ended. */
export interface AttemptMeasured {
  /** `stt/acme` or `stt/acme:model`. */
  address: string;
  mode: 'batch' | 'stream';
  outcome: 'answered' | 'empty' | 'failed' | 'aborted';
  /** `answer`, `retry`, `hedge` or `shadow`. */
  purpose: string;
  /** Of a ProviderError. */
  error?: { code: string };
  /** Milliseconds: waiting for a free place, and from first byte to outcome. */
  queueMs: number;
  durationMs: number;
}

export interface TelemetryEvents {
  /** A counter came on line, or left. */
  opened: About;
  closed: About;
  /** An utterance is answered, or will not be. */
  utterance: About & {
    outcome: {
      /** `answered`, `empty`, `lost` or `no_provider`. */
      status: string;
      /** Of the candidate that answered. */
      address: string | null;
      /** Monotonic ms. */
      readyAtMs: number | null;
      attempts: readonly AttemptMeasured[];
    };
    /** Monotonic ms of its end. */
    utterance: { cutAtMs: number };
  };
  /** Speech that nobody answered. */
  lost: About & { lostMs: number };
  /** A model was asked, or the catalogue answered in its place. */
  card: About & {
    /** Why it was sent or not, and who made it. */
    delivery: string;
    source: string;
    attempts: readonly AttemptMeasured[];
    /** Milliseconds by stage, from the end of speech to the socket. */
    waterfall: Readonly<Record<string, number>>;
  };
  /** A VAD or cleaner was replaced. */
  degraded: About & { what: string };
  /** What was consumed and what it cost, in millionths of a US dollar. */
  billed: readonly {
    clientId: string;
    counterId: string | null;
    provider: string;
    purpose: string;
    costMicroUsd: number;
  }[];
}

/** How things stand now. */
export interface Gauges {
  counters: number;
  /** Connections that have not been let in yet. */
  pending: number;
  /** Of speech kept until it is answered. */
  audioBytes: number;
  /** Of the journal: 0 to 1 of what it may hold. */
  journalFullness: number;
  journalBytes: number;
  isDatabaseReady: boolean;
  /** Version of the configuration in force. */
  configVersion: number;
  /** Places at each credential: taken, and utterances that wait for one. */
  queues: readonly { address: string; taken: number; waiting: number }[];
  /** `state`: `closed` is well; `suspected`, `half_open`, `open` and `limited` are not. */
  health: readonly { address: string; model: string; state: string; degraded: boolean }[];
}

/** Decorates the Fastify instance as `telemetry`, before any plugin is loaded. */
export interface Telemetry {
  on<E extends keyof TelemetryEvents>(event: E, listener: (seen: TelemetryEvents[E]) => void): void;
  gauges(): Gauges;
  settings: {
    /** What a reader must show; null: nobody may read. */
    token: string | null;
    /** Labels beside those of providers and outcomes. */
    labels: readonly ('client' | 'counter')[];
  };
}
