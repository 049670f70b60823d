import type { Test } from 'tap';
import type { Audio, ProviderContext } from '../../core/contracts/index.ts';
import { vendor } from '../../plugins/sherpa/config.ts';
import { contextFor } from './provider.ts';

/** Why tests of the native library are skipped; false when it loads here. */
export async function withoutSherpa(): Promise<string | false> {
  try {
    await import('sherpa-onnx-node');
    return false;
  } catch {
    return 'sherpa-onnx-node is not installed: it is optional';
  }
}

/** A provider's context; nothing local has hosts. */
export function localContext(test: Test): ProviderContext {
  return contextFor(test, vendor, {});
}

/** Silence with half a second of noise at each of `atSeconds`, always the same. */
export function bursts(seconds: number, atSeconds: number[]): Audio {
  const pcm = new Int16Array(seconds * 16_000);
  let state = 1;
  for (const at of atSeconds) {
    for (let i = 0; i < 8000; i++) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      pcm[at * 16_000 + i] = (state / 2_147_483_648 - 0.5) * 20_000;
    }
  }
  return { pcm, sampleRateHz: 16_000 };
}
