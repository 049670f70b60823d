import t from 'tap';
import { type Emulator, proveEmbeddings, proveLlm } from '../../core/kit/index.ts';
import {
  compatibleEmbeddings,
  compatibleLlm,
  compatibleVendor,
  groqLlm,
  groqVendor,
  ollamaEmbeddings,
  ollamaLlm,
  ollamaVendor,
} from '../../plugins/compatible/presets.ts';
import { type OpenAiOptions, startGroq, startOllama } from '../emulators/openai.ts';
import { EMULATOR_KEY } from '../emulators/server.ts';
import { heldToLabel } from '../helpers/quality.ts';

const NO_KEY = 'the server takes no key';
const keyless = { 'two-instances': NO_KEY, 'probe-wrong-key': NO_KEY, 'key-hidden': NO_KEY };

const below = (path: string) => (emulator: Emulator) => ({ baseUrl: `${emulator.url}${path}` });
const startKeyed = (options: OpenAiOptions) => startOllama({ ...options, apiKey: options.apiKey ?? EMULATOR_KEY });
const startOpen = (options: OpenAiOptions) => startOllama(options);

const groq = { vendor: groqVendor, start: startGroq, settingsFor: below('/openai/v1') };
const ollama = { vendor: ollamaVendor, start: startOpen, settingsFor: below('/v1'), exempt: keyless };
const compatible = { vendor: compatibleVendor, start: startKeyed, settingsFor: below('/v1'), keyOptional: true };

t.test('the kit proves llm/groq', async (test) => {
  const retired = { model: 'llama-3.3-70b-versatile', current: 'openai/gpt-oss-120b' };
  await heldToLabel(test, 'compatible', await proveLlm({ ...groq, provider: groqLlm, retired }));
});

t.test('the kit proves llm/ollama and embeddings/ollama', async (test) => {
  await heldToLabel(test, 'compatible', await proveLlm({ ...ollama, provider: ollamaLlm }));
  await heldToLabel(test, 'compatible', await proveEmbeddings({ ...ollama, provider: ollamaEmbeddings }));
});

t.test('the kit proves llm/compatible and embeddings/compatible', async (test) => {
  const chat = { ...compatible, provider: compatibleLlm, settings: { model: 'llama3.1' } };
  await heldToLabel(test, 'compatible', await proveLlm(chat));
  const vectors = { ...compatible, provider: compatibleEmbeddings, settings: { model: 'bge-m3' } };
  await heldToLabel(test, 'compatible', await proveEmbeddings(vectors));
});
