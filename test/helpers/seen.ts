import type { CardSeen, CounterEvents, Observer, UtteranceSeen } from '../../core/counter/observer.ts';

/** Longest a test waits for something to happen before it says what did happen. */
const PATIENCE_MS = 20_000;

/** Everything an observer tells, kept, and a way to wait for it. */
export class Seen {
  readonly utterances: UtteranceSeen[] = [];
  readonly cards: CardSeen[] = [];
  readonly partials: CounterEvents['partial'][0][] = [];
  readonly lost: CounterEvents['lost'][0][] = [];
  readonly formats: string[] = [];
  /** Sessions that are over: their last row is in the journal. */
  closed = 0;
  opened = 0;
  #waiting: { holds: () => boolean; done: () => void }[] = [];

  constructor(observer: Observer) {
    observer.setMaxListeners(0); // a test file may look at one house many times
    const keep = <E>(list: E[]) => {
      return (event: E) => {
        list.push(event);
        this.#look();
      };
    };
    observer.on('utterance', keep(this.utterances));
    observer.on('card', keep(this.cards));
    observer.on('partial', keep(this.partials));
    observer.on('lost', keep(this.lost));
    observer.on('format', ({ format }) => keep(this.formats)(format));
    observer.on('opened', () => {
      this.opened++;
      this.#look();
    });
    observer.on('closed', () => {
      this.closed++;
      this.#look();
    });
  }

  /** Resolves when `holds`, looked at after each event; rejects, saying what was seen, when it never does. */
  until(holds: (seen: this) => boolean): Promise<void> {
    if (holds(this)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const entry = { holds: () => holds(this), done: resolve };
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((each) => each !== entry);
        reject(new Error(`never came: ${holds}\nseen: ${this.#summary()}`));
      }, PATIENCE_MS);
      entry.done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.push(entry);
    });
  }

  /** What the utterances say, in the order spoken (of one counter). */
  get text(): string {
    return inOrder(this.utterances)
      .map(({ text }) => text)
      .filter((text) => text !== '')
      .join(' ');
  }

  #look(): void {
    const met = this.#waiting.filter(({ holds }) => holds());
    this.#waiting = this.#waiting.filter((each) => !met.includes(each));
    for (const { done } of met) done();
  }

  #summary(): string {
    const { opened, closed, formats } = this;
    const utterances = this.utterances.map(
      ({ segment, text, utterance, outcome }) => `${segment} ${utterance.cutReason} ${outcome.status} "${text}"`,
    );
    const cards = this.cards.map(({ segments, delivery, source }) => `${segments} ${delivery} ${source}`);
    return JSON.stringify({ opened, closed, formats, utterances, cards, lost: this.lost.length }, null, 1);
  }
}

export function inOrder(utterances: readonly UtteranceSeen[]): UtteranceSeen[] {
  return [...utterances].sort((a, b) => a.segment - b.segment);
}
