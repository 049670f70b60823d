/** The vendors on loopback, for tests and for the demo. */
export { type AnthropicOptions, startAnthropic } from './anthropic.ts';
export { type AssemblyAiOptions, startAssemblyAi } from './assemblyai.ts';
export { type AzureOpenAiOptions, startAzureOpenAi } from './azure-openai.ts';
export { type AzureSpeechOptions, startAzureSpeech } from './azure-speech.ts';
export { type DeepgramOptions, startDeepgram } from './deepgram.ts';
export { type ElevenLabsOptions, startElevenLabs } from './elevenlabs.ts';
export type { Fault } from './faults.ts';
export { type GeminiOptions, startGemini } from './gemini.ts';
export { type GladiaOptions, startGladia } from './gladia.ts';
export { type GoogleSpeechOptions, startGoogleSpeech } from './google-speech.ts';
export {
  type ChatAnswer,
  type ChatRequest,
  type OpenAiOptions,
  startGroq,
  startOllama,
  startOpenAi,
} from './openai.ts';
export { EMULATOR_KEY, type Emulator, type EmulatorOptions, type SeenRequest } from './server.ts';
export { startXai, type XaiOptions } from './xai.ts';
