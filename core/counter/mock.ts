import type { Clock } from '../contracts/index.ts';
import type { Recommendation } from '../pharmacy/recommend.ts';
import type { SttOutcome } from '../runtime/types.ts';
import type { Transcriber, UtteranceFeed } from './deps.ts';

/** Simulated latency of one vendor call, in milliseconds. */
export interface MockLatency {
  minMs: number;
  maxMs: number;
}

const LABEL = '[SIMULADO]';
const SAID = `${LABEL} Bom dia, estou gripado e muito cansado, o que o senhor tem para me ajudar hoje?`;

/** `mock_status` of a row whose voice was simulated, and perhaps its card too. */
export function mockStatus(isCardSimulated: boolean): string {
  return JSON.stringify({ voz: true, recomendacao: isCardSimulated });
}

/** Waits as a vendor would. */
function delay(clock: Clock, random: () => number, latency: MockLatency): Promise<void> {
  const ms = latency.minMs + random() * Math.max(0, latency.maxMs - latency.minMs);
  return new Promise((done) => clock.after(ms, done));
}

/** `MOCK_VOICE`: every utterance is "heard" as one labelled sentence; no vendor is called. */
export function mockTranscriber(clock: Clock, random: () => number, latency: MockLatency): Transcriber {
  return {
    begin: () => ({ mode: 'segment', feed: mockFeed(clock, random, latency) }),
    finish: () => {},
    close: async () => {},
  };
}

function mockFeed(clock: Clock, random: () => number, latency: MockLatency): UtteranceFeed {
  return {
    push: () => {},
    cancel: () => {},
    end: async (): Promise<SttOutcome> => {
      const sentAt = clock.date();
      const sentAtMs = clock.now();
      await delay(clock, random, latency);
      return {
        status: 'answered',
        transcript: { text: SAID, language: 'pt-BR', model: 'simulado' },
        address: null,
        vendor: 'simulado',
        decision: { rule: 'MOCK_VOICE', version: 0, mode: 'segment', candidates: [], rejected: [] },
        attempts: [],
        sentAt,
        sentAtMs,
        readyAt: clock.date(),
        readyAtMs: clock.now(),
        lostMs: 0,
        costMicroUsd: 0,
      };
    },
  };
}

/** `MOCK_MODE`: a labelled card, for people who integrate a device. */
export async function mockRecommendation(
  clock: Clock,
  random: () => number,
  latency: MockLatency,
): Promise<Recommendation> {
  const tsAiRequest = clock.date();
  await delay(clock, random, latency);
  return {
    items: [
      {
        productId: null,
        name: `${LABEL} Vitamina C 1g`,
        explanation: 'Cartão de teste: nenhuma voz foi transcrita e nenhum modelo foi chamado.',
        tag: 'vitaminas_minerais',
        medicine: false,
      },
    ],
    source: 'simulado',
    confidence: 'baixa',
    raw: null,
    normalized: null,
    classification: null,
    candidates: [],
    gate: [],
    promptVersion: null,
    listVersion: null,
    attempts: [],
    costMicroUsd: 0,
    tsAiRequest,
    tsAiResponse: clock.date(),
    evidence: [],
    basis: null,
  };
}
