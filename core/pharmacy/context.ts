import { spokenWords } from './text.ts';

/** The figures of protocol.md §3. Gaps are in audio time, `sendAfterMs` on the monotonic clock. */
export interface ContextRules {
  /** Words gathered at which the context is sent. */
  wordsToSend: number;
  /** Milliseconds after the last send at which waiting text is sent. */
  sendAfterMs: number;
  /** After a gap above this, an utterance of more than `resumeWords` words is sent at once. */
  resumeGapMs: number;
  resumeWords: number;
  /** A gap above this ends the conversation; an utterance of at most `strayWords` words after it is dropped. */
  conversationGapMs: number;
  strayWords: number;
  /** An utterance of one word of at most so many letters counts no word. */
  fillerLetters: number;
}

export const DEFAULT_CONTEXT_RULES: ContextRules = {
  wordsToSend: 10,
  sendAfterMs: 5000,
  resumeGapMs: 5000,
  resumeWords: 3,
  conversationGapMs: 45_000,
  strayWords: 2,
  fillerLetters: 4,
};

/** One utterance's text after the filters; times are audio time in milliseconds from the session's first sample. */
export interface ContextUtterance {
  segment: number;
  text: string;
  startMs: number;
  endMs: number;
  /** Folded words the recogniser was not sure of. */
  doubtful?: readonly string[];
}

/** Which rule decided, stored and tested by name. */
export type ContextRule =
  | 'vazio'
  | 'trecho_curto_apos_pausa_longa'
  | 'chamada_em_curso'
  | 'palavras_reunidas'
  | 'retomada_apos_pausa'
  | 'tempo_desde_o_envio'
  | 'aguarda';

export interface Applied {
  action: 'wait' | 'send' | 'drop';
  rule: ContextRule;
  /** A gap ended the conversation before this utterance. */
  newConversation: boolean;
}

/** What one model call is about. */
export interface Taken {
  text: string;
  /** In the order spoken; the last one's row carries the result. */
  segments: number[];
  /** Earlier turns of the same conversation, oldest first. */
  history: string[];
  /** Folded words of these that the recogniser was not sure of. */
  doubtful: string[];
  /** Audio time at which the newest words ended. */
  newestEndMs: number;
  /** Compare with {@link ConversationContext.conversation} before a card is sent. */
  conversation: number;
}

interface Turn {
  segment: number;
  text: string;
}

interface WaitingTurn extends Turn {
  words: number;
  endMs: number;
  doubtful?: readonly string[];
}

/** A context as plain data, for another process to go on with. Ages are milliseconds before it was saved. */
export interface SavedContext {
  conversation: number;
  boundaryMs: number | null;
  previousEndMs: number | null;
  /** What a call under way was about is waiting again: nobody knows whether it will be answered. */
  waiting: WaitingTurn[];
  history: Turn[];
  urgent: ContextRule | null;
  lastSendAgoMs: number | null;
  waitingAgoMs: number;
}

/** Bounds of what is kept, in characters; beyond them the oldest goes. */
const MAX_WAITING_CHARACTERS = 8000;
const MAX_HISTORY_CHARACTERS = 4000;
/** Doubtful words kept of one utterance. */
const MAX_DOUBTFUL = 100;

/** Words an utterance counts for: a lone filler (`não`, `tá`, `oi`) none, though it stays in the text. */
export function countedWords(text: string, fillerLetters = DEFAULT_CONTEXT_RULES.fillerLetters): number {
  const words = spokenWords(text);
  if (words.length !== 1) return words.length;
  const letters = words[0]?.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  return letters <= fillerLetters ? 0 : 1;
}

/**
 * One conversation's gathered words, and when they go to the model. Holds no timer and no clock: the session calls
 * {@link apply} as utterances are applied, arms a timer for {@link dueAtMs}, and brackets each model call with
 * {@link take} and {@link release}, so that at most one is in flight and text that comes meanwhile waits for it.
 */
export class ConversationContext {
  readonly #rules: ContextRules;
  #waiting: WaitingTurn[] = [];
  /** What the call in flight is about. */
  #taken: WaitingTurn[] = [];
  #history: Turn[] = [];
  #conversation = 1;
  /** Utterances that end before this belong to the conversation before. */
  #boundaryMs = Number.NEGATIVE_INFINITY;
  #previousEndMs: number | null = null;
  #lastSendMs: number | null = null;
  #waitingSinceMs = 0;
  #urgent: ContextRule | null = null;
  #inFlight = false;

  constructor(rules: Partial<ContextRules> = {}) {
    this.#rules = { ...DEFAULT_CONTEXT_RULES, ...rules };
  }

  /** Goes on where another context was saved, `agoMs` before `nowMs`. */
  restore(saved: SavedContext, nowMs: number, agoMs: number): void {
    this.#conversation = saved.conversation;
    this.#boundaryMs = saved.boundaryMs ?? Number.NEGATIVE_INFINITY;
    this.#previousEndMs = saved.previousEndMs;
    this.#waiting = [...saved.waiting];
    this.#history = [...saved.history];
    this.#urgent = saved.urgent;
    this.#lastSendMs = saved.lastSendAgoMs === null ? null : nowMs - agoMs - saved.lastSendAgoMs;
    this.#waitingSinceMs = nowMs - agoMs - saved.waitingAgoMs;
  }

  save(nowMs: number): SavedContext {
    const taken = new Set(this.#taken.map(({ segment }) => segment));
    return {
      conversation: this.#conversation,
      boundaryMs: Number.isFinite(this.#boundaryMs) ? this.#boundaryMs : null,
      previousEndMs: this.#previousEndMs,
      waiting: [...this.#taken, ...this.#waiting],
      history: this.#history.filter(({ segment }) => !taken.has(segment)),
      urgent: this.#urgent,
      lastSendAgoMs: this.#lastSendMs === null ? null : nowMs - this.#lastSendMs,
      waitingAgoMs: nowMs - this.#waitingSinceMs,
    };
  }

  /** A call that another process made was about these, as `text`: they wait no more. */
  sent(segments: readonly number[], text: string): void {
    const newest = segments.at(-1);
    if (newest === undefined) return;
    this.#waiting = this.#waiting.filter(({ segment }) => !segments.includes(segment));
    this.#remember({ segment: newest, text });
  }

  /** Counts up at each boundary: a card of an earlier number must not be shown. */
  get conversation(): number {
    return this.#conversation;
  }

  /** Takes in the next utterance in the order spoken. `nowMs`: monotonic clock. */
  apply(utterance: ContextUtterance, nowMs: number): Applied {
    const words = countedWords(utterance.text, this.#rules.fillerLetters);
    if (words === 0 && utterance.text.trim() === '') return { action: 'wait', rule: 'vazio', newConversation: false };
    const gapMs = this.#previousEndMs === null ? 0 : utterance.startMs - this.#previousEndMs;
    const newConversation = gapMs > this.#rules.conversationGapMs;
    if (newConversation) this.#startConversation(utterance.startMs);
    this.#previousEndMs = Math.max(this.#previousEndMs ?? utterance.endMs, utterance.endMs);
    if (newConversation && words <= this.#rules.strayWords) {
      return { action: 'drop', rule: 'trecho_curto_apos_pausa_longa', newConversation };
    }
    this.#wait(utterance, words, nowMs);
    if (gapMs > this.#rules.resumeGapMs && words > this.#rules.resumeWords) this.#urgent = 'retomada_apos_pausa';
    return { ...this.#evaluate(nowMs), newConversation };
  }

  /** Monotonic time at which {@link onTimer} has something to do; null while nothing waits or a call is in flight. */
  dueAtMs(): number | null {
    if (this.#inFlight || this.#waiting.length === 0) return null;
    return this.#reason() ? this.#waitingSinceMs : (this.#lastSendMs ?? this.#waitingSinceMs) + this.#rules.sendAfterMs;
  }

  /** The timer of {@link dueAtMs} fired. */
  onTimer(nowMs: number): Applied {
    if (this.#waiting.length === 0) return { action: 'wait', rule: 'vazio', newConversation: false };
    return { ...this.#evaluate(nowMs), newConversation: false };
  }

  /** Begins a model call with all that waits; null when nothing does or a call is already in flight. */
  take(nowMs: number): Taken | null {
    const newest = this.#waiting.at(-1);
    if (this.#inFlight || !newest) return null;
    const taken: Taken = {
      text: this.#waiting.map((turn) => turn.text).join(' '),
      segments: this.#waiting.map((turn) => turn.segment),
      history: this.#history.filter((turn) => turn.segment < newest.segment).map((turn) => turn.text),
      doubtful: [...new Set(this.#waiting.flatMap((turn) => turn.doubtful ?? []))],
      newestEndMs: newest.endMs,
      conversation: this.#conversation,
    };
    for (const { segment, text } of this.#waiting) this.#remember({ segment, text });
    this.#taken = this.#waiting;
    this.#waiting = [];
    this.#urgent = null;
    this.#lastSendMs = nowMs;
    this.#inFlight = true;
    return taken;
  }

  /** The model call ended, however it ended. */
  release(): void {
    this.#inFlight = false;
    this.#taken = [];
  }

  /**
   * An utterance whose answer came after later ones were applied: joins the history at its place, triggers nothing.
   * One from before the conversation's boundary is left out.
   */
  addLate(utterance: ContextUtterance): void {
    if (utterance.text.trim() === '' || utterance.endMs <= this.#boundaryMs) return;
    this.#remember({ segment: utterance.segment, text: utterance.text });
  }

  /** What waited belongs to people who have left: a card about it could not be shown, so it is not asked for either. */
  #startConversation(startMs: number): void {
    this.#taken = [];
    this.#boundaryMs = ((this.#previousEndMs ?? startMs) + startMs) / 2;
    this.#conversation += 1;
    this.#waiting = [];
    this.#history = [];
    this.#urgent = null;
  }

  #wait({ segment, text, endMs, doubtful = [] }: ContextUtterance, words: number, nowMs: number): void {
    if (this.#waiting.length === 0) this.#waitingSinceMs = nowMs;
    const doubted = doubtful.length > 0 ? { doubtful: doubtful.slice(0, MAX_DOUBTFUL) } : {};
    this.#waiting.push({ segment, text: text.trim(), words, endMs, ...doubted });
    let characters = this.#waiting.reduce((sum, turn) => sum + turn.text.length, 0);
    while (characters > MAX_WAITING_CHARACTERS && this.#waiting.length > 1) {
      const oldest = this.#waiting.shift();
      if (!oldest) return;
      characters -= oldest.text.length;
      this.#remember(oldest);
    }
  }

  #evaluate(nowMs: number): { action: 'wait' | 'send'; rule: ContextRule } {
    if (this.#inFlight) return { action: 'wait', rule: 'chamada_em_curso' };
    const reason = this.#reason();
    if (reason) return { action: 'send', rule: reason };
    if (nowMs - (this.#lastSendMs ?? this.#waitingSinceMs) >= this.#rules.sendAfterMs) {
      return { action: 'send', rule: 'tempo_desde_o_envio' };
    }
    return { action: 'wait', rule: 'aguarda' };
  }

  #reason(): ContextRule | null {
    const words = this.#waiting.reduce((sum, turn) => sum + turn.words, 0);
    return words >= this.#rules.wordsToSend ? 'palavras_reunidas' : this.#urgent;
  }

  #remember(turn: Turn): void {
    const at = this.#history.findLastIndex((each) => each.segment < turn.segment) + 1;
    this.#history.splice(at, 0, { segment: turn.segment, text: turn.text });
    let characters = this.#history.reduce((sum, each) => sum + each.text.length, 0);
    while (characters > MAX_HISTORY_CHARACTERS && this.#history.length > 1) {
      characters -= this.#history.shift()?.text.length ?? 0;
    }
  }
}
