import type { Turn } from './wire.ts';

/** Ended turns that wait for one before them. Reached only when the vendor skips a number: then order is given up. */
const MAX_WAITING = 16;

/**
 * Turns in the order they were spoken, each once. The vendor numbers them from 0; an ended one may come twice (a formatted copy),
 * or before its neighbour.
 */
export class TurnOrder {
  readonly #onEnded: (turn: Turn) => void;
  readonly #ended = new Map<number, Turn>();
  #next = 0;
  #open: Turn | undefined;

  constructor(onEnded: (turn: Turn) => void) {
    this.#onEnded = onEnded;
  }

  /** False for a turn that was ended before. */
  add(turn: Turn, isEnded: boolean): boolean {
    const order = turn.turn_order;
    if (order < this.#next || this.#ended.has(order)) return false;
    if (!isEnded) {
      this.#open = turn;
      return true;
    }
    this.#ended.set(order, turn);
    this.#tell();
    if (this.#ended.size > MAX_WAITING) this.#tellAll();
    return true;
  }

  /** The session is over: whatever is left is told, the unfinished turn last. */
  flush(): void {
    const open = this.#open;
    const isUntold = open && open.turn_order >= this.#next && !this.#ended.has(open.turn_order);
    if (isUntold) this.#ended.set(open.turn_order, open);
    this.#open = undefined;
    this.#tellAll();
  }

  #tell(): void {
    for (let turn = this.#due(); turn; turn = this.#due()) {
      this.#ended.delete(turn.turn_order);
      this.#next = turn.turn_order + 1;
      this.#onEnded(turn);
    }
  }

  #tellAll(): void {
    const orders = [...this.#ended.keys()].sort((a, b) => a - b);
    for (const order of orders) {
      if (this.#ended.has(order)) this.#next = order;
      this.#tell();
    }
  }

  #due(): Turn | undefined {
    return this.#ended.get(this.#next);
  }
}
