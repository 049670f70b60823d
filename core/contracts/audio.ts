/** Mono PCM, signed 16 bit, at a stated rate. The runtime resamples and joins to what a provider's capabilities ask. */
export interface Audio {
  pcm: Int16Array;
  sampleRateHz: number;
}

/** The rate everything inside the core runs at, in Hz. */
export const CORE_SAMPLE_RATE_HZ = 16_000;

/** Samples in the core's 30 ms frame: the unit of the energy gate, the segmenter and the wire's `*_frames` settings. */
export const FRAME_SAMPLES = 480;

/** Milliseconds in {@link FRAME_SAMPLES}. */
export const FRAME_MS = 30;

/** One thing a vendor bills by, as the vendor counts it. */
export interface Usage {
  unit: 'second' | 'character' | 'token' | 'request';
  quantity: number;
  of: 'audio_in' | 'audio_out' | 'text_in' | 'text_in_cached' | 'text_out';
  /** Channels of the audio; absent: one. Some vendors bill each. */
  channels?: number;
  /** The model that was billed, as the vendor names it. */
  model: string;
}
