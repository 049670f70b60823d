import { ConversationContext } from '../pharmacy/context.ts';
import type { Interaction } from '../store/interaction.ts';
import type { ClockPair, SavedRow } from './row-reference.ts';
import type { SavedConversation } from './saved-conversation.ts';
import type { SavedPlace } from './stream-place.ts';
import { Timeline } from './timeline.ts';

/** Utterances looked for behind the place: what a process can have stored in the seconds before it died. */
const LOOKED_FOR = 100;
const SAMPLES_PER_MS = 16;
const FRAME_SAMPLES = 480;

/** Numbers of the utterances that may have been stored, or sent to the model, after this was saved. */
export function segmentsToAsk({ place, dialogue }: SavedConversation): number[] {
  const waiting = dialogue.context.waiting.map(({ segment }) => segment);
  return [...new Set([...waiting, ...Array.from({ length: LOOKED_FOR }, (_, index) => place.segment + index)])];
}

/**
 * A conversation as a process left it that died without a word: what it had saved, at most a second or two before, and
 * the rows it stored since. What those rows hold is not heard again; what it sent to the model waits no more.
 */
export function reconcile(saved: SavedConversation, rows: readonly Interaction[], clock: ClockPair): SavedConversation {
  const known = new Set(saved.place.stored.map(({ segment }) => segment));
  const stored = rows.filter(({ segment }) => segment >= saved.place.segment && !known.has(segment)).flatMap(readRow);
  return {
    ...saved,
    place: stored.reduce(withStored, saved.place),
    dialogue: {
      ...saved.dialogue,
      savedAtMs: clock.wallMs,
      previous: stored.reduce(
        (last, { segment, text }) => (text === '' ? last : { segment, text }),
        saved.dialogue.previous,
      ),
      ...gathered(saved, stored, rows, clock),
    },
  };
}

interface StoredRow {
  segment: number;
  from: number;
  to: number;
  /** Samples at its end that the next one repeats. */
  overlap: number;
  text: string;
  row: Interaction;
}

function readRow(row: Interaction): StoredRow[] {
  const samples = (row.decision as { samples?: unknown } | null)?.samples;
  if (!Array.isArray(samples)) return [];
  const [from, to] = samples as [number, number];
  const isSpoken = row.interactionType === 'valid' || row.interactionType === 'mock_voice';
  return [
    {
      segment: row.segment,
      from,
      to,
      overlap: overlapOf(row, to - from),
      text: isSpoken ? (row.transcript ?? '') : '',
      row,
    },
  ];
}

/** The overlap that follows a forced cut, as the segmenter makes it. */
function overlapOf({ cutReason, decision, configSnapshot }: Interaction, samples: number): number {
  if (cutReason !== 'safety_limit' || (decision as { mode?: unknown } | null)?.mode !== 'segment') return 0;
  const { overlapFrames } = JSON.parse(configSnapshot ?? '{}') as { overlapFrames?: number };
  const frames = Math.min(overlapFrames ?? 0, Math.floor(samples / FRAME_SAMPLES) >> 1);
  return frames * FRAME_SAMPLES;
}

/** The place behind an utterance that begins at it; else the place, with the utterance left out of what is heard. */
function withStored(place: SavedPlace, { segment, from, to, overlap }: StoredRow): SavedPlace {
  const stored = [...place.stored, { segment, from, to }];
  if (from !== place.ear.position) return { ...place, stored };
  const position = to - overlap;
  const discard = new Timeline(place.discard, place.ear.position, place.gaps).sampleAt(position);
  const ear = { ...place.ear, position, overlapFrames: overlap / FRAME_SAMPLES };
  const ahead = place.gaps.filter((gap) => gap.position >= position);
  return { ...place, ear, discard, gaps: ahead, stored, segment: Math.max(place.segment, segment + 1) };
}

/** The context as it would be had this process applied those rows, and the rows it may have to write a result into. */
function gathered(saved: SavedConversation, stored: StoredRow[], rows: readonly Interaction[], clock: ClockPair) {
  const context = new ConversationContext();
  context.restore(saved.dialogue.context, clock.nowMs, Math.max(0, clock.wallMs - saved.dialogue.savedAtMs));
  const turns = rows.flatMap(turnOf);
  for (const { segment, from, to, text, row } of stored) {
    if (text === '') continue;
    const silentMs =
      row.tsAudioReceived && row.tsSpeechEnd ? row.tsAudioReceived.getTime() - row.tsSpeechEnd.getTime() : 0;
    const said = { segment, text, startMs: from / SAMPLES_PER_MS, endMs: to / SAMPLES_PER_MS - silentMs };
    context.apply(said, clock.nowMs);
  }
  for (const { segments, text } of turns) context.sent(segments, text);
  return {
    context: context.save(clock.nowMs),
    rows: [...saved.dialogue.rows, ...stored.map(({ row }) => savedRow(row, clock))],
  };
}

/** What a row says of the question to the model that it carries the result of. */
function turnOf(row: Interaction): { segments: number[]; text: string }[] {
  const segments = (row.gate as { segmentos?: unknown } | null)?.segmentos;
  return Array.isArray(segments) ? [{ segments: segments as number[], text: row.transcript ?? '' }] : [];
}

function savedRow(row: Interaction, { wallMs }: ClockPair): SavedRow {
  const received = row.tsAudioReceived?.getTime() ?? wallMs;
  const readyAt = row.tsTranscriptionReady?.getTime() ?? received;
  return {
    interactionId: row.id,
    segment: row.segment,
    costMicroUsd: row.costMicroUsd ?? 0,
    filters: (row.gate as { filtros?: unknown } | null)?.filtros ?? null,
    readyAt,
    spokenAtMs: row.tsSpeechEnd?.getTime() ?? received,
    cutAtMs: received,
    readyAtMs: readyAt,
    decodeMs: 0,
    vadMs: 0,
  };
}
