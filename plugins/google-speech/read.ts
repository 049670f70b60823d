import type { SttOptions, Transcript, Word } from '../../core/contracts/index.ts';
import type { RecognizeResponse, WordInfo } from './wire.ts';

/** Results are portions of the audio in order, each with its best alternative first. */
export function readTranscript(answer: RecognizeResponse, options: SttOptions): Omit<Transcript, 'model'> {
  const results = answer.results ?? [];
  const best = results.flatMap((result) => result.alternatives?.slice(0, 1) ?? []);
  const confidence = meanConfidence(best);
  const language = canonicalLanguage(results.find((result) => result.languageCode)?.languageCode);
  return {
    text: best
      .map(({ transcript }) => transcript?.trim() ?? '')
      .filter((text) => text !== '')
      .join(' '),
    words: wordsOf(best).map(readWord),
    ...(language === undefined ? {} : { language }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(options.diarize === true ? { speakerScope: 'request' as const } : {}),
  };
}

/** Seconds of a duration as proto3 writes it (`"1.400s"`); undefined where absent or unreadable. */
export function secondsOf(duration: string | null | undefined): number | undefined {
  const match = /^(\d+(?:\.\d+)?)s$/.exec(duration ?? '');
  return match ? Number(match[1]) : undefined;
}

interface Alternative {
  transcript?: string | null;
  confidence?: number | null;
  words?: WordInfo[] | null;
}

/** With diarization the last result repeats every word of the audio with its speaker: then it alone counts. */
function wordsOf(best: readonly Alternative[]): WordInfo[] {
  const last = best.at(-1)?.words ?? [];
  const isDiarized = last.some((word) => (word.speakerTag ?? 0) > 0);
  return isDiarized ? last : best.flatMap((alternative) => alternative.words ?? []);
}

/** Weighted by the length of what was said. A confidence of 0 means that there is none. */
function meanConfidence(best: readonly Alternative[]): number | undefined {
  let weight = 0;
  let sum = 0;
  for (const { confidence, transcript } of best) {
    if (!confidence || !transcript) continue;
    weight += transcript.length;
    sum += Math.min(1, confidence) * transcript.length;
  }
  return weight > 0 ? sum / weight : undefined;
}

function readWord({ word, startTime, endTime, confidence, speakerTag }: WordInfo): Word {
  const startMs = Math.round((secondsOf(startTime) ?? 0) * 1000);
  return {
    text: word,
    startMs,
    endMs: Math.max(startMs, Math.round((secondsOf(endTime) ?? 0) * 1000)),
    ...(confidence ? { confidence: Math.min(1, confidence) } : {}),
    ...(speakerTag ? { speaker: String(speakerTag) } : {}),
  };
}

/** `pt-br`, as the vendor writes it, to `pt-BR`. */
function canonicalLanguage(code: string | null | undefined): string | undefined {
  try {
    return code ? Intl.getCanonicalLocales(code)[0] : undefined;
  } catch {
    return undefined; // no language tag: then the answer names none
  }
}
