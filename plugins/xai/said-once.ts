import type { Word } from '../../core/contracts/index.ts';

/** A piece of final text with the audio it stands for. */
export interface Piece {
  text: string;
  words: Word[];
  startMs: number;
  endMs: number;
}

/** The vendor's seconds are rounded: so much overlap is none. */
const TOLERANCE_MS = 60;

/**
 * Lets every word through once. The vendor locks text every three seconds, gives the utterance again, whole, when it
 * ends, and once more as the stream's transcript; and the same message may come twice.
 */
export class SaidOnce {
  readonly #ranges: [startMs: number, endMs: number][] = [];
  readonly #tokens: string[] = [];
  /** Tokens of the utterances that have ended. */
  #ended = 0;

  /** What of `piece` was not let through yet; undefined when it all was. `endsUtterance`: the next text starts anew. */
  take(piece: Piece, endsUtterance: boolean): Piece | undefined {
    const fresh = this.#fresh(piece);
    if (fresh) {
      this.#ranges.push([piece.startMs, piece.endMs]);
      this.#tokens.push(...tokensOf(fresh.text));
    }
    if (endsUtterance) this.#ended = this.#tokens.length;
    return fresh;
  }

  /** `text` without what was let through, whether it starts with the stream or with the utterance; undefined: neither. */
  rest(text: string): string | undefined {
    return after(this.#tokens, text) ?? after(this.#tokens.slice(this.#ended), text);
  }

  #fresh(piece: Piece): Piece | undefined {
    const overlaps = this.#ranges.some(
      ([startMs, endMs]) => startMs < piece.endMs - TOLERANCE_MS && endMs > piece.startMs + TOLERANCE_MS,
    );
    if (!overlaps) return piece;
    if (this.#covers(piece)) return undefined;
    const words = piece.words.filter((word) => !this.#covers(word));
    const text = this.rest(piece.text) ?? (piece.words.length > 0 ? joined(words) : piece.text);
    return text === '' ? undefined : { ...piece, text, words };
  }

  /** Whether every moment of it lies in a range that was let through. */
  #covers({ startMs, endMs }: { startMs: number; endMs: number }): boolean {
    let reachedMs = startMs;
    for (const [from, to] of this.#ranges.toSorted(([left], [right]) => left - right)) {
      if (from <= reachedMs + TOLERANCE_MS && to > reachedMs) reachedMs = to;
    }
    return reachedMs >= endMs - TOLERANCE_MS;
  }
}

/** `text` without the words already `said` at its start; undefined when it starts otherwise. */
function after(said: string[], text: string): string | undefined {
  const spoken = text.trim().split(/\s+/);
  const tokens = spoken.map(bare);
  const starts = said.length <= tokens.length && said.every((token, index) => token === tokens[index]);
  return starts ? spoken.slice(said.length).join(' ') : undefined;
}

function tokensOf(text: string): string[] {
  return text.trim() === '' ? [] : text.trim().split(/\s+/).map(bare);
}

/** Formatting may change when more is known: `dor` is `Dor,` a second later. */
function bare(token: string): string {
  return token.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function joined(words: Word[]): string {
  return words.map((word) => word.text).join(' ');
}
