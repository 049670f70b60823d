import type { Word } from '../../core/contracts/index.ts';
import type { Recognized } from './protocol.ts';

/**
 * Words with times, put together from the model's tokens: a token that begins with a space begins a word. Undefined where
 * the model gives no time per token (Whisper).
 * @param endMs end of the audio: no word ends after it.
 */
export function wordsOf({ tokens, timestamps, durations, logProbabilities }: Recognized, endMs: number) {
  if (tokens.length === 0 || timestamps.length !== tokens.length) return undefined;
  const words: (Word & { scores: number[] })[] = [];
  for (const [index, token] of tokens.entries()) {
    const startMs = clamp((timestamps[index] ?? 0) * 1000, endMs);
    const tokenEndMs = clamp(((timestamps[index] ?? 0) + (durations[index] ?? 0)) * 1000, endMs);
    const last = words.at(-1);
    const word = last && !/^[ ▁]/.test(token) ? last : { text: '', startMs, endMs: startMs, scores: [] };
    if (word !== last) words.push(word);
    word.text += token.replace(/^[ ▁]+/, '');
    word.endMs = Math.max(word.endMs, tokenEndMs);
    const score = logProbabilities[index];
    if (score !== undefined) word.scores.push(Math.min(1, Math.exp(score)));
  }
  return words.filter(({ text }) => text !== '').map(withConfidence);
}

function withConfidence({ scores, ...word }: Word & { scores: number[] }): Word {
  if (scores.length === 0) return word;
  return { ...word, confidence: scores.reduce((sum, score) => sum + score, 0) / scores.length };
}

function clamp(ms: number, endMs: number): number {
  return Math.round(Math.min(Math.max(ms, 0), endMs));
}
