import type { VadSettings } from './settings.ts';

/** What a device says its stream is. */
export interface DeclaredAudio {
  format: 'pcm_s16le' | 'webm' | 'ogg' | 'wav';
  sampleRateHz?: number;
  channels?: number;
}

/** Why an utterance was cut, as `interacoes.cut_reason` stores it. */
export type CutReason = 'silence_end' | 'safety_limit' | 'client_end' | 'disconnect' | 'gap';

/** `interacoes.audio_classification`. */
export type AudioClass = 'fala' | 'fala_com_ruido' | 'ruido' | 'silencio_com_ruido';

/** What the segmenter knows of an utterance the moment its speech is confirmed. */
export interface UtteranceStart {
  /** Counts from 1 within the session: the row's `segmento`. */
  segment: number;
  /** Position in the session's audio time, in samples at 16 kHz, of the first sample (pre-roll included). */
  startSample: number;
  /** True when it continues a forced cut: its first `overlap` repeats the end of the segment before. */
  overlapsPrevious: boolean;
}

/** What another ear needs to go on where one has stopped. */
export interface EarState {
  /** Audio time, in samples, of the first sample it is to be given. */
  position: number;
  /** The noise floor, as RMS in int16 units. */
  noise: number;
  /** Frames at the beginning that repeat the end of an utterance cut by force; 0: it begins in silence. */
  overlapFrames: number;
}

/** Everything known about a finished utterance. Samples are at 16 kHz, features on samples scaled to ±1. */
export interface Utterance extends UtteranceStart {
  /** One past the last sample. */
  endSample: number;
  /** One past the last sample the VAD called speech. */
  speechEndSample: number;
  cutReason: CutReason;
  /** Wall clock: arrival of the frame that completed it, and the acoustic end of speech. */
  receivedAt: Date;
  speechEndAt: Date;
  /** Monotonic clock (ms) of the cut. */
  cutAtMs: number;
  /** Milliseconds this session spent on it so far: for the waterfall. */
  timings: { decodeMs: number; vadMs: number };
  silenceFramesAtCut: number;
  framesLen: number;
  speechRanges: [startS: number, endS: number][];
  noise: { start: number; end: number };
  threshold: { start: number; end: number };
  features: Features;
  /** The settings in force for it. */
  settings: VadSettings;
}

/** Acoustic features; `null` where the utterance has too little of what they need. */
export interface Features {
  durationMs: number;
  /** dB by protocol.md §3, clamped to −10…60. */
  snrDb: number;
  /** int16 units. */
  energyRmsMean: number;
  energyRmsMax: number;
  peakDbfs: number;
  clippingRatio: number;
  dcOffset: number;
  zcr: number;
  /** Hz, of the loudest frame and the mean over frames. */
  spectralCentroid: number;
  spectralCentroidMean: number;
  bandEnergyLow: number;
  bandEnergyMid: number;
  bandEnergyHigh: number;
  /** Hz, 50 to 400. */
  pitchMean: number | null;
  pitchStd: number | null;
  cleanerGainDb: number | null;
  class: AudioClass;
}

/** Where the ear tells the session what it hears; called in order, synchronously. */
export interface EarListener {
  /** Speech confirmed. The answer says how the utterance is cut: a streamed one is never force-cut before `hardLimitMs`. */
  start(utterance: UtteranceStart): { mode: 'segment' | 'stream' };
  /** Samples of the open utterance, each once, in order, pre-roll first; int16 of the signal STT hears; borrowed until return. */
  audio(segment: number, pcm: Int16Array): void;
  end(utterance: Utterance): void;
  /** An opening that turned out shorter than the minimum speech: what was given for `segment` is void, no row. */
  cancel(segment: number): void;
  /**
   * The VAD or the cleaner failed and was replaced: for the log and the counter's `estado`. `cause` is an error's code or
   * name, `nan`, `stall` or `overflow`; never what was heard.
   */
  degraded(what: 'vad' | 'cleaner', by: string, cause: string): void;
  /** What had failed is in use again. */
  recovered?(what: 'vad' | 'cleaner'): void;
}
