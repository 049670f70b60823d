import {
  isProviderError,
  type ProviderError,
  type SttEvent,
  type SttStream,
  type Usage,
} from '../../contracts/index.ts';
import { KitFailure, must } from '../check.ts';
import { type Proof, within } from '../proof.ts';

export type Final = Extract<SttEvent, { type: 'final' }>;

/** The one reader of a stream. */
export class StreamReader {
  /** Everything read so far. */
  readonly events: SttEvent[] = [];
  readonly #proof: Pick<Proof, 'patienceMs'>;
  readonly #iterator: AsyncIterator<SttEvent>;

  constructor(proof: Pick<Proof, 'patienceMs'>, stream: SttStream) {
    this.#proof = proof;
    this.#iterator = stream[Symbol.asyncIterator]();
  }

  /** The next event; undefined at the end. Throws what the iteration throws. */
  async next(what = 'the stream says something or ends'): Promise<SttEvent | undefined> {
    const result = await within(this.#proof, this.#iterator.next(), what);
    if (result.done) return undefined;
    this.events.push(result.value);
    return result.value;
  }

  /** Events up to and with the `done` of `marker`; fails when the stream ends before it. */
  async toDone(marker: number): Promise<SttEvent[]> {
    const from = this.events.length;
    for (;;) {
      const event = await this.next(`finalize(${marker}) is answered by a done`);
      must(event !== undefined, `a done for marker ${marker}, not the end of the stream`);
      if (event.type === 'done' && event.marker === marker) return this.events.slice(from);
    }
  }

  /** Events up to the end; throws what the iteration throws. */
  async toEnd(): Promise<SttEvent[]> {
    const from = this.events.length;
    while ((await this.next('the stream ends')) !== undefined);
    return this.events.slice(from);
  }

  /** Reads and forgets, for as long as the stream lives. */
  async drain(): Promise<void> {
    try {
      while (!(await this.#iterator.next()).done);
    } catch {
      // whether a stream fails is what other checks ask
    }
  }

  /** Reads on until the iteration is over, whether it ends or throws a ProviderError. */
  async over(): Promise<void> {
    try {
      await this.toEnd();
    } catch (error) {
      if (!isProviderError(error)) throw error;
    }
  }

  /** The ProviderError the iteration throws; fails when it ends without one. */
  async failure(): Promise<ProviderError> {
    try {
      await this.toEnd();
    } catch (error) {
      if (isProviderError(error)) return error;
      if (error instanceof KitFailure) throw error;
      throw new KitFailure('the iteration throws a ProviderError, nothing else');
    }
    throw new KitFailure('the iteration throws: what was pushed is not answered, so it is no end');
  }
}

export const finalsOf = (events: readonly SttEvent[]): Final[] => events.filter((event) => event.type === 'final');

/** The utterance's text as the core makes it: its finals, joined. */
export const textOf = (events: readonly SttEvent[]): string =>
  finalsOf(events)
    .map((final) => final.text)
    .join(' ');

export const usageOf = (events: readonly SttEvent[]): Usage[] =>
  events.flatMap((event) => (event.type === 'usage' ? event.usage : []));

export const donesOf = (events: readonly SttEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'done' ? [event.marker] : []));
