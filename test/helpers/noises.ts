/** Shop noises without speech, synthesised at 16 kHz in ±1 and the same at every run. */
import { pinkNoise, scaled, seededRandom, whiteNoise } from '../../core/kit/local/signals.ts';

export { mixAtSnr, pinkNoise, rms, scaled, seededRandom, whiteNoise } from '../../core/kit/local/signals.ts';

const RATE = 16_000;

/** A faint room, so that nothing is digital silence. */
function room(seconds: number, random: () => number): Float32Array {
  return scaled(pinkNoise(seconds * RATE, random), 0.002);
}

/** Till and scanner: 2–3 kHz tones of 100–200 ms, sine or square, alone or in pairs. */
export function beeps(seconds: number, seed = 1): Float32Array {
  const random = seededRandom(seed);
  const out = room(seconds, random);
  for (let at = 0.5; at < seconds - 0.5; at += 0.25 + random() * 1.5) {
    const hz = 2000 + random() * 1000;
    const square = random() < 0.4;
    const length = Math.floor((0.1 + random() * 0.1) * RATE);
    const from = Math.floor(at * RATE);
    for (let i = 0; i < length; i++) {
      const wave = Math.sin((2 * Math.PI * hz * i) / RATE);
      const edge = Math.min(1, i / 80, (length - i) / 80);
      out[from + i] = (out[from + i] as number) + 0.5 * edge * (square ? Math.sign(wave) * 0.6 : wave);
    }
  }
  return out;
}

/** Receipt printer: bursts of band noise, chopped at the pin rate, 0.3–2 s long. */
export function printer(seconds: number, seed = 2): Float32Array {
  const random = seededRandom(seed);
  const out = room(seconds, random);
  for (let at = 0.5; at < seconds - 2.5; at += 1 + random() * 3) {
    const length = Math.floor((0.3 + random() * 1.7) * RATE);
    const from = Math.floor(at * RATE);
    const chop = 25 + random() * 60;
    const centre = 1200 + random() * 2500;
    const band = resonate(whiteNoise(length, random), centre, 0.93);
    for (let i = 0; i < length; i++) {
      const open = ((i * chop) / RATE) % 1 < 0.55 ? 1 : 0.15;
      out[from + i] = (out[from + i] as number) + 0.35 * open * (band[i] as number);
    }
  }
  return out;
}

/** Doors: a decaying thump of 60–180 Hz with an overtone, and a knock of noise. Of seeds 3 to 12, 6 fools a VAD most. */
export function doorSlams(seconds: number, seed = 6): Float32Array {
  const random = seededRandom(seed);
  const out = room(seconds, random);
  for (let at = 0.5; at < seconds - 1; at += 0.8 + random() * 3) {
    const hz = 60 + random() * 120;
    const decay = 0.05 + random() * 0.15;
    const length = Math.floor(RATE * 0.8);
    const from = Math.floor(at * RATE);
    for (let i = 0; i < length; i++) {
      const t = i / RATE;
      const overtone = 0.3 * Math.sin(2 * Math.PI * 2.1 * hz * t) * Math.exp((-1.5 * t) / decay);
      const thump = Math.sin(2 * Math.PI * hz * t) * Math.exp(-t / decay) + overtone;
      const knock = (random() * 2 - 1) * Math.exp(-t / 0.015);
      out[from + i] = (out[from + i] as number) + 0.6 * thump + 0.3 * knock;
    }
  }
  return out;
}

/** Air conditioner: pink noise with mains hum, swelling slowly; it starts at once, at full strength. */
export function airConditioner(seconds: number, seed = 4): Float32Array {
  const random = seededRandom(seed);
  return pinkNoise(seconds * RATE, random).map((value, i) => {
    const t = i / RATE;
    const hum = 0.08 * Math.sin(2 * Math.PI * 60 * t) + 0.06 * Math.sin(2 * Math.PI * 120 * t + 0.7);
    return (0.4 * value + hum) * (1 + 0.2 * Math.sin(2 * Math.PI * 0.1 * t));
  });
}

/** Two-pole resonator, normalised to peak 1. */
function resonate(noise: Float32Array, hz: number, radius: number): Float32Array {
  const a1 = 2 * radius * Math.cos((2 * Math.PI * hz) / RATE);
  const a2 = -radius * radius;
  let y1 = 0;
  let y2 = 0;
  const out = noise.map((value) => {
    const y = value + a1 * y1 + a2 * y2;
    y2 = y1;
    y1 = y;
    return y;
  });
  const peak = out.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  return out.map((value) => value / peak);
}
