import type { SttDeadlines } from '../contracts/index.ts';

/** What one session may keep and how long it tries. Every value is configurable; the defaults are architecture.md §5. */
export interface SttBounds {
  /** Utterances given to providers at once; the ones behind them wait in memory. */
  maxInFlight: number;
  /** Unanswered speech kept, in milliseconds: past it the oldest utterance is lost. */
  maxUnansweredMs: number;
  /** How long an utterance waits for a free place at one credential before the next candidate gets it. */
  queueMs: number;
  /** An idle stream is closed after this long. */
  idleCloseMs: number;
  /** Backlog above which a batch candidate goes before one that must be fed in real time. */
  backlogMs: number;
  /** Tries on one candidate after the first, for connection and server errors before any output. */
  retries: number;
  /** Bounds of the random wait before a retry. */
  retryWaitMs: { min: number; max: number };
  /** After the end of speech: how long the candidates are gone through again when all of them failed for the moment. */
  persistMs: number;
  /** First and longest wait between two rounds; each doubles the one before it. */
  roundWaitMs: { first: number; longest: number };
  /** Two are asked, and one says that nothing was said: how long the other is still waited for. */
  emptyWaitMs: number;
  /** How long `close()` waits for what is under way. */
  drainMs: number;
}

export const DEFAULT_STT_BOUNDS: SttBounds = {
  maxInFlight: 4,
  maxUnansweredMs: 300_000,
  queueMs: 1000,
  idleCloseMs: 15_000,
  backlogMs: 2000,
  retries: 1,
  retryWaitMs: { min: 100, max: 300 },
  persistMs: 60_000,
  roundWaitMs: { first: 1000, longest: 8000 },
  emptyWaitMs: 2000,
  drainMs: 10_000,
};

/** Deadlines of one streamed attempt. */
export const STREAM_DEADLINES: SttDeadlines = {
  connectMs: 3000,
  firstOutputMs: 2500,
  betweenOutputsMs: 6000,
  finalizeMs: 2000,
};

/** First output of a batch request, before half the audio's duration is added. */
const BATCH_FIRST_OUTPUT_MS = 6000;

/** The table of architecture.md §5, with what the provider states of its own. */
export function streamDeadlines(own: Partial<SttDeadlines> | undefined): SttDeadlines {
  return { ...STREAM_DEADLINES, ...own };
}

/** Milliseconds a batch request may take: 6 s (or the provider's own) and half the audio's duration. */
export function batchDeadlineMs(own: Partial<SttDeadlines> | undefined, durationMs: number): number {
  return (own?.firstOutputMs ?? BATCH_FIRST_OUTPUT_MS) + durationMs / 2;
}

export interface LlmBounds {
  /** From the request to the first piece of a streamed answer. */
  firstTokenMs: number;
  /** Between two pieces of it. */
  betweenTokensMs: number;
  /** For the whole call, all candidates together: nobody waits longer at a counter. */
  totalMs: number;
  /** Kept for the candidates behind the one being asked. */
  reserveMs: number;
  /** Longest answer kept, in bytes of UTF-8. */
  maxBytes: number;
}

export const DEFAULT_LLM_BOUNDS: LlmBounds = {
  firstTokenMs: 3000,
  betweenTokensMs: 2000,
  totalMs: 8000,
  reserveMs: 3000,
  maxBytes: 65_536,
};

export interface TtsBounds {
  /** From the request to the first sound. */
  firstAudioMs: number;
  /** Between two pieces of it. */
  betweenAudioMs: number;
  /** The slowest reading of a text that is still one, in ms of sound a character. */
  mostMsPerCharacter: number;
  /** And so much for silence before and after it. */
  graceMs: number;
}

/** As for a model: who is spoken to waits no longer. A character of Portuguese is some 70 ms of usual speech. */
export const DEFAULT_TTS_BOUNDS: TtsBounds = {
  firstAudioMs: 3000,
  betweenAudioMs: 2000,
  mostMsPerCharacter: 500,
  graceMs: 10_000,
};
