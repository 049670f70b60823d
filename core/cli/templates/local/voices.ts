import type { Audio } from 'balto/contracts';

const RATE_HZ = 16_000;
const SECONDS = 2;

/** Pitch and resonances, in Hz. */
const PEOPLE = [
  { pitch: 110, resonances: [520, 1400, 2300] },
  { pitch: 215, resonances: [820, 1900, 3100] },
];

/**
 * Something like voices: two people, three clips of each. It proves that the provider works, not that it knows people:
 * put recordings of yours here (16 kHz, mono, 1.5 s and more, two clips of each person at least).
 */
export function voices(): Audio[][] {
  return PEOPLE.map(({ pitch, resonances }) =>
    [0, 1, 2].map((clip) => voice(pitch * (1 + clip * 0.03), resonances, clip)),
  );
}

function voice(pitch: number, resonances: readonly number[], clip: number): Audio {
  const harmonics = Array.from({ length: 24 }, (_, i) => {
    const hz = pitch * (i + 1);
    return { hz, level: resonances.reduce((sum, at) => sum + Math.exp(-(((hz - at) / 250) ** 2)), 0.02) };
  });
  const pcm = new Int16Array(SECONDS * RATE_HZ);
  for (let i = 0; i < pcm.length; i++) {
    const seconds = i / RATE_HZ;
    const syllable = 0.6 + 0.4 * Math.cos(2 * Math.PI * (3 + clip) * seconds);
    const sum = harmonics.reduce((total, { hz, level }) => total + level * Math.sin(2 * Math.PI * hz * seconds), 0);
    pcm[i] = Math.round(sum * syllable * 2500);
  }
  return { pcm, sampleRateHz: RATE_HZ };
}
