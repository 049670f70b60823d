import type { Audio, Usage } from './audio.ts';

/** Speech to text. A plugin makes one attempt: time-outs, retries, replay and fallback are the runtime's. */
export interface Stt {
  /** Transcribes one whole utterance. Throws ProviderError; rejects with code `aborted` when `signal` fires. */
  transcribe(audio: Audio, options: SttOptions, signal: AbortSignal): Promise<Transcript>;
  /** Opens one live stream; resolves when the vendor accepts audio. Present when `capabilities.streaming` is true. */
  open?(options: SttOptions, signal: AbortSignal): Promise<SttStream>;
  close?(): Promise<void>;
}

export interface SttOptions {
  /** BCP 47; always set explicitly, `pt-BR` unless a client says otherwise. */
  language: string;
  /** Rate of the PCM that `open()`ed streams will be pushed. Batch audio carries its own. */
  sampleRateHz?: number;
  /** Words the vendor should expect (products of the catalogue), already cut to `capabilities.keyterms`. */
  keyterms?: string[];
  previousText?: string;
  diarize?: boolean;
  words?: boolean;
}

export interface Word {
  text: string;
  /** Milliseconds from the start of the audio given (batch) or pushed on this stream (streaming). */
  startMs: number;
  endMs: number;
  /** 0 to 1. */
  confidence?: number;
  speaker?: string;
}

/** The answer to one utterance. An empty `text` is an answer: nothing was said. */
export interface Transcript {
  text: string;
  language?: string;
  /** 0 to 1, mean over the utterance. */
  confidence?: number;
  /** 0 to 1, where the vendor gives it. */
  noSpeechProbability?: number;
  words?: Word[];
  /** Whether speaker labels mean the same person across this request only or across the session. */
  speakerScope?: 'request' | 'session';
  /** The vendor's name of the model that answered. */
  model: string;
  requestId?: string;
  usage?: Usage[];
}

/** One live connection. The iterator ends when the stream is over; it throws ProviderError when the vendor failed. */
export interface SttStream extends AsyncIterable<SttEvent> {
  /** Synchronous, never awaited, `pcm` borrowed until return; the core has already joined frames to `chunkMs`. */
  push(pcm: Int16Array): void;
  /** "Answer everything pushed so far": answered by a `done` with the same marker. */
  finalize(marker: number): void;
  /** Says good-bye to the vendor and releases the socket; idempotent, never hangs past its own bound. */
  close(): Promise<void>;
}

export type SttEvent =
  /** Replaces the partial before it. */
  | { type: 'partial'; text: string }
  /** Will not change. Any number per utterance, at the vendor's own boundaries; times count samples pushed on this stream. */
  | {
      type: 'final';
      text: string;
      startMs?: number;
      endMs?: number;
      words?: Word[];
      confidence?: number;
      requestId?: string;
      model?: string;
      /** BCP 47, as the vendor heard it. */
      language?: string;
    }
  /** All audio up to the marker is answered, also when nothing was said. */
  | { type: 'done'; marker: number; throughMs?: number }
  | { type: 'usage'; usage: Usage[] };

export interface SttCapabilities {
  streaming: boolean;
  interim: boolean;
  words: boolean;
  diarization: boolean;
  keyterms?: { max: number; maxChars: number };
  /** BCP 47; `pt` covers `pt-BR`. */
  languages: string[];
  /** Rates accepted, in Hz, best first. */
  sampleRates: number[];
  /** Longest audio of one request, in seconds. */
  maxSeconds: number;
  /** Shortest audio the vendor accepts, in milliseconds; the runtime pads with silence to it. */
  minMs?: number;
  region: string;
  endpointing: 'off' | 'vendor';
  /** How the end of an utterance is known: the vendor acknowledges, its answered time passes the marker, or not at all. */
  finalize: 'ack' | 'watermark' | 'none';
  chunkMs: { min: number; max: number };
  /** Whether a backlog may be pushed faster than real time. */
  pushRate: 'fast' | 'realtime';
  /** What an idle stream needs: the plugin sends keep-alives, or the stream is closed. */
  idle: 'keepalive' | 'close';
  billing: 'audio' | 'session';
  maxSessionMs: number;
  maxConcurrent: number;
  /** The provider's own deadlines, in milliseconds, where the defaults do not fit. */
  deadlines?: Partial<SttDeadlines>;
}

export interface SttDeadlines {
  connectMs: number;
  /** From the end of speech to the first output. */
  firstOutputMs: number;
  betweenOutputsMs: number;
  finalizeMs: number;
}
