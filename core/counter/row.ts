import type { Utterance } from '../audio/types.ts';
import { CORE_SAMPLE_RATE_HZ } from '../contracts/index.ts';
import type { SttOutcome } from '../runtime/types.ts';
import type { HeardWords, Interaction, UsageEntry } from '../store/interaction.ts';
import type { SessionDeps } from './deps.ts';
import type { ProcessLoad } from './load.ts';
import { voiceColumns } from './voice-ear.ts';

/** Who and where, as far as a row needs it. */
export interface RowOrigin {
  clientId: string;
  counterId: string;
  sessionId: string;
  /** Of the detector that listens, where it has such a scale. */
  vadAggressiveness: number | null;
}

/** What became of an utterance's text. */
export interface RowText {
  transcript: string | null;
  type: Interaction['interactionType'];
  feedback: string | null;
  /** Filters and overlap: what was removed, by which rule. */
  filters: unknown;
  /** JSON of what was simulated, NULL: nothing. */
  mockStatus: string | null;
  /** What was heard word by word, as far as it may be kept. */
  words: HeardWords | null;
}

/** The row of one utterance, before any model was asked: what protocol.md §3 calls "the utterance's own text and NULL". */
export function utteranceRow(
  id: number,
  origin: RowOrigin,
  heard: { utterance: Utterance; outcome: SttOutcome },
  text: RowText,
  load: ProcessLoad,
): Interaction {
  const { utterance, outcome } = heard;
  return {
    id,
    ...origin,
    configVersion: outcome.decision.version,
    segment: utterance.segment,
    idempotencyKey: `${origin.sessionId}:${utterance.segment}`,
    timestamp: utterance.receivedAt,
    transcript: text.transcript,
    recommendation: null,
    feedback: text.feedback,
    interactionType: text.type,
    mockStatus: text.mockStatus,
    words: text.words,
    gate: text.filters === null ? null : { filtros: text.filters },
    ...modelColumns(),
    ...voiceColumns(outcome.voice?.found),
    ...sttColumns(utterance, outcome),
    ...audioColumns(utterance, text.transcript),
    ...settingsColumns(utterance),
    cpuUsagePercent: load.cpuPercent,
    ramUsageMb: load.ramMb,
    audioFilePath: null,
  };
}

/** Columns only a model call or a later part fills. */
function modelColumns() {
  return {
    transcriptNormalized: null,
    transcriptClassification: null,
    modelRawResponse: null,
    tsAiRequest: null,
    tsAiResponse: null,
    tsClientSent: null,
    promptVersion: null,
    listVersion: null,
    candidates: null,
  };
}

function sttColumns(utterance: Utterance, outcome: SttOutcome) {
  return {
    sttModel: outcome.vendor,
    estimatedCost: outcome.costMicroUsd / 1e6,
    costMicroUsd: outcome.costMicroUsd,
    tsSpeechEnd: utterance.speechEndAt,
    tsAudioReceived: utterance.receivedAt,
    ...orderedTimes(utterance.receivedAt, outcome.sentAt, outcome.readyAt),
    decision: {
      ...outcome.decision,
      status: outcome.status,
      address: outcome.address,
      lostMs: outcome.lostMs,
      // Where it stands in the session's audio time: whoever goes on with the session must not hear it again.
      samples: [utterance.startSample, utterance.endSample],
      attempts: outcome.attempts.map(({ usage: _usage, ...attempt }) => attempt),
    },
  };
}

/**
 * Each `ts_*` is at or after the one before it (protocol.md §3). A stream is sent to while speech goes on: its request
 * counts from the moment the utterance was complete.
 */
function orderedTimes(received: Date, sent: Date | null, ready: Date | null) {
  const tsTranscriptionSent = sent && later(sent, received);
  return {
    tsTranscriptionSent,
    tsTranscriptionReady: ready && later(ready, tsTranscriptionSent ?? received),
  };
}

/** The later of two instants. */
export function later(a: Date, b: Date): Date {
  return a.getTime() >= b.getTime() ? a : b;
}

function audioColumns(utterance: Utterance, transcript: string | null) {
  const { features } = utterance;
  return {
    snr: features.snrDb,
    snrEstimate: features.snrDb,
    segmentDurationMs: Math.round(features.durationMs),
    segmentBytes: (utterance.endSample - utterance.startSample) * 2,
    framesLen: utterance.framesLen,
    cutReason: utterance.cutReason,
    silenceFramesAtCut: utterance.silenceFramesAtCut,
    noiseLevelStart: utterance.noise.start,
    noiseLevelEnd: utterance.noise.end,
    dynamicThresholdStart: utterance.threshold.start,
    dynamicThresholdEnd: utterance.threshold.end,
    energyRmsMean: features.energyRmsMean,
    energyRmsMax: features.energyRmsMax,
    peakDbfs: features.peakDbfs,
    clippingRatio: features.clippingRatio,
    dcOffset: features.dcOffset,
    zcr: features.zcr,
    spectralCentroid: features.spectralCentroid,
    spectralCentroidMean: features.spectralCentroidMean,
    bandEnergyLow: features.bandEnergyLow,
    bandEnergyMid: features.bandEnergyMid,
    bandEnergyHigh: features.bandEnergyHigh,
    cleanerGainDb: features.cleanerGainDb,
    pitchMean: features.pitchMean,
    pitchStd: features.pitchStd,
    audioClass: features.class,
    speechRanges: speechRanges(utterance, transcript),
  };
}

/** `{ranges, speech_pct, silence_pct, word_count}` as the reports read it; seconds from the utterance's first sample. */
function speechRanges(utterance: Utterance, transcript: string | null): string {
  const seconds = (utterance.endSample - utterance.startSample) / CORE_SAMPLE_RATE_HZ;
  const spoken = utterance.speechRanges.reduce((sum, [start, end]) => sum + end - start, 0);
  const percent = seconds > 0 ? round(Math.min(100, (spoken / seconds) * 100), 1) : 0;
  return JSON.stringify({
    ranges: utterance.speechRanges.map(([start, end]) => [round(start, 3), round(end, 3)]),
    speech_pct: percent,
    silence_pct: round(100 - percent, 1),
    word_count: transcript ? transcript.split(/\s+/).filter(Boolean).length : 0,
  });
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

function settingsColumns(utterance: Utterance) {
  const { settings } = utterance;
  return {
    thresholdMultiplier: settings.thresholdMultiplier,
    minEnergyThreshold: settings.minEnergy,
    alpha: settings.alpha,
    silenceFramesNeeded: settings.silenceFramesNeeded,
    preRollLen: settings.preRollFrames,
    segmentLimitFrames: settings.segmentLimitFrames,
    configSnapshot: JSON.stringify(settings),
  };
}

/** What the attempts of one piece of work cost, one entry per billed thing, each with a key of its own. */
export function usageEntries(
  origin: Pick<UsageEntry, 'clientId' | 'counterId'>,
  interactionId: number | null,
  kind: string,
  attempts: SttOutcome['attempts'],
  at: Date,
  keyPrefix: string,
  prices: SessionDeps['prices'],
): UsageEntry[] {
  return attempts.flatMap((attempt, attemptIndex) => {
    const costs = prices.costsMicroUsd(attempt.address, attempt.mode, attempt.usage);
    return attempt.usage.map((usage, usageIndex) => ({
      idempotencyKey: `${keyPrefix}:${kind}:${attemptIndex}:${usageIndex}`,
      clientId: origin.clientId,
      counterId: origin.counterId,
      interactionId,
      at,
      kind,
      provider: attempt.address,
      model: usage.model,
      unit: usage.unit,
      of: usage.of,
      quantity: usage.quantity,
      costMicroUsd: costs[usageIndex] ?? 0,
      priceVersion: prices.version,
      purpose: attempt.purpose,
      mode: attempt.mode,
      channels: usage.channels ?? null,
    }));
  });
}
