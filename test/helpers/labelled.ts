import type { Audio } from '../../core/contracts/index.ts';
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

/** The two voices of the bundled conversation, an utterance a clip. */
export function labelledVoices(): Audio[][] {
  const { script, pcm } = conversation();
  const { sampleRateHz } = script;
  const at = (ms: number) => Math.round((ms * sampleRateHz) / 1000);
  return (['atendente', 'cliente'] as const).map((speaker) =>
    script.utterances
      .filter((line) => line.speaker === speaker)
      .map(({ startMs, endMs }) => ({ pcm: pcm.slice(at(startMs), at(endMs)), sampleRateHz })),
  );
}
