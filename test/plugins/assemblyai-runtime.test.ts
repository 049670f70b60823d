import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { configuredProviders } from '../../core/registry/configured.ts';
import { Registry } from '../../core/registry/registry.ts';
import { Egress } from '../../core/runtime/egress.ts';
import { ProviderInstances } from '../../core/runtime/instances.ts';
import { Latencies } from '../../core/runtime/latencies.ts';
import { loadPrices } from '../../core/runtime/prices.ts';
import { systemClock as clock } from '../../core/runtime/provider-context.ts';
import { ProviderHealth } from '../../core/runtime/provider-health.ts';
import { BlockPool } from '../../core/runtime/ring.ts';
import { SttRunner } from '../../core/runtime/stt-runner.ts';
import { vendor as assemblyAi } from '../../plugins/assemblyai/config.ts';
import { assemblyAiStt } from '../../plugins/assemblyai/stt.ts';
import { vendor as gladia } from '../../plugins/gladia/config.ts';
import { gladiaStt } from '../../plugins/gladia/stt.ts';
import { startAssemblyAi } from '../emulators/assemblyai.ts';
import type { Fault } from '../emulators/faults.ts';
import { startGladia } from '../emulators/gladia.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { keptLog, spoken } from '../helpers/provider.ts';
import { byList } from '../helpers/routing.ts';
import { FACTS } from '../helpers/runtime-house.ts';
import { wordListening } from '../helpers/word-listening.ts';

/** AssemblyAI first, Gladia behind it, in the core as it runs: one stream per utterance, fed in real time. */
async function arrange(test: Test) {
  const live = await startAssemblyAi({ listening: wordListening });
  const batch = await startGladia({ listening: wordListening });
  const registry = new Registry();
  registry.register(assemblyAi, [assemblyAiStt]);
  registry.register(gladia, [gladiaStt]);
  const configured = configuredProviders(registry, 'stt', ['stt/assemblyai', 'stt/gladia'], {
    ASSEMBLYAI_API_KEY: EMULATOR_KEY,
    ASSEMBLYAI_BASE_URL: live.url,
    GLADIA_API_KEY: EMULATOR_KEY,
    GLADIA_BASE_URL: batch.url,
  });
  const log = keptLog();
  const instances = new ProviderInstances({
    registry,
    clock,
    log,
    egress: new Egress(),
  });
  const runner = new SttRunner({
    route: byList({ registry, configured }),
    instances,
    health: new ProviderHealth({ clock, log }),
    latencies: new Latencies(),
    pool: new BlockPool(),
    prices: loadPrices({ clock, log }),
    clock,
    log,
    options: { language: 'pt-BR', words: true },
  });
  test.teardown(async () => {
    await runner.close();
    await instances.close();
    await Promise.all([live.close(), batch.close()]);
  });
  const say = async (segment: number, words: number[]) => {
    const feed = runner.begin(segment).feed;
    const { pcm } = spoken(words);
    for (let at = 0; at < pcm.length; at += 480) {
      feed.push(pcm.subarray(at, at + 480));
      await sleep(15);
    }
    return feed.end(FACTS);
  };
  return { live, batch, say };
}

t.test('live: each utterance has a session of its own, is heard whole, and costs what it was open', async (test) => {
  const { live, batch, say } = await arrange(test);
  for (const segment of [1, 2]) {
    const outcome = await say(segment, [1, 2, 0, 3]);
    test.match(outcome, { status: 'answered', vendor: 'assemblyai', lostMs: 0 });
    test.ok(
      outcome.costMicroUsd >= 125 && outcome.costMicroUsd % 125 === 0,
      'whole seconds of a session at US$ 0.45 an hour',
    );
    test.equal(outcome.transcript?.text, 'p1 p2 p3');
    test.match(outcome.transcript?.words?.[2], { text: 'p3', startMs: 1500, endMs: 2000 });
  }
  test.equal(live.requests.length, 2);
  test.equal(batch.requests.length, 0);
});

const FAULTS: Fault[] = [
  { kind: 'die', afterAudioMs: 1000, code: 3005 },
  { kind: 'stall', afterAudioMs: 1500 },
];
for (const fault of FAULTS) {
  t.test(`${JSON.stringify(fault)}: the words are replayed into the next vendor, none is lost`, async (test) => {
    const { live, say } = await arrange(test);
    await live.setFault(fault);
    const outcome = await say(1, [1, 2, 0, 3]);
    test.match(outcome, { status: 'answered', vendor: 'gladia', lostMs: 0 });
    test.equal(outcome.transcript?.text, 'p1 p2 p3');
    test.equal(outcome.attempts[0]?.outcome, 'failed');
  });
}
