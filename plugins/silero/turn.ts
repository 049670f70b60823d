/** Samples of one frame: 32 ms. */
export const FRAME = 512;

/** Beside a slot's number: the stream forgets what came before this frame. */
const FORGETS = 1 << 30;

/**
 * A turn of the model: the frames of one or more rounds, one round after the other, in memory that the counters' thread
 * and the model's thread share. A round has at most one frame of each stream. It is written by one of the two at a time:
 * who has it is said by the messages between them.
 */
export interface SharedTurn {
  /** How many frames each round has. */
  readonly rounds: Int32Array;
  /** Whose frame it is, frame by frame; see {@link placeOf}. */
  readonly slots: Int32Array;
  /** [N, 512] samples of ±1. */
  readonly frames: Float32Array;
  /** [N]: the answer. */
  readonly probabilities: Float32Array;
  /** Most frames of one round. */
  readonly maxBatch: number;
}

/**
 * Rounds of `maxBatch` frames in one turn. Each turn waits for the event loop of a busy thread: too few frames in it, and
 * the model stands idle while they pile up.
 */
const ROUNDS = 8;

/** Room for {@link ROUNDS} rounds of `maxBatch` frames, or for more rounds of fewer. */
export function createTurn(maxBatch: number): SharedTurn {
  const most = ROUNDS * maxBatch;
  const shared = (values: number) => new SharedArrayBuffer(values * 4);
  return {
    rounds: new Int32Array(shared(most)),
    slots: new Int32Array(shared(most)),
    frames: new Float32Array(shared(most * FRAME)),
    probabilities: new Float32Array(shared(most)),
    maxBatch,
  };
}

/** A stream's slot, and whether it forgets what came before, in one number. */
export function placeOf(slot: number, forgetting: boolean): number {
  return forgetting ? slot | FORGETS : slot;
}

export function slotOf(place: number): number {
  return place & ~FORGETS;
}

export function forgets(place: number): boolean {
  return (place & FORGETS) !== 0;
}
