/** The part of `sherpa-onnx-node` in use. The package ships no types, and may not be installed: it is optional. */
declare module 'sherpa-onnx-node' {
  export interface Waveform {
    samples: Float32Array;
    sampleRate: number;
  }
  interface OfflineStream {
    acceptWaveform(wave: Waveform): void;
  }
  interface OnlineStream {
    acceptWaveform(wave: Waveform): void;
    inputFinished(): void;
  }
  class OfflineRecognizer {
    constructor(config: object);
    createStream(): OfflineStream;
    decode(stream: OfflineStream): void;
    /** Parsed JSON of the library's own making. */
    getResult(stream: OfflineStream): Record<string, unknown>;
    setConfig(config: object): void;
  }
  class SpeakerEmbeddingExtractor {
    readonly dim: number;
    constructor(config: object);
    createStream(): OnlineStream;
    isReady(stream: OnlineStream): boolean;
    compute(stream: OnlineStream, enableExternalBuffer?: boolean): Float32Array;
  }
  class OfflineTts {
    readonly sampleRate: number;
    readonly numSpeakers: number;
    constructor(config: object);
    generate(request: { text: string; sid: number; speed: number; enableExternalBuffer?: boolean }): Waveform;
  }
  class LinearResampler {
    constructor(inputSampleRate: number, outputSampleRate: number);
    flush(samples: Float32Array): Float32Array;
  }
  const sherpa: {
    OfflineRecognizer: typeof OfflineRecognizer;
    SpeakerEmbeddingExtractor: typeof SpeakerEmbeddingExtractor;
    OfflineTts: typeof OfflineTts;
    LinearResampler: typeof LinearResampler;
  };
  export default sherpa;
}
