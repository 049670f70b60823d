import Type, { type Static } from 'typebox';
import type { Word } from '../../core/contracts/index.ts';

const wordSchema = Type.Object({
  word: Type.String(),
  /** Seconds. */
  start: Type.Number(),
  end: Type.Number(),
  confidence: Type.Optional(Type.Number()),
  punctuated_word: Type.Optional(Type.String()),
  speaker: Type.Optional(Type.Union([Type.Integer(), Type.Null()])),
});

const channelSchema = Type.Object({
  alternatives: Type.Array(
    Type.Object({
      transcript: Type.String(),
      confidence: Type.Optional(Type.Number()),
      words: Type.Optional(Type.Array(wordSchema)),
    }),
  ),
  detected_language: Type.Optional(Type.String()),
});

/** Answer of `POST /v1/listen`, the fields Balto reads. */
export const prerecordedSchema = Type.Object({
  metadata: Type.Object({
    request_id: Type.Optional(Type.String()),
    duration: Type.Optional(Type.Number()),
  }),
  results: Type.Object({ channels: Type.Array(channelSchema, { minItems: 1 }) }),
});

/** A result of a live stream: `start` and `duration` in seconds of audio. */
export const resultsSchema = Type.Object({
  type: Type.Literal('Results'),
  start: Type.Number(),
  duration: Type.Number(),
  is_final: Type.Optional(Type.Boolean()),
  from_finalize: Type.Optional(Type.Boolean()),
  channel: channelSchema,
  metadata: Type.Optional(Type.Object({ request_id: Type.Optional(Type.String()) })),
});

export type Results = Static<typeof resultsSchema>;
export type Channel = Static<typeof channelSchema>;

/** The first (best) alternative, normalised to the contract's words and milliseconds. */
export function readChannel(channel: Channel | undefined): { text: string; confidence?: number; words: Word[] } {
  const best = channel?.alternatives[0];
  const words = (best?.words ?? []).map((word) => ({
    text: word.punctuated_word ?? word.word,
    startMs: Math.round(word.start * 1000),
    endMs: Math.round(word.end * 1000),
    ...(word.confidence === undefined ? {} : { confidence: word.confidence }),
    ...(typeof word.speaker === 'number' ? { speaker: String(word.speaker) } : {}),
  }));
  const text = best?.transcript.trim() ?? '';
  return { text, words, ...(best?.confidence === undefined || text === '' ? {} : { confidence: best.confidence }) };
}

/** A turn of Flux as it stands: `transcript` is all of it so far. Times in seconds of audio. */
export const turnSchema = Type.Object({
  type: Type.Literal('TurnInfo'),
  /** `Update`, `StartOfTurn`, `EagerEndOfTurn`, `TurnResumed` or `EndOfTurn`; others may come. */
  event: Type.String(),
  turn_index: Type.Integer(),
  audio_window_start: Type.Optional(Type.Number()),
  audio_window_end: Type.Optional(Type.Number()),
  transcript: Type.String(),
  /** Heard, the most frequent first; the multilingual model only. */
  languages: Type.Optional(Type.Array(Type.String())),
  words: Type.Optional(
    Type.Array(
      Type.Object({
        word: Type.String(),
        confidence: Type.Optional(Type.Number()),
        start: Type.Optional(Type.Number()),
        end: Type.Optional(Type.Number()),
      }),
    ),
  ),
});

export type TurnInfo = Static<typeof turnSchema>;

/** A turn, normalised. Words without times of their own are left out: the text has them. */
export function readTurn(turn: TurnInfo): {
  text: string;
  words?: Word[];
  confidence?: number;
  startMs?: number;
  endMs?: number;
  language?: string;
} {
  const [language] = turn.languages ?? [];
  const words = (turn.words ?? []).flatMap(({ word, start, end, confidence }) =>
    start === undefined || end === undefined
      ? []
      : [{ text: word, startMs: toMs(start), endMs: toMs(end), ...(confidence === undefined ? {} : { confidence }) }],
  );
  const scored = (turn.words ?? []).map((word) => word.confidence).filter((score) => score !== undefined);
  const startMs = words[0]?.startMs ?? toMs(turn.audio_window_start);
  const endMs = words.at(-1)?.endMs ?? toMs(turn.audio_window_end);
  return {
    text: turn.transcript.trim(),
    ...(words.length > 0 ? { words } : {}),
    ...(scored.length > 0 ? { confidence: scored.reduce((sum, each) => sum + each, 0) / scored.length } : {}),
    ...(startMs === undefined || endMs === undefined ? {} : { startMs, endMs }),
    ...(language === undefined ? {} : { language }),
  };
}

function toMs(seconds: number): number;
function toMs(seconds: number | undefined): number | undefined;
function toMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}
