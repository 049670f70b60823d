import type { BlockPool as EarPool } from '../audio/ring.ts';
import type { VadSettings } from '../audio/settings.ts';
import type { Utterance } from '../audio/types.ts';
import type { Clock, Log } from '../contracts/index.ts';
import type { TranscriptFilters } from '../pharmacy/filters.ts';
import type { Recommendation, RecommendInput } from '../pharmacy/recommend.ts';
import type { Masker } from '../privacy/mask.ts';
import type { Effective } from '../routing/types.ts';
import type { Places } from '../runtime/places.ts';
import type { PriceBook } from '../runtime/prices.ts';
import type { Candidate, SttOutcome, UtteranceFacts } from '../runtime/types.ts';
import type { AudioOf } from '../store/audio-files.ts';
import type { JournalEntry } from '../store/interaction.ts';
import type { Tuning } from './counter-watch.ts';
import type { EarParts } from './ears.ts';
import type { LoadSampler } from './load.ts';
import type { Observer } from './observer.ts';
import type { CounterIdentity } from './types.ts';

/** A VAD or cleaner with what its manifest says of it. */
export interface Elected<I, C> {
  address: string;
  instance: I;
  capabilities: C;
  /** As its health is kept; absent where nothing loaded. */
  candidate?: Candidate;
}

/** One utterance on its way to text. */
export interface UtteranceFeed {
  /** Borrowed until return. */
  push(pcm: Int16Array): void;
  cancel(): void;
  /** Never rejects for what a vendor did: that is in the outcome. `utterance`: where somebody looks for its voice. */
  end(facts: UtteranceFacts, utterance?: Utterance): Promise<SttOutcome>;
}

/** Turns one session's utterances into text: the runtime's runner, or the simulation of `MOCK_VOICE`. */
export interface Transcriber {
  /** Speech began; `mode` says how it is cut. */
  begin(segment: number): { mode: 'segment' | 'stream'; feed: UtteranceFeed };
  /** The session ends: what cannot be answered now is not tried for ever. Call before waiting for the last outcomes. */
  finish(): void;
  close(): Promise<void>;
}

export interface TranscriberEvents {
  partial(segment: number, text: string): void;
  /**
   * Speech goes on, and the text up to `cut.through` is final; both are samples of the utterance. Whoever ends it there
   * begins the next one before this returns, and that one's sound begins at `cut.from`.
   */
  finalThrough(segment: number, cut: { through: number; from: number }): void;
}

/** The configuration as it holds for one session's counter, whenever it is asked. */
export interface CounterConfig {
  identity: CounterIdentity;
  /** What holds now. */
  effective(): Effective;
  /** The same, for an utterance, asked at its start and at its end: a change is in force at the next one. */
  take(): Effective;
  /** What it hears with, for as long as the session lasts. */
  ear: EarParts;
  /** What rules know the counter by. */
  tags(): readonly string[];
  /** What its client's utterances in flight are counted by. */
  places: Pick<Places, 'take'>;
  /** The session is over. */
  leave(): void;
}

/** What a conversation needs of the rest of the house; made once per process, shared by its sessions. */
export interface SessionDeps {
  clock: Clock;
  log: Log;
  observer: Observer;
  load: LoadSampler;
  /** Decodes the formats that are not decoded in process; null: they are refused. */
  ffmpegPath: string | null;
  /** Memory of the ears: a counter that falls silent lends its own on. */
  earPool: EarPool;
  /** Environment layer of the listening settings. */
  environmentVad: Partial<VadSettings>;
  /** A session begins to follow its counter's configuration; `onTuned`: an admin changed how it listens. */
  follow(identity: CounterIdentity, onTuned: (tuning: Tuning) => void): CounterConfig;
  createTranscriber(config: CounterConfig, events: TranscriberEvents): Transcriber;
  recommend(input: RecommendInput): Promise<Recommendation>;
  filters(clientId: string): TranscriptFilters;
  /** What keeps the people of one conversation out of its texts. */
  masker(clientId: string): Masker;
  nextId(): number;
  /** Stores an utterance's sound, where its client keeps voices. */
  keepAudio(row: AudioOf & { clientId: string }, outcome: Pick<SttOutcome, 'sound'>): Promise<void>;
  /** Resolves when the entry is on disk. */
  append(entry: JournalEntry): Promise<void>;
  /** What billed things cost, and by which list. */
  prices: Pick<PriceBook, 'version' | 'costsMicroUsd'>;
  options: SessionOptions;
}

export interface SessionOptions {
  /** Default 5 s: how long an unanswered utterance holds back those behind it. */
  orderWaitMs: number;
  /** Default 20 s: a card whose newest words are older is stored and not sent. */
  cardMaxAgeMs: number;
  /** Listen and transcribe, never call the model (`MOCK_RECOMMENDATION`). */
  neverRecommend: boolean;
  /** Transcripts and cards are simulated and say so: rows are `mock_voice`. */
  simulated: boolean;
}
