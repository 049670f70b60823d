import { type AttemptDeps, type AttemptInput, AttemptMeter, type AttemptResult } from './attempt.ts';
import { abortedError } from './deadline.ts';
import { StreamLane } from './stream-lane.ts';
import type { StreamTurn, TurnListener } from './stream-turn.ts';
import { type Candidate, candidateKey } from './types.ts';

export interface StreamInput extends AttemptInput {
  /** Text so far. */
  onPartial(text: string): void;
  /** While speech goes on: what was said up to this sample is final. */
  onFinalThrough?(samples: number): void;
  /** The turn that goes on with this utterance already, from one that was too long. */
  continued?: StreamTurn | undefined;
  /** The turn, to be told of audio and of the end of speech. */
  onTurn(turn: StreamTurn): void;
}

/** The streams of one session: one per candidate, kept across utterances, and a further one where that one is busy with speech. */
export class StreamLanes {
  readonly #deps: AttemptDeps;
  readonly #lanes = new Map<string, Set<StreamLane>>();
  #lastMarker = 0;

  constructor(deps: AttemptDeps) {
    this.#deps = deps;
  }

  /** Gives one utterance, spoken or being spoken, to one candidate's stream, from its first sample on. Never throws. */
  async attempt(input: StreamInput): Promise<AttemptResult> {
    const meter = new AttemptMeter(this.#deps, input, 'stream');
    if (input.signal.aborted) return meter.failed(abortedError());
    const listener: TurnListener = {
      onPartial: input.onPartial,
      onGave: (samples) => meter.gave(samples),
      onFinalThrough: (samples) => input.onFinalThrough?.(samples),
    };
    const { turn, opened } = input.continued ? goOn(input.continued, listener) : this.#join(input, listener);
    const onAbort = () => turn.drop(abortedError());
    input.signal.addEventListener('abort', onAbort, { once: true });
    input.onTurn(turn);
    const end = await turn.end;
    input.signal.removeEventListener('abort', onAbort);
    if (opened) meter.queued(opened.queueMs);
    if (!('transcript' in end)) return meter.failed(end.error, end.usage, end);
    const isContinued = input.continued !== undefined;
    return { ...meter.answered(end.transcript, end.usage), isCutShort: end.isCutShort, isContinued };
  }

  /** Ends every stream; bounded, never throws. */
  async close(): Promise<void> {
    await Promise.all([...this.#lanes.values()].flatMap((lanes) => [...lanes].map((lane) => lane.close())));
  }

  /** Whether a stream to this candidate is open: another utterance costs no further connection there. */
  holds(candidate: Candidate): boolean {
    return (this.#lanes.get(candidateKey(candidate))?.size ?? 0) > 0;
  }

  /** On a stream that takes it, else on a new one: then that is `opened`. */
  #join(input: StreamInput, listener: TurnListener): { turn: StreamTurn; opened: StreamLane | null } {
    const { lane, isNew } = this.#laneFor(input);
    this.#lastMarker += 1;
    const turn = lane.join({ audio: input.audio, marker: this.#lastMarker, listener });
    return { turn, opened: isNew ? lane : null };
  }

  #laneFor(input: AttemptInput): { lane: StreamLane; isNew: boolean } {
    const key = candidateKey(input.candidate);
    const lanes = this.#lanes.get(key) ?? new Set();
    this.#lanes.set(key, lanes);
    for (const lane of lanes) if (lane.accepts(input.described.configuration)) return { lane, isNew: false };
    const lane = new StreamLane(this.#deps, input, (gone) => {
      lanes.delete(gone);
    });
    lanes.add(lane);
    return { lane, isNew: true };
  }
}

/** Takes over a turn that is under way. */
function goOn(turn: StreamTurn, listener: TurnListener): { turn: StreamTurn; opened: null } {
  turn.listen(listener);
  listener.onGave(turn.cursor);
  return { turn, opened: null };
}
