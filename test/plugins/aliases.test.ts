import t from 'tap';
import { registeredApp } from '../../core/cli/registered.ts';
import { KINDS, type Kind } from '../../core/contracts/index.ts';
import { parseAddress } from '../../core/registry/address.ts';

/** What the telephone system's configuration calls its providers. */
const TELEPHONE: [Kind, string, string][] = [
  ['stt', 'openai_whisper', 'stt/openai'],
  ['stt', 'whisper_api', 'stt/openai'],
  ['stt', 'whisper_local', 'stt/sherpa'],
  ['stt', 'azure_speech', 'stt/azure-speech'],
  ['stt', 'google_speech', 'stt/google-speech'],
  ['tts', 'openai_tts', 'tts/openai'],
  ['tts', 'piper_local', 'tts/piper'],
  ['tts', 'azure_speech', 'tts/azure-speech'],
  ['tts', 'azure_neural', 'tts/azure-speech'],
  ['tts', 'google_speech', 'tts/google-speech'],
  ['tts', 'google_tts', 'tts/google-speech'],
  ['llm', 'ollama_local', 'llm/ollama'],
  ['llm', 'google_gemini', 'llm/gemini'],
  ['llm', 'azure_openai', 'llm/azure-openai'],
  ['embeddings', 'openai_embeddings', 'embeddings/openai'],
];

t.test('the names of the telephone system are taken where an address is', async (t) => {
  const app = await registeredApp([]);
  t.teardown(() => app.close());
  for (const [kind, alias, address] of TELEPHONE) {
    t.strictSame(app.balto.registry.parse(alias, kind), parseAddress(address), alias);
    t.strictSame(app.balto.registry.parse(`${alias}:m`, kind), parseAddress(`${address}:m`), alias);
  }
});

t.test('no alias is read where nobody meant it', async (t) => {
  const app = await registeredApp([]);
  t.teardown(() => app.close());
  const aliases = KINDS.flatMap((kind) => app.balto.registry.list(kind).flatMap((each) => each.aliases ?? []));
  t.equal(aliases.length, TELEPHONE.length, 'each is named in this test');
});
