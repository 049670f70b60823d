import type sherpaModule from 'sherpa-onnx-node';
import type { Recognized, Tasks } from './protocol.ts';

type Sherpa = typeof sherpaModule;

/** A loaded model that does one job at a time, and blocks while it does. */
export interface Loaded<Name extends keyof Tasks> {
  info: Tasks[Name]['info'];
  run(job: Tasks[Name]['job']): Tasks[Name]['answer'];
}

const PROVIDER = 'cpu';

export function loadRecognizer(sherpa: Sherpa, spec: Tasks['transcribe']['model']): Loaded<'transcribe'> {
  let language = spec.language;
  const recognizer = new sherpa.OfflineRecognizer(recognizerConfig(spec, language));
  return {
    info: {},
    run(job) {
      if (job.language !== language) {
        language = job.language;
        recognizer.setConfig(recognizerConfig(spec, language));
      }
      const stream = recognizer.createStream();
      stream.acceptWaveform({ samples: toFloat(job.pcm), sampleRate: job.sampleRateHz });
      recognizer.decode(stream);
      return readResult(recognizer.getResult(stream));
    },
  };
}

function recognizerConfig({ model, threads }: Tasks['transcribe']['model'], language: string): object {
  const whisper = model.whisper ? { whisper: { ...model.whisper, language } } : {};
  return {
    featConfig: { sampleRate: 16_000, featureDim: 80 },
    modelConfig: { ...model, ...whisper, numThreads: threads, provider: PROVIDER, debug: 0 },
  };
}

function readResult(result: Record<string, unknown>): Recognized {
  return {
    text: typeof result['text'] === 'string' ? result['text'] : '',
    language: typeof result['lang'] === 'string' ? result['lang'] : '',
    tokens: listOf(result['tokens'], 'string'),
    timestamps: listOf(result['timestamps'], 'number'),
    durations: listOf(result['durations'], 'number'),
    logProbabilities: listOf(result['ys_log_probs'], 'number'),
  };
}

function listOf<T extends 'string' | 'number'>(value: unknown, type: T): (T extends 'string' ? string : number)[] {
  const isList = Array.isArray(value) && value.every((each) => typeof each === type);
  return isList ? (value as (T extends 'string' ? string : number)[]) : [];
}

export function loadExtractor(sherpa: Sherpa, { file, threads }: Tasks['embed']['model']): Loaded<'embed'> {
  const extractor = new sherpa.SpeakerEmbeddingExtractor({ model: file, numThreads: threads, provider: PROVIDER });
  return {
    info: { dimensions: extractor.dim },
    run({ pcm, sampleRateHz }) {
      const stream = extractor.createStream();
      stream.acceptWaveform({ samples: toFloat(pcm), sampleRate: sampleRateHz });
      stream.inputFinished();
      if (!extractor.isReady(stream)) return { vector: new Float32Array(0) };
      return { vector: extractor.compute(stream, false) };
    },
  };
}

export function loadVoice(sherpa: Sherpa, { voice, threads }: Tasks['speak']['model']): Loaded<'speak'> {
  const tts = new sherpa.OfflineTts({
    model: { vits: voice, numThreads: threads, provider: PROVIDER, debug: 0 },
    maxNumSentences: 1,
  });
  return {
    info: { sampleRateHz: tts.sampleRate, speakers: tts.numSpeakers },
    run({ text, speaker, speed, sampleRateHz }) {
      const { samples, sampleRate } = tts.generate({ text, sid: speaker, speed, enableExternalBuffer: false });
      if (sampleRate === sampleRateHz) return { pcm: toInt16(samples) };
      return { pcm: toInt16(new sherpa.LinearResampler(sampleRate, sampleRateHz).flush(samples)) };
    },
  };
}

function toFloat(pcm: Int16Array): Float32Array {
  const samples = new Float32Array(pcm.length);
  for (let i = 0; i < pcm.length; i++) samples[i] = (pcm[i] as number) / 32_768;
  return samples;
}

function toInt16(samples: Float32Array): Int16Array {
  const pcm = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    pcm[i] = Math.max(-32_768, Math.min(32_767, Math.round((samples[i] as number) * 32_767)));
  }
  return pcm;
}
