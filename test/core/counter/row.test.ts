import t from 'tap';
import { DEFAULT_VAD_SETTINGS } from '../../../core/audio/settings.ts';
import type { Utterance } from '../../../core/audio/types.ts';
import { later, usageEntries, utteranceRow } from '../../../core/counter/row.ts';
import type { Attempt, SttOutcome } from '../../../core/runtime/types.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';
import { heardAt } from '../../helpers/talking-counter.ts';

const ORIGIN = {
  clientId: 'cliente',
  counterId: 'balcao',
  sessionId: 'sessao',
  configVersion: null,
  vadAggressiveness: null,
};
const SAID = {
  transcript: 'tem soro',
  type: 'valid',
  feedback: 'processado',
  filters: null,
  mockStatus: null,
  words: null,
} as const;
const LOAD = { cpuPercent: 1, ramMb: 2 };
const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 12, 0, second));

/** Two seconds from sample 16,000 on, half of them spoken. */
const UTTERANCE: Utterance = {
  segment: 3,
  startSample: 16_000,
  endSample: 48_000,
  speechEndSample: 32_000,
  overlapsPrevious: false,
  cutReason: 'silence_end',
  receivedAt: at(10),
  speechEndAt: at(9),
  cutAtMs: 0,
  timings: { decodeMs: 0, vadMs: 0 },
  silenceFramesAtCut: 30,
  framesLen: 67,
  speechRanges: [
    [0, 0.6],
    [1.1, 1.5004],
  ],
  noise: { start: 1, end: 2 },
  threshold: { start: 3, end: 4 },
  features: {
    durationMs: 2000.4,
    snrDb: 12,
    energyRmsMean: 1,
    energyRmsMax: 2,
    peakDbfs: -3,
    clippingRatio: 0,
    dcOffset: 0,
    zcr: 0,
    spectralCentroid: 1,
    spectralCentroidMean: 1,
    bandEnergyLow: 0,
    bandEnergyMid: 1,
    bandEnergyHigh: 0,
    pitchMean: null,
    pitchStd: null,
    cleanerGainDb: null,
    class: 'fala',
  },
  settings: DEFAULT_VAD_SETTINGS,
};

const rowOf = (outcome: Partial<SttOutcome> = {}, utterance: Partial<Utterance> = {}) => {
  const heard = { utterance: { ...UTTERANCE, ...utterance }, outcome: heardAt(new ManualClock(), 'tem soro', outcome) };
  return utteranceRow(7, ORIGIN, heard, SAID, LOAD);
};

t.test('a row that no model was asked about keeps its own text and NULL', async (t) => {
  const row = rowOf({ costMicroUsd: 1500, lostMs: 0 });
  t.match(row, { id: 7, idempotencyKey: 'sessao:3', transcript: 'tem soro', recommendation: null, tsAiRequest: null });
  t.match(row, {
    segmentBytes: 64_000,
    segmentDurationMs: 2000,
    estimatedCost: 0.0015,
    costMicroUsd: 1500,
    gate: null,
  });
  t.same(JSON.parse(row.speechRanges ?? ''), {
    ranges: [
      [0, 0.6],
      [1.1, 1.5],
    ],
    speech_pct: 50,
    silence_pct: 50,
    word_count: 2,
  });
});

t.test('each time is at or after the one before it, whatever the clocks said', async (t) => {
  const seconds = (sentAt: Date | null, readyAt: Date | null) => {
    const { tsTranscriptionSent, tsTranscriptionReady } = rowOf({ sentAt, readyAt });
    return [tsTranscriptionSent, tsTranscriptionReady].map((time) => time?.getUTCSeconds() ?? null);
  };
  t.same(seconds(at(8), at(11)), [10, 11], 'a stream is sent to while speech goes on');
  t.same(seconds(at(12), at(11)), [12, 12]);
  t.same(seconds(null, at(5)), [null, 10]);
  t.same(seconds(null, null), [null, null]);
  t.equal(later(at(1), at(2)).getTime(), at(2).getTime());
});

const attempt = (more: Partial<Attempt>): Attempt => ({
  address: 'stt/a:m',
  purpose: 'answer',
  mode: 'batch',
  outcome: 'answered',
  startedAt: '2026-11-21T15:00:00.000Z',
  firstByteMs: 0,
  queueMs: 0,
  durationMs: 5,
  replayedMs: 0,
  usage: [],
  costMicroUsd: 0,
  ...more,
});

t.test('the row keeps each attempt without what it was billed, the ledger each billed thing once', async (t) => {
  const attempts = [
    attempt({ outcome: 'failed', error: { code: 'server', blame: 'vendor' } }),
    attempt({
      purpose: 'hedge',
      costMicroUsd: 90,
      usage: [
        { unit: 'token', quantity: 10, of: 'text_in', model: 'm' },
        { unit: 'token', quantity: 2, of: 'text_out', model: 'm' },
      ],
    }),
  ];
  const { decision } = rowOf({ attempts });
  t.match(decision, { attempts: [{ error: { code: 'server' } }, { durationMs: 5, purpose: 'hedge' }] });
  t.notMatch(JSON.stringify(decision), /usage/);
  const prices = { version: 'v1', costsMicroUsd: () => [70, 20] };
  const entries = usageEntries(ORIGIN, 7, 'llm', attempts, at(1), 'sessao:3', prices);
  t.match(entries, [
    { idempotencyKey: 'sessao:3:llm:1:0', of: 'text_in', costMicroUsd: 70, purpose: 'hedge', interactionId: 7 },
    { idempotencyKey: 'sessao:3:llm:1:1', of: 'text_out', costMicroUsd: 20, priceVersion: 'v1' },
  ]);
  t.equal(entries.length, 2);
});
