import Fastify from 'fastify';
import t from 'tap';
import registryPlugin from '../../core/registry/plugin.ts';
import anthropic from '../../plugins/anthropic/index.ts';
import assemblyAi from '../../plugins/assemblyai/index.ts';
import azureOpenAi from '../../plugins/azure-openai/index.ts';
import azureSpeech from '../../plugins/azure-speech/index.ts';
import deepgram from '../../plugins/deepgram/index.ts';
import elevenLabs from '../../plugins/elevenlabs/index.ts';
import gemini from '../../plugins/gemini/index.ts';
import gladia from '../../plugins/gladia/index.ts';
import googleSpeech from '../../plugins/google-speech/index.ts';
import openAi from '../../plugins/openai/index.ts';
import xai from '../../plugins/xai/index.ts';

t.test('the vendors register, and take their keys and settings from the environment', async (test) => {
  const app = Fastify();
  test.teardown(() => app.close());
  await app.register(registryPlugin);
  for (const plugin of [
    elevenLabs,
    deepgram,
    openAi,
    xai,
    assemblyAi,
    gladia,
    azureSpeech,
    googleSpeech,
    anthropic,
    gemini,
    azureOpenAi,
  ])
    await app.register(plugin);
  await app.ready();
  const { registry } = app.balto;
  test.same(
    registry.list().map((provider) => `${provider.kind}/${provider.id}`),
    [
      'stt/elevenlabs',
      'tts/elevenlabs',
      'stt/deepgram',
      'tts/deepgram',
      'llm/openai',
      'stt/openai',
      'embeddings/openai',
      'tts/openai',
      'llm/xai',
      'stt/xai',
      'stt/assemblyai',
      'stt/gladia',
      'stt/azure-speech',
      'tts/azure-speech',
      'stt/google-speech',
      'tts/google-speech',
      'llm/anthropic',
      'llm/gemini',
      'llm/azure-openai',
    ],
  );
  for (const vendor of registry.vendors()) {
    const name = vendor.env?.[0] ?? '';
    test.same(registry.credentialsFromEnv(vendor, { [name]: 'um, dois' }), [{ apiKey: 'um' }, { apiKey: 'dois' }]);
    test.throws(() => registry.validateCredential(vendor, { apiKey: 'com espaço' }), { code: 'BALTO_CONFIG_INVALID' });
  }
  const { provider } = registry.resolve('stt/deepgram');
  test.match(registry.settingsFromEnv(provider, { DEEPGRAM_ENDPOINTING_MS: '300' }), {
    model: 'nova-3',
    endpointingMs: 300,
    improveModel: false,
  });
  test.throws(() => registry.settingsFromEnv(provider, { DEEPGRAM_BASE_URL: 'ftp://x' }), {
    code: 'BALTO_CONFIG_INVALID',
  });
  for (const each of registry.list()) {
    const address = `${each.kind}/${each.id}`;
    test.ok(registry.capabilities(address, {}), address);
  }
});
