import type { LabelledAudio } from '../../core/kit/index.ts';
import { conversation } from './conversation.ts';

/** A pause between words that is shorter belongs to the speech. */
const SHORTEST_PAUSE_MS = 300;

/** The bundled conversation, with the stretches in which somebody speaks. */
export function labelledConversation(): LabelledAudio {
  const { script, pcm } = conversation();
  const speech: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of script.utterances.flatMap(({ words }) => words)) {
    const last = speech.at(-1);
    if (last && startMs - last.endMs < SHORTEST_PAUSE_MS) last.endMs = endMs;
    else speech.push({ startMs, endMs });
  }
  return { audio: { pcm, sampleRateHz: script.sampleRateHz }, speech };
}
