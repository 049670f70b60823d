/** What this process and the one that holds the model say to each other. */

/** The native library's `modelConfig`, as far as the layouts need it. */
export interface RecognizerModel {
  tokens: string;
  whisper?: { encoder: string; decoder: string; task: string };
  transducer?: { encoder: string; decoder: string; joiner: string };
  nemoCtc?: { model: string };
  paraformer?: { model: string };
  modelType?: string;
}

/** The native library's `vits` model. */
export interface VoiceModel {
  model: string;
  tokens: string;
  dataDir: string;
}

/** Per task: what is loaded, what loading tells, what is asked and answered. */
export interface Tasks {
  transcribe: {
    model: { model: RecognizerModel; language: string; threads: number };
    info: Record<string, never>;
    job: { pcm: Int16Array; sampleRateHz: number; language: string };
    answer: Recognized;
  };
  embed: {
    model: { file: string; threads: number };
    info: { dimensions: number };
    job: { pcm: Int16Array; sampleRateHz: number };
    answer: { vector: Float32Array };
  };
  speak: {
    model: { voice: VoiceModel; threads: number };
    info: { sampleRateHz: number; speakers: number };
    job: { text: string; speaker: number; speed: number; sampleRateHz: number };
    answer: { pcm: Int16Array };
  };
}

export type Task = keyof Tasks;

/** What the native recogniser answers, the parts in use. Times in seconds. */
export interface Recognized {
  text: string;
  language: string;
  tokens: string[];
  timestamps: number[];
  durations: number[];
  /** Natural logarithms, one per token; empty where the model gives none. */
  logProbabilities: number[];
}

export type ToEngine<T extends Task = Task> =
  | { type: 'load'; task: T; model: Tasks[T]['model'] }
  | { type: 'job'; id: number; job: Tasks[T]['job'] };

export type FromEngine<T extends Task = Task> =
  | { type: 'ready'; info: Tasks[T]['info'] }
  /** `package`: the native library does not load; `model`: it refuses the model. */
  | { type: 'failed'; reason: 'package' | 'model' }
  | { type: 'answer'; id: number; answer: Tasks[T]['answer'] }
  | { type: 'error'; id: number };
