import type { Clock } from '../contracts/index.ts';
import type { CardSeen } from './observer.ts';
import type { CounterTransport } from './types.ts';

/** A card that the device has not said it received. */
export interface PendingCard {
  interactionId: number;
  message: Record<string, unknown>;
  /** Wall clock, in milliseconds, at which the newest words it rests on ended. */
  spokenAtMs: number;
  /** Of the context it rests on. */
  conversation: number;
  isSent: boolean;
}

/** Cards kept for a device that acknowledges none. */
const MOST = 4;

/**
 * Cards on their way to a device. In protocol 2 each is kept until the device says it received it, and sent again to its
 * next connection; never one that is too old by then, or of another conversation: nobody shows one customer's need to
 * the next.
 */
export class Cards {
  readonly #transport: CounterTransport;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #isKept: boolean;
  readonly #onChange: () => void;
  readonly #onLateSent: (interactionId: number) => void;
  #pending: PendingCard[] = [];

  /** `onLateSent`: a card that could not be sent when it was made was sent now, for the first time. */
  constructor(options: {
    transport: CounterTransport;
    protocol: 1 | 2;
    clock: Clock;
    maxAgeMs: number;
    /** What waits has changed. */
    onChange(): void;
    onLateSent(interactionId: number): void;
  }) {
    this.#transport = options.transport;
    this.#clock = options.clock;
    this.#maxAgeMs = options.maxAgeMs;
    this.#isKept = options.protocol === 2;
    this.#onChange = options.onChange;
    this.#onLateSent = options.onLateSent;
  }

  /** Those that wait for the device's word: plain data, for another process to go on with. */
  get pending(): PendingCard[] {
    return this.#pending.map((card) => ({ ...card }));
  }

  /** `spokenAtMs` is on the monotonic clock. */
  deliver(card: {
    interactionId: number;
    message: Record<string, unknown>;
    spokenAtMs: number;
    conversation: number;
  }): CardSeen['delivery'] {
    const isSent = this.#transport.send(card.message);
    if (this.#isKept) {
      const agoMs = this.#clock.now() - card.spokenAtMs;
      this.#pending.push({ ...card, spokenAtMs: this.#clock.date().getTime() - agoMs, isSent });
      if (this.#pending.length > MOST) this.#pending.shift();
      this.#onChange();
    }
    if (isSent) return 'enviado';
    return this.#isKept ? 'aguarda_retomada' : 'balcao_ausente';
  }

  /** The device has it. */
  received(interactionId: number): void {
    this.#pending = this.#pending.filter((card) => card.interactionId !== interactionId);
    this.#onChange();
  }

  /** Goes on with what another process had not been told of. */
  restore(pending: readonly PendingCard[]): void {
    this.#pending = [...pending];
  }

  /** A connection is there again. `conversation`: the one that goes on now. */
  repeat(conversation: number): void {
    const now = this.#clock.date().getTime();
    this.#pending = this.#pending.filter(
      (card) => card.conversation === conversation && now - card.spokenAtMs <= this.#maxAgeMs,
    );
    for (const card of this.#pending) {
      if (!this.#transport.send(card.message)) return;
      if (!card.isSent) this.#onLateSent(card.interactionId);
      card.isSent = true;
    }
  }
}
