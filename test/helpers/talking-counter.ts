import type { Test } from 'tap';
import { BlockPool } from '../../core/audio/ring.ts';
import type {
  SessionDeps,
  SessionOptions,
  Transcriber,
  TranscriberEvents,
  UtteranceFeed,
} from '../../core/counter/deps.ts';
import { LoadSampler } from '../../core/counter/load.ts';
import type { CounterEvents } from '../../core/counter/observer.ts';
import { Observer } from '../../core/counter/observer.ts';
import { Conversation } from '../../core/counter/session.ts';
import { loadPharmacyData } from '../../core/pharmacy/data.ts';
import type { Recommendation } from '../../core/pharmacy/recommend.ts';
import { loadPrivacyData } from '../../core/privacy/data.ts';
import { Masker, NO_CLIENT_WORDS } from '../../core/privacy/mask.ts';
import { Places } from '../../core/runtime/places.ts';
import type { SttOutcome } from '../../core/runtime/types.ts';
import type { Interaction, JournalEntry } from '../../core/store/interaction.ts';
import { loudnessVad, toInt16 } from './ear.ts';
import { ManualClock } from './manual-clock.ts';
import { keptLog } from './provider.ts';

const pharmacy = loadPharmacyData();
const privacy = loadPrivacyData();
const TEN_WORDS = 'bom dia estou com muita dor de cabeça desde ontem';

export interface TalkingOptions extends Partial<SessionOptions> {
  /** What is heard in a segment; `null`: the test answers by hand. */
  hears?: (segment: number) => string | null;
  /** Answers the model's turn; default: at once, one item. */
  recommends?: () => Promise<Recommendation>;
  /** Transcribes; default: `hears`. */
  transcriber?: (events: TranscriberEvents) => Transcriber;
  clock?: ManualClock;
  /** Refuses an entry by throwing; default: the disk takes everything. */
  disk?: (entry: JournalEntry) => void | Promise<void>;
}

function nobodyRoutes(): never {
  throw new Error('nobody routes here');
}

/** One conversation on a clock that goes when told, with vendors, model, disk and socket in the test's hands. */
export function talkingCounter(t: Pick<Test, 'teardown'>, options: TalkingOptions = {}) {
  const { hears = () => TEN_WORDS, recommends = async () => oneItem(), disk = () => {}, ...rest } = options;
  const { clock = new ManualClock(), transcriber = byHand, ...session } = rest;
  const observer = new Observer();
  const log = keptLog();
  const load = new LoadSampler();
  t.teardown(() => load.close());
  const entries: JournalEntry[] = [];
  const feeds = new Map<number, { pcm: number[]; answer: (outcome: SttOutcome) => void }>();
  const transport = socket();
  const cards: CounterEvents['card'][0][] = [];
  observer.on('card', (card) => cards.push(card));
  const vad = loudnessVad();
  let frames = 0;
  const open = vad.vad.open.bind(vad.vad);
  vad.vad.open = (onResult) => {
    const stream = open(onResult);
    const push = stream.push.bind(stream);
    stream.push = (frame, seq) => {
      frames += 1;
      push(frame, seq);
    };
    return stream;
  };
  let asked = 0;
  let lastId = 0;
  const deps: SessionDeps = {
    clock,
    log,
    observer,
    load,
    ffmpegPath: null,
    earPool: new BlockPool(),
    environmentVad: {},
    follow: (identity) => ({
      identity,
      effective: nobodyRoutes,
      ear: {
        vad: { address: 'vad/loudness', instance: vad.vad, capabilities: vad.capabilities },
        fallbackVad: null,
        cleaner: null,
        cleanerFor: { vad: false, stt: false },
      },
      take: nobodyRoutes,
      tags: () => [],
      places: new Places(clock, Number.POSITIVE_INFINITY),
      leave: () => {},
    }),
    createTranscriber: (_config, events) => transcriber(events),
    recommend: () => {
      asked += 1;
      return recommends();
    },
    filters: () => pharmacy.filters,
    masker: () => new Masker(privacy, () => NO_CLIENT_WORDS),
    nextId: () => ++lastId,
    keepAudio: async () => {},
    append: async (entry) => {
      await disk(entry);
      entries.push(entry);
    },
    prices: { version: '2026-11-01', costsMicroUsd: (_address, _mode, usage) => usage.map(() => 0) },
    options: { orderWaitMs: 5000, cardMaxAgeMs: 20_000, neverRecommend: false, simulated: false, ...session },
  };
  function byHand(): Transcriber {
    return {
      begin(segment) {
        const pcm: number[] = [];
        const answered = Promise.withResolvers<SttOutcome>();
        feeds.set(segment, { pcm, answer: answered.resolve });
        const feed: UtteranceFeed = {
          push: (samples) => void pcm.push(...samples),
          cancel: () => void feeds.delete(segment),
          end: () => {
            const text = hears(segment);
            if (text !== null) answered.resolve(heardAt(clock, text));
            return answered.promise;
          },
        };
        return { mode: 'segment', feed };
      },
      finish() {},
      async close() {},
    };
  }
  const identity = {
    counterId: 'balcao',
    clientId: 'cliente',
    counterName: 'Caixa',
    keyPrefix: 'bk_teste',
    clientVad: {},
    presetVad: {},
    tags: [],
    revision: 2,
  };
  const conversation = new Conversation(deps, identity, { protocol: 1, vad: {} }, transport);
  return {
    clock,
    log,
    observer,
    entries,
    cards,
    feeds,
    transport,
    conversation,
    asked: () => asked,
    /** Frames that a detector was given. */
    vadFrames: () => frames,
    answer: (segment: number, text: string, more: Partial<SttOutcome> = {}) =>
      feeds.get(segment)?.answer(heardAt(clock, text, more)),
    /** Sends `pcm` as a device does: in pieces of `chunkMs`, as fast as it is spoken. */
    async says(pcm: Float32Array, chunkMs = 250): Promise<void> {
      const bytes = bytesOf(pcm);
      for (let at = 0; at < bytes.length; at += chunkMs * 32) {
        conversation.audio(bytes.subarray(at, at + chunkMs * 32));
        await clock.advance(chunkMs);
      }
    },
    /** The rows as the database would have them, in the order written. */
    rows(): Partial<Interaction>[] {
      const rows = new Map<number, Partial<Interaction>>();
      for (const entry of entries) {
        if (entry.type === 'interaction') rows.set(entry.interaction.id, { ...entry.interaction });
        const row = 'interactionId' in entry ? rows.get(entry.interactionId) : undefined;
        if (row && entry.type === 'patch') Object.assign(row, entry.fields);
        if (row && entry.type === 'sent') row.tsClientSent = entry.at;
      }
      return [...rows.values()];
    },
  };
}

/** Signed 16-bit little-endian. */
export function bytesOf(pcm: Float32Array): Buffer {
  return Buffer.from(Int16Array.from(toInt16(pcm)).buffer);
}

/** A counter's socket that keeps what it was given. `isOpen` false: the peer is gone. */
function socket() {
  return {
    isOpen: true,
    sent: [] as Record<string, unknown>[],
    closed: [] as string[],
    pauses: 0,
    resumes: 0,
    send(message: object): boolean {
      if (this.isOpen) this.sent.push(message as Record<string, unknown>);
      return this.isOpen;
    },
    close(code: number, reason: string): void {
      this.closed.push(`${code} ${reason}`);
    },
    pause(): void {
      this.pauses += 1;
    },
    resume(): void {
      this.resumes += 1;
    },
  };
}

/** An answer of a vendor, now. */
export function heardAt(clock: ManualClock, text: string, more: Partial<SttOutcome> = {}): SttOutcome {
  return {
    status: text === '' ? 'empty' : 'answered',
    transcript: { text, language: 'pt-BR', model: 'm' },
    address: 'stt/a',
    vendor: 'a',
    decision: { rule: 'teste', version: 0, mode: 'segment', candidates: ['stt/a'], rejected: [] },
    attempts: [],
    sentAt: clock.date(),
    sentAtMs: clock.now(),
    readyAt: clock.date(),
    readyAtMs: clock.now(),
    lostMs: 0,
    costMicroUsd: 0,
    ...more,
  };
}

/** A recommendation of one item, without a medicine. */
export function oneItem(more: Partial<Recommendation> = {}): Recommendation {
  return {
    items: [
      { productId: 1, name: 'Soro fisiológico', explanation: 'Limpa o nariz.', tag: 'nariz_sinus', medicine: false },
    ],
    source: 'llm',
    confidence: 'alta',
    raw: '{}',
    normalized: 'SINT: nariz | OUTRO',
    classification: null,
    candidates: [],
    gate: [],
    promptVersion: 'p',
    listVersion: 'l',
    attempts: [],
    costMicroUsd: 0,
    tsAiRequest: null,
    tsAiResponse: null,
    evidence: [],
    basis: null,
    ...more,
  };
}
