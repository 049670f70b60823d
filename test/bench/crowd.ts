import type { CardSeen, Observer, UtteranceSeen } from '../../core/counter/observer.ts';
import { spokenUntil } from '../helpers/talk.ts';

/** What a counter does in a round: it listens, is spoken to, and every so many rounds there is a card. */
const ROUND_MS = 8000;
const SPEAKING_FROM_MS = 4000;
const PARTIALS_PER_S = 3;
const CARD_EVERY = 2.5;
const STEP_MS = 50;

const SAID = spokenUntil(120_000)
  .map(({ text }) => text)
  .filter((text) => text.length > 20);

interface Counter {
  who: { sessionId: string; counterId: string; clientId: string };
  name: string;
  /** Simulated. */
  atMs: number;
  round: number;
  partials: number;
  cards: number;
}

/** Many counters that talk at the pace of real ones: they tell an observer what sessions would. No audio, no vendor, no row. */
export class Crowd {
  readonly #observer: Observer;
  readonly #counters: Counter[];
  #timer: ReturnType<typeof setInterval> | undefined;
  #lastId = 1_000_000;
  /** What was told so far. */
  readonly told = { partials: 0, utterances: 0, cards: 0, states: 0 };

  constructor(observer: Observer, n: number, clientId: string) {
    this.#observer = observer;
    this.#counters = Array.from({ length: n }, (_, index) => ({
      who: { sessionId: `s${index}`, counterId: `balcao-${index}`, clientId },
      name: `Caixa ${index + 1}`,
      // Not all at the same moment.
      atMs: (index / n) * ROUND_MS,
      round: index % 5,
      partials: 0,
      cards: 0,
    }));
  }

  open(): void {
    for (const { who, name } of this.#counters)
      this.#observer.emit('opened', { ...who, counterName: name, protocol: 2 });
  }

  /** `speed` 1: real time. */
  talk(speed: number): void {
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      const aheadMs = (now - last) * speed;
      last = now;
      for (const counter of this.#counters) this.#advance(counter, aheadMs);
    }, STEP_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #advance(counter: Counter, ms: number): void {
    const before = counter.atMs;
    counter.atMs += ms;
    if (before < SPEAKING_FROM_MS && counter.atMs >= SPEAKING_FROM_MS) this.#state(counter, 'speaking');
    const due = Math.floor(((counter.atMs - SPEAKING_FROM_MS) / 1000) * PARTIALS_PER_S);
    if (due > counter.partials) {
      counter.partials = due;
      this.#partial(counter);
    }
    if (counter.atMs < ROUND_MS) return;
    counter.atMs -= ROUND_MS;
    counter.partials = 0;
    this.#state(counter, 'listening');
    this.#utterance(counter);
    counter.round++;
  }

  #state({ who }: Counter, state: 'speaking' | 'listening'): void {
    this.told.states++;
    this.#observer.emit('state', { ...who, state });
  }

  #partial({ who, round, partials }: Counter): void {
    this.told.partials++;
    const text = textOf(round)
      .split(' ')
      .slice(0, partials + 1)
      .join(' ');
    this.#observer.emit('partial', { ...who, segment: round, text });
  }

  #utterance(counter: Counter): void {
    const { who, round } = counter;
    const interactionId = ++this.#lastId;
    this.told.utterances++;
    this.#observer.emit('utterance', { ...who, interactionId, ...utteranceOf(round) } as UtteranceSeen);
    const due = Math.floor(round / CARD_EVERY);
    if (due <= counter.cards) return;
    counter.cards = due;
    this.told.cards++;
    this.#observer.emit('card', { ...who, interactionId, ...cardOf(interactionId, round) } as CardSeen);
  }
}

function textOf(round: number): string {
  return SAID[round % SAID.length] ?? '';
}

function attempt(address: string) {
  const at = new Date().toISOString();
  const figures = { queueMs: 0, durationMs: 640, firstByteMs: 120, replayedMs: 0, costMicroUsd: 210 };
  return {
    address,
    purpose: 'answer',
    mode: 'stream',
    outcome: 'answered',
    startedAt: at,
    usage: [],
    ...figures,
  } as const;
}

/** As a session tells it; of the utterance what the listeners of a process read. */
function utteranceOf(segment: number): object {
  const now = performance.now();
  const rejected = [{ address: 'stt/assemblyai', reason: 'a fala é curta' }];
  const decision = { rule: 'fala-curta', version: 7, mode: 'stream', candidates: ['stt/elevenlabs'], rejected };
  return {
    segment,
    text: textOf(segment),
    rules: [],
    utterance: {
      segment,
      receivedAt: new Date(),
      speechEndAt: new Date(Date.now() - 900),
      cutAtMs: now - 700,
      cutReason: 'silence_end',
      timings: { decodeMs: 6, vadMs: 12 },
      features: { durationMs: 3600, snrDb: 21.5, class: 'fala' },
      startSample: 0,
      endSample: 57_600,
      speechEndSample: 57_600,
    },
    outcome: {
      status: 'answered',
      transcript: null,
      address: 'stt/elevenlabs',
      vendor: 'elevenlabs',
      decision,
      attempts: [attempt('stt/elevenlabs')],
      sentAt: new Date(),
      readyAt: new Date(),
      sentAtMs: now - 700,
      readyAtMs: now,
      lostMs: 0,
      costMicroUsd: 210,
    },
  };
}

function cardOf(interactionId: number, segment: number): object {
  const explicacao = 'Ajuda a aliviar o nariz entupido, com suavidade, e pode ser usado mais de uma vez ao dia.';
  const itens = ['Solução nasal salina em spray', 'Soro fisiológico 0,9%', 'Vitamina C 1 g'].map((sugestao) => ({
    sugestao,
    explicacao,
    tag: 'nariz_sinus',
  }));
  const gate = itens.map(({ sugestao }, index) => ({
    rule: 'venda_livre',
    ruleId: `nm-nariz-${index}`,
    listVersion: '2026-11-01',
    allowed: index < 2,
    reason: 'não medicamento, grupo nm-nariz-higiene',
    candidateId: index,
    name: sugestao,
  }));
  return {
    segments: [segment],
    card: { comando: 'recomendar', itens, confianca: 'alta', interacao_id: interactionId },
    delivery: 'enviado',
    source: 'modelo',
    reason: explicacao,
    gate,
    waterfall: { hangOver: 900, decode: 6, vad: 12, stt: 320, context: 15, llm: 900, gate: 1, sent: 2 },
    attempts: [attempt('llm/xai')],
    costMicroUsd: 800,
  };
}
