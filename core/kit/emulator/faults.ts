/**
 * What an emulated vendor can be told to do wrong. HTTP faults hold for every request, WebSocket handshakes included;
 * stream faults for the streams opened while they are set.
 */
export type Fault =
  /** The port is closed: ECONNREFUSED. Open connections are dropped. */
  | { kind: 'refuse' }
  /** Takes the request and never answers. */
  | { kind: 'silence' }
  /** Goes half-open once it has accepted: headers and a few bytes of the body, or the handshake, then nothing read or sent. */
  | { kind: 'half_open' }
  /** Resets the connection after so many bytes of the answer's body (default 10). */
  | { kind: 'reset'; afterBytes?: number }
  /** One byte of the body at a time. */
  | { kind: 'drip'; everyMs: number }
  /** The right answer, later. */
  | { kind: 'latency'; ms: number }
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** 429 in the vendor's own words. */
  | { kind: 'rate_limited'; retryAfter?: string }
  | { kind: 'auth' }
  | { kind: 'quota' }
  | { kind: 'server_error' }
  /** 200 with a body that is no JSON. */
  | { kind: 'malformed' }
  /** 200 with JSON of another shape. */
  | { kind: 'wrong_shape' }
  /** 200 with so many bytes (default 50 MB). */
  | { kind: 'huge'; bytes?: number }
  | { kind: 'redirect'; location: string }
  /** Streams: the socket vanishes (no close frame), or closes with `code`. */
  | { kind: 'die'; afterAudioMs: number; code?: number; reason?: string }
  /** Streams: reads on and says nothing more. */
  | { kind: 'stall'; afterAudioMs: number }
  /** An error inside an accepted stream or event stream, then the end. */
  | { kind: 'error_frame'; afterAudioMs?: number }
  /** Streams: every final twice. */
  | { kind: 'duplicate_finals' }
  /** Streams: the first two finals change places; see {@link finalDelivery}. */
  | { kind: 'out_of_order_finals' }
  /** Streams: Finalize flushes, but no message says it did. */
  | { kind: 'no_finalize_ack' }
  /** Streams: a message of an unknown type before each result. */
  | { kind: 'unknown_messages' }
  /** Streams: text that is no JSON instead of the first result. */
  | { kind: 'malformed_frame' }
  /** Chat: the model stops for this reason. */
  | { kind: 'finish'; finish: 'length' | 'content_filter' }
  /** Chat: the model declines in the field made for it. */
  | { kind: 'refusal' };

/** The fault in force; set for good, or for the next `times` requests. */
export class FaultSwitch {
  #fault: Fault | null;
  #left = Number.POSITIVE_INFINITY;

  constructor(initial: Fault | null = null) {
    this.#fault = initial;
  }

  set(fault: Fault | null, times: number = Number.POSITIVE_INFINITY): void {
    this.#fault = fault;
    this.#left = times;
  }

  /** The fault for one more request. */
  take(): Fault | null {
    if (this.#left <= 0) this.#fault = null;
    this.#left--;
    return this.#fault;
  }
}

/** How a stream delivers its finals under `fault`: once, twice, or the first one after the second. */
export function finalDelivery<Message>(
  fault: Fault | null,
  send: (message: Message) => void,
): (message: Message) => void {
  let held: { message: Message } | undefined;
  let isSwapped = false;
  return (message) => {
    if (fault?.kind === 'out_of_order_finals' && !isSwapped && !held) {
      held = { message };
      return;
    }
    send(message);
    if (fault?.kind === 'duplicate_finals') send(message);
    if (!held) return;
    send(held.message);
    held = undefined;
    isSwapped = true;
  };
}
