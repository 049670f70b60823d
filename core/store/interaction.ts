import type { Usage } from '../contracts/index.ts';

/**
 * One row of `interacoes` as the code sees it. The mapping to the Portuguese columns stands in
 * `interactions-table.ts` and nowhere else. Meaning of each column: protocol.md §3 and `docs/banco.md`.
 */
export interface Interaction {
  /** Assigned from a block of the table's sequence before anything is sent. */
  id: number;
  clientId: string;
  counterId: string;
  sessionId: string;
  segment: number;
  /** `<sessionId>:<segment>`, unique. */
  idempotencyKey: string;
  timestamp: Date;
  transcript: string | null;
  transcriptNormalized: string | null;
  transcriptClassification: string | null;
  /** null: model not called; `Nenhuma`; or `S: … | S: …`. */
  recommendation: string | null;
  feedback: string | null;
  employeeId: number | null;
  sttModel: string | null;
  /** US$. */
  estimatedCost: number | null;
  costMicroUsd: number | null;
  snr: number | null;
  modelRawResponse: string | null;
  tsAudioReceived: Date | null;
  tsTranscriptionSent: Date | null;
  tsTranscriptionReady: Date | null;
  tsAiRequest: Date | null;
  tsAiResponse: Date | null;
  tsClientSent: Date | null;
  tsSpeechEnd: Date | null;
  speakerData: string | null;
  interactionType:
    | 'valid'
    | 'discarded_empty'
    | 'discarded_ia'
    | 'mock_voice'
    | 'sem_provedor'
    | 'orcamento'
    | 'perdida';
  segmentDurationMs: number | null;
  segmentBytes: number | null;
  framesLen: number | null;
  cutReason: string | null;
  silenceFramesAtCut: number | null;
  noiseLevelStart: number | null;
  noiseLevelEnd: number | null;
  dynamicThresholdStart: number | null;
  dynamicThresholdEnd: number | null;
  energyRmsMean: number | null;
  energyRmsMax: number | null;
  peakDbfs: number | null;
  clippingRatio: number | null;
  dcOffset: number | null;
  zcr: number | null;
  spectralCentroid: number | null;
  spectralCentroidMean: number | null;
  bandEnergyLow: number | null;
  bandEnergyMid: number | null;
  bandEnergyHigh: number | null;
  snrEstimate: number | null;
  cleanerGainDb: number | null;
  pitchMean: number | null;
  pitchStd: number | null;
  audioClass: string | null;
  /** JSON text `{ranges, speech_pct, silence_pct, word_count}`. */
  speechRanges: string | null;
  thresholdMultiplier: number | null;
  minEnergyThreshold: number | null;
  alpha: number | null;
  vadAggressiveness: number | null;
  silenceFramesNeeded: number | null;
  preRollLen: number | null;
  segmentLimitFrames: number | null;
  /** JSON text of the effective settings. */
  configSnapshot: string | null;
  mockStatus: string | null;
  cpuUsagePercent: number | null;
  ramUsageMb: number | null;
  audioFilePath: string | null;
  configVersion: number | null;
  promptVersion: string | null;
  listVersion: string | null;
  /** jsonb: routing decision and attempts. */
  decision: unknown;
  /** jsonb: what the gate and the filters did. */
  gate: unknown;
  /** jsonb: catalogue candidates. */
  candidates: unknown;
  /** jsonb: words of this utterance and their times. Null: the vendor gave none, or their time is over. */
  words: HeardWords | null;
}

/** The words of an utterance as they may be kept: what was masked or filtered out of the text has none here either. */
export interface HeardWords {
  /** Of the whole utterance, 0 to 1; null: the vendor says nothing of it. */
  confidence: number | null;
  /** How many kept words the vendor was not sure of. */
  doubtful: number;
  /** Times in ms from the utterance's first sample. */
  words: { text: string | null; startMs: number; endMs: number; confidence?: number; speaker?: string }[];
}

/** One billed thing of one attempt: `usage_ledger`. Idempotent by `idempotencyKey`. */
export interface UsageEntry {
  idempotencyKey: string;
  /** `''`: the house's own. */
  clientId: string;
  counterId: string | null;
  interactionId: number | null;
  at: Date;
  kind: string;
  provider: string;
  model: string;
  unit: string;
  of: string;
  quantity: number;
  costMicroUsd: number;
  /** Version (date) of the price book used; null: no price known. */
  priceVersion: string | null;
  purpose: Purpose;
  /** How it was asked for, where the price differs; and channels, where each is billed: with them a cost can be worked out again. */
  mode: 'batch' | 'stream';
  channels: number | null;
}

/**
 * What an attempt was made for: the answer; the answer, from one that had failed just before; beside one that was slow;
 * for comparison only; to know whether a provider is well again; or because an administrator tried it out.
 */
export type Purpose = 'answer' | 'retry' | 'hedge' | 'shadow' | 'probe' | 'test';

/** One attempt at one candidate, as it ended: kept with the interaction, and billed from. */
export interface Attempt {
  address: string;
  purpose: Purpose;
  model?: string;
  mode: 'batch' | 'stream';
  outcome: 'answered' | 'empty' | 'failed' | 'aborted';
  /** ProviderError code and blame where it failed; never the vendor's text. */
  error?: { code: string; blame: string; vendorCode?: string };
  /** When it was begun: ISO 8601, UTC. */
  startedAt: string;
  /** Milliseconds of it: waiting for a free place, and all the rest. */
  queueMs: number;
  durationMs: number;
  /** From its begin to the first byte of the work handed over, ms; null: nothing was. */
  firstByteMs: number | null;
  /** Milliseconds of audio given again that an earlier attempt had already been given. */
  replayedMs: number;
  requestId?: string;
  usage: Usage[];
  costMicroUsd: number;
}

/** What a second provider heard of an utterance that another one answered: `shadow_results`. */
export interface Shadow {
  idempotencyKey: string;
  clientId: string;
  at: Date;
  /** Who answered the counter, and what it heard before any filter. */
  answer: { provider: string; text: string };
  provider: string;
  model: string | null;
  outcome: 'answered' | 'empty' | 'failed' | 'aborted';
  /** null: it did not answer. */
  text: string | null;
  errorCode: string | null;
  durationMs: number;
  costMicroUsd: number;
}

/** What the journal holds; the drainer applies each exactly once, in order. */
export type JournalEntry =
  | { type: 'interaction'; interaction: Interaction; usage: UsageEntry[] }
  /** After the card was written to the socket. */
  | { type: 'sent'; interactionId: number; at: Date }
  /** Result of the model call for an earlier row (the newest of a send). */
  | { type: 'patch'; interactionId: number; fields: Partial<Interaction>; usage: UsageEntry[] }
  /** Of no interaction: what a provider was asked for its own sake. */
  | { type: 'usage'; usage: UsageEntry[] }
  /** After the row it compares with. */
  | { type: 'shadow'; interactionId: number; shadow: Shadow; usage: UsageEntry[] }
  | { type: 'feedback'; interactionId: number; counterId: string; result: 'aceito' | 'recusado' | 'ignorado' };
