import { readFileSync } from 'node:fs';
import type { Audio, ProviderError } from '../../core/contracts/index.ts';
import type { HealthChange } from '../../core/runtime/health.ts';
import type { SttRunner } from '../../core/runtime/stt-runner.ts';
import type { SttOutcome, UtteranceFacts } from '../../core/runtime/types.ts';
import { FACTS, type RuntimeHouse } from './runtime-house.ts';
import { answers, type BatchScript, never, type ScriptedStt, scriptedStt } from './scripted-provider.ts';

/** What a provider that hears clearly hears in a probe. */
const CLIP = new Int16Array(
  Uint8Array.from(readFileSync(new URL('../../config/probe-clip.wav', import.meta.url)).subarray(44)).buffer,
);

export function isClip({ pcm }: Audio): boolean {
  return Buffer.compare(Buffer.from(pcm.buffer), Buffer.from(CLIP.buffer)) === 0;
}

/** An `stt/<id>` whose vendor the test can take down and bring back, for all, or for all but probes. */
export function vendorOf(id: string, options: { stalls?: boolean } = {}) {
  const state: { fault: ProviderError | null; sparesProbes: boolean; hears: BatchScript } = {
    fault: null,
    sparesProbes: false,
    hears: answers,
  };
  const stt: ScriptedStt = scriptedStt(id, {
    batch: (audio, signal, call) => {
      const isSpared = state.sparesProbes && isClip(audio);
      if (!state.fault || isSpared) return state.hears(audio, signal, call);
      return options.stalls ? never() : Promise.reject(state.fault);
    },
  });
  return {
    stt,
    state,
    /** How often it was given a customer's words, and how often the clip. */
    asked: () => ({
      words: stt.calls.filter((audio) => !isClip(audio)).length,
      probes: stt.calls.filter(isClip).length,
    }),
  };
}

/** Says 300 ms and waits for what became of it. */
export async function sayTo(
  house: RuntimeHouse,
  runner: SttRunner = house.runner(),
  facts: UtteranceFacts = FACTS,
): Promise<SttOutcome> {
  const { feed } = runner.begin(1);
  await house.speak(feed, 10);
  return house.clock.until(feed.end(facts));
}

/** Everything that is told of the house's candidates from now on. */
export function toldOf(house: RuntimeHouse): string[] {
  const told: string[] = [];
  house.health.on('change', ({ address, what, reason }: HealthChange) => told.push(`${address} ${what} ${reason}`));
  return told;
}
