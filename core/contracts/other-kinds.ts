import type { Audio, Usage } from './audio.ts';

/** Text to vectors. */
export interface Embeddings {
  dimensions: number;
  embed(
    texts: string[],
    purpose: 'query' | 'document',
    signal: AbortSignal,
  ): Promise<{ vectors: Float32Array[]; usage: Usage[] }>;
  close?(): Promise<void>;
}

/** Voice to a vector; comparison, threshold and margin are the core's. */
export interface Speaker {
  dimensions: number;
  embed(audio: Audio, signal: AbortSignal): Promise<Float32Array>;
  close?(): Promise<void>;
}

/** Text to speech. */
export interface Tts {
  synthesize(request: TtsRequest, signal: AbortSignal): AsyncIterable<TtsEvent>;
  close?(): Promise<void>;
}

export interface TtsRequest {
  text: string;
  voice: string;
  language: string;
  encoding: 'pcm_s16le' | 'mulaw' | 'alaw' | 'mp3' | 'opus';
  sampleRateHz: number;
}

export type TtsEvent =
  | { type: 'audio'; bytes: Uint8Array }
  | { type: 'mark'; text: string; startMs: number }
  | { type: 'usage'; usage: Usage[] };

export interface EmbeddingsCapabilities {
  dimensions: number;
  maxTexts: number;
  region: string;
}

export interface SpeakerCapabilities {
  dimensions: number;
  minMs: number;
  /** Its vectors hint at who speaks and prove nothing: what rests on them is marked so. */
  hint?: boolean;
}

export interface TtsCapabilities {
  streaming: boolean;
  languages: string[];
  encodings: TtsRequest['encoding'][];
  sampleRates: number[];
  maxChars: number;
  region: string;
}
