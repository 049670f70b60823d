import t, { type Test } from 'tap';
import type { AnyProvider, VendorManifest } from '../../../core/contracts/index.ts';
import { configuredProviders } from '../../../core/registry/configured.ts';
import { Registry } from '../../../core/registry/registry.ts';
import { Egress } from '../../../core/runtime/egress.ts';
import { EmbeddingsRunner } from '../../../core/runtime/embeddings-runner.ts';
import { ProviderInstances } from '../../../core/runtime/instances.ts';
import { loadPrices } from '../../../core/runtime/prices.ts';
import { systemClock } from '../../../core/runtime/provider-context.ts';
import { ProviderHealth } from '../../../core/runtime/provider-health.ts';
import { TtsRunner } from '../../../core/runtime/tts-runner.ts';
import { vendor as elevenLabs } from '../../../plugins/elevenlabs/config.ts';
import { elevenLabsTts } from '../../../plugins/elevenlabs/tts.ts';
import { vendor as openAi } from '../../../plugins/openai/config.ts';
import { openAiEmbeddings } from '../../../plugins/openai/embeddings.ts';
import { openAiTts } from '../../../plugins/openai/tts.ts';
import { startElevenLabs } from '../../emulators/elevenlabs.ts';
import { startOpenAi } from '../../emulators/openai.ts';
import { EMULATOR_KEY } from '../../emulators/server.ts';
import { keptLog, live } from '../../helpers/provider.ts';
import { wordListening } from '../../helpers/word-listening.ts';

/** Two vendors over real sockets, with two keys for the second one. */
async function arrange(test: Test) {
  const first = await startElevenLabs({ listening: wordListening });
  const second = await startOpenAi();
  const env = {
    ELEVENLABS_API_KEY: EMULATOR_KEY,
    ELEVENLABS_BASE_URL: first.url,
    OPENAI_API_KEYS: `sk-refused,${EMULATOR_KEY}`,
    OPENAI_BASE_URL: `${second.url}/v1`,
  };
  const registry = new Registry();
  const vendors: [VendorManifest, AnyProvider[]][] = [
    [elevenLabs, [elevenLabsTts]],
    [openAi, [openAiTts, openAiEmbeddings]],
  ];
  for (const [vendor, providers] of vendors) registry.register(vendor, providers);
  const log = keptLog();
  const clock = systemClock;
  const instances = new ProviderInstances({ registry, clock, log, egress: new Egress() });
  test.teardown(async () => {
    await instances.close();
    await Promise.all([first.close(), second.close()]);
  });
  const deps = { instances, clock, health: new ProviderHealth({ clock, log }), prices: loadPrices({ clock, log }) };
  const candidates = (kind: 'tts' | 'embeddings', addresses: string[]) =>
    configuredProviders(registry, kind, addresses, env).flatMap((provider) =>
      provider.credentials.map((_, credential) => ({ address: provider.address, credential, provider })),
    );
  return { first, second, deps, candidates };
}

t.test('a voice that cannot be had is another vendor’s, and a key that is refused another key', async (t) => {
  const { first, deps, candidates } = await arrange(t);
  await first.setFault({ kind: 'refuse' });
  const sound: Uint8Array[] = [];
  const outcome = await new TtsRunner(deps).speak(
    candidates('tts', ['tts/elevenlabs', 'tts/openai']),
    { text: 'Temos dipirona em gotas.', language: 'pt-BR', encoding: 'pcm_s16le', sampleRateHz: 24_000 },
    { signal: live(), onAudio: (bytes) => void sound.push(bytes) },
  );
  t.match(outcome, { status: 'answered', address: 'tts/openai' });
  t.match(
    outcome.attempts.map(({ address, outcome, error }) => [address, outcome, error?.code]),
    [
      ['tts/elevenlabs', 'failed', String],
      ['tts/openai', 'failed', 'auth'],
      ['tts/openai', 'answered', undefined],
    ],
  );
  t.equal(Buffer.concat(sound).length, outcome.bytes);
  t.ok(outcome.bytes > 1000);
});

t.test('vectors come by the key that works, with what they cost', async (t) => {
  const { deps, candidates } = await arrange(t);
  const outcome = await new EmbeddingsRunner(deps).embed(
    candidates('embeddings', ['embeddings/openai']),
    ['dor de cabeça', 'protetor solar'],
    { purpose: 'query', ms: 8000, signal: live() },
  );
  t.match(outcome, { status: 'answered', attempts: [{ error: { code: 'auth' } }, { outcome: 'answered' }] });
  t.equal(outcome.vectors.length, 2);
  t.ok(outcome.costMicroUsd >= 0);
});
