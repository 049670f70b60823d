import t, { type Test } from 'tap';
import { type Emulator, type KitReport, proveEmbeddings, proveLlm } from '../../core/kit/index.ts';
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

/** These take it for granted that a vendor needs a key; a server of one's own may have none. */
const WITH_KEY_ONLY = ['credential-required', 'create-refuses-wrong-config'];
const NO_KEY = 'the server takes no key';
const keyless = { 'two-instances': NO_KEY, 'probe-wrong-key': NO_KEY, 'key-hidden': NO_KEY };

const below = (path: string) => (emulator: Emulator) => ({ baseUrl: `${emulator.url}${path}` });
const startKeyed = (options: OpenAiOptions) => startOllama({ ...options, apiKey: options.apiKey ?? EMULATOR_KEY });
const startOpen = (options: OpenAiOptions) => startOllama(options);

const groq = { vendor: groqVendor, start: startGroq, settingsFor: below('/openai/v1') };
const ollama = { vendor: ollamaVendor, start: startOpen, settingsFor: below('/v1'), exempt: keyless };
const compatible = { vendor: compatibleVendor, start: startKeyed, settingsFor: below('/v1') };

t.test('the kit proves llm/groq', async (test) => {
  const retired = { model: 'llama-3.3-70b-versatile', current: 'openai/gpt-oss-120b' };
  allPassed(test, await proveLlm({ ...groq, provider: groqLlm, retired }));
});

t.test('the kit proves llm/ollama and embeddings/ollama', async (test) => {
  allPassed(test, await proveLlm({ ...ollama, provider: ollamaLlm }));
  allPassed(test, await proveEmbeddings({ ...ollama, provider: ollamaEmbeddings }));
});

t.test('the kit proves llm/compatible and embeddings/compatible, but for what needs a key', async (test) => {
  const chat = { ...compatible, provider: compatibleLlm, settings: { model: 'llama3.1' } };
  allPassed(test, await proveLlm(chat), WITH_KEY_ONLY);
  const vectors = { ...compatible, provider: compatibleEmbeddings, settings: { model: 'bge-m3' } };
  allPassed(test, await proveEmbeddings(vectors), WITH_KEY_ONLY);
});

function allPassed(test: Test, { results }: KitReport, without: readonly string[] = []): void {
  for (const { id, title, outcome, detail } of results) {
    if (!without.includes(id)) test.not(outcome, 'failed', `${id}: ${detail ?? title}`);
  }
}
