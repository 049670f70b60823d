import type { LabelledAudio } from 'balto/kit';

const RATE_HZ = 16_000;
const SECONDS = 20;
/** Every four seconds a "voice" speaks for two and a half. */
const ROUND_MS = 4000;
const SPOKEN_MS = 2500;

/**
 * Something like speech: harmonics of a voice, four syllables a second, a quiet room. It proves that the detector works,
 * not that it hears people: put a recording of yours here (16 kHz, mono) with where somebody speaks in it.
 */
export function labelledConversation(): LabelledAudio {
  const pcm = new Int16Array(SECONDS * RATE_HZ);
  for (let i = 0; i < pcm.length; i++) pcm[i] = Math.round(sampleAt(i / RATE_HZ) * 32_767);
  const speech = Array.from({ length: SECONDS / (ROUND_MS / 1000) }, (_, round) => {
    const startMs = round * ROUND_MS + (ROUND_MS - SPOKEN_MS) / 2;
    return { startMs, endMs: startMs + SPOKEN_MS };
  });
  return { audio: { pcm, sampleRateHz: RATE_HZ }, speech };
}

function sampleAt(seconds: number): number {
  const room = Math.sin(seconds * 997) * Math.sin(seconds * 131) * 0.0005;
  const atMs = ((seconds * 1000) % ROUND_MS) - (ROUND_MS - SPOKEN_MS) / 2;
  if (atMs < 0 || atMs >= SPOKEN_MS) return room;
  const syllable = 0.55 + 0.45 * Math.cos(2 * Math.PI * 4 * seconds);
  const pitch = 140 + 20 * Math.sin(2 * Math.PI * 0.7 * seconds);
  let voice = 0;
  for (let harmonic = 1; harmonic <= 12; harmonic++)
    voice += Math.sin(2 * Math.PI * pitch * harmonic * seconds) / harmonic;
  return room + 0.1 * syllable * voice;
}
