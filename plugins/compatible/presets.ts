import { SPEC_VERSION } from '../../core/contracts/index.ts';
import { embeddingsProvider } from './embeddings.ts';
import { chatProvider } from './llm.ts';
import { ANY_MODEL, optionalKey, type Preset, requiredKey } from './preset.ts';
import { transcriptionProvider } from './stt.ts';

const groq: Preset = {
  vendor: {
    id: 'groq',
    title: 'Groq',
    specVersion: SPEC_VERSION,
    credential: requiredKey,
    env: ['GROQ_API_KEY', 'GROQ_API_KEYS'],
    hosts: ['api.groq.com'],
    region: 'us',
  },
  prefix: 'GROQ',
  baseUrl: 'https://api.groq.com/openai/v1',
  /** console.groq.com/docs/deprecations, read 2026-11-21. */
  retired: {
    'llama-3.3-70b-versatile': 'openai/gpt-oss-120b',
    'llama-3.1-70b-versatile': 'openai/gpt-oss-120b',
    'llama3-70b-8192': 'openai/gpt-oss-120b',
    'llama-3.1-8b-instant': 'openai/gpt-oss-20b',
    'llama3-8b-8192': 'openai/gpt-oss-20b',
    'mixtral-8x7b-32768': 'openai/gpt-oss-20b',
    'gemma2-9b-it': 'openai/gpt-oss-20b',
    'distil-whisper-large-v3-en': 'whisper-large-v3-turbo',
  },
};

const ollama: Preset = {
  vendor: {
    id: 'ollama',
    title: 'Ollama',
    specVersion: SPEC_VERSION,
    region: 'local',
  },
  prefix: 'OLLAMA',
  baseUrl: 'http://localhost:11434/v1',
};

const compatible: Preset = {
  vendor: {
    id: 'compatible',
    title: 'Servidor compatível',
    specVersion: SPEC_VERSION,
    credential: optionalKey,
    env: ['COMPATIBLE_API_KEY', 'COMPATIBLE_API_KEYS'],
    region: 'unknown',
  },
  prefix: 'COMPATIBLE',
};

/** Strict decoding is for these; the others promise JSON and no more. */
const isGptOss = (model: string) => model.startsWith('openai/gpt-oss-');

export const groqVendor = groq.vendor;
export const groqLlm = chatProvider(groq, {
  models: ['openai/gpt-oss-20b', 'openai/gpt-oss-120b'],
  contextTokens: 131_072,
  structuredOf: (model) => (isGptOss(model) ? 'strict' : 'json'),
  limit: 'max_completion_tokens',
  streamsStructured: false,
  effortOf: (model) => (isGptOss(model) ? 'low' : undefined),
});
export const groqStt = transcriptionProvider(groq, {
  models: ['whisper-large-v3-turbo', 'whisper-large-v3'],
  maxConcurrent: 10,
});

export const ollamaVendor = ollama.vendor;
export const ollamaLlm = {
  ...chatProvider(ollama, {
    models: ['llama3.1'],
    // What a model gets unless its operator raises it (OLLAMA_CONTEXT_LENGTH); more than that is cut in silence.
    contextTokens: 4096,
    structuredOf: () => 'strict',
    limit: 'max_tokens',
    streamsStructured: true,
  }),
  aliases: ['ollama_local'],
};
export const ollamaEmbeddings = embeddingsProvider(ollama, { models: ['bge-m3'], dimensions: 1024 });

export const compatibleVendor = compatible.vendor;
export const compatibleLlm = chatProvider(compatible, {
  models: [ANY_MODEL],
  contextTokens: 8192,
  structuredOf: () => 'strict',
  limit: 'max_tokens',
  streamsStructured: true,
});
export const compatibleStt = transcriptionProvider(compatible, { models: [ANY_MODEL], maxConcurrent: 4 });
export const compatibleEmbeddings = embeddingsProvider(compatible, { models: [ANY_MODEL], dimensions: 1024 });
