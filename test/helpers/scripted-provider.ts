import Type from 'typebox';
import {
  type Audio,
  type Llm,
  type LlmCapabilities,
  ProviderError,
  type ProviderErrorCode,
  type ProviderManifest,
  type Stt,
  type SttCapabilities,
  type SttEvent,
  type SttOptions,
  type SttStream,
  type Transcript,
  type VendorManifest,
} from '../../core/contracts/index.ts';

/** A vendor without keys, for providers whose behaviour a test writes down. */
export function scriptedVendor(id: string): VendorManifest {
  return { id, title: id, specVersion: 1, region: 'local' };
}

export const BATCH: SttCapabilities = {
  streaming: false,
  interim: false,
  words: true,
  diarization: false,
  languages: ['pt-BR'],
  sampleRates: [16_000],
  maxSeconds: 3600,
  region: 'local',
  endpointing: 'off',
  finalize: 'none',
  chunkMs: { min: 20, max: 1000 },
  pushRate: 'fast',
  idle: 'close',
  billing: 'audio',
  maxSessionMs: 0,
  maxConcurrent: 100,
};

export const STREAM: SttCapabilities = {
  ...BATCH,
  streaming: true,
  interim: true,
  finalize: 'ack',
  chunkMs: { min: 20, max: 100 },
  idle: 'keepalive',
  maxSessionMs: 3_600_000,
};

/** What one batch provider does at each call; the last entry holds for all further calls. */
export type BatchScript = (audio: Audio, signal: AbortSignal, call: number) => Promise<Transcript> | Transcript;

/** What one stream does: called at each event of its life with the stream itself to answer on. */
export interface StreamScript {
  open?(opened: number, signal: AbortSignal): Promise<void> | void;
  push?(stream: ScriptedStream, pcm: Int16Array): void;
  finalize?(stream: ScriptedStream, marker: number): void;
  close?(stream: ScriptedStream): Promise<void> | void;
}

/** A stream a test can look into: what it was given, and a mouth to speak with. */
export class ScriptedStream implements SttStream {
  readonly number: number;
  readonly heard: number[] = [];
  readonly chunks: number[] = [];
  readonly markers: number[] = [];
  /** Samples heard before each marker. */
  readonly markedAt: number[] = [];
  isClosed = false;
  readonly signal: AbortSignal;
  readonly options: SttOptions;
  readonly #script: StreamScript;
  readonly #events: SttEvent[] = [];
  #wake: (() => void) | undefined;
  #end: { error?: unknown } | undefined;

  constructor(number: number, script: StreamScript, options: SttOptions, signal: AbortSignal) {
    this.number = number;
    this.#script = script;
    this.options = options;
    this.signal = signal;
  }

  push(pcm: Int16Array): void {
    if (this.isClosed) throw new Error('push after close');
    this.chunks.push(pcm.length);
    for (const sample of pcm) this.heard.push(sample);
    this.#script.push?.(this, pcm);
  }

  finalize(marker: number): void {
    this.markers.push(marker);
    this.markedAt.push(this.heard.length);
    this.#script.finalize?.(this, marker);
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.#script.close?.(this);
    this.end();
  }

  say(event: SttEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  /** Ends the iteration; with an error, it throws. */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake?.();
  }

  /** Samples of the utterance that ends at marker number `index`. */
  utterance(index: number): number[] {
    return this.heard.slice(this.markedAt[index - 1] ?? 0, this.markedAt[index]);
  }

  async *[Symbol.asyncIterator](): AsyncIterator<SttEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event) yield event;
      else if (this.#end) {
        if ('error' in this.#end) throw this.#end.error;
        return;
      } else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

export interface ScriptedStt {
  manifest: ProviderManifest<'stt'>;
  /** Audio of each batch call. */
  calls: Audio[];
  streams: ScriptedStream[];
  /** Instances made and closed. */
  made: number;
  closed: number;
}

/** An `stt/<id>` that does what its script says. */
export function scriptedStt(
  id: string,
  script: { batch?: BatchScript; stream?: StreamScript; create?: () => void; close?: () => Promise<void> },
  capabilities: Partial<SttCapabilities> = {},
): ScriptedStt {
  const scripted: ScriptedStt = {
    calls: [],
    streams: [],
    made: 0,
    closed: 0,
    manifest: {
      kind: 'stt',
      vendor: id,
      id,
      title: id,
      settings: Type.Object({ model: Type.String({ default: 'modelo' }) }),
      models: ['modelo'],
      capabilities: { ...(script.stream ? STREAM : BATCH), ...capabilities },
      create: () => {
        script.create?.();
        scripted.made += 1;
        return instance(scripted, script);
      },
    },
  };
  return scripted;
}

function instance(scripted: ScriptedStt, script: Parameters<typeof scriptedStt>[1]): Stt {
  const stt: Stt = {
    async transcribe(audio, _options, signal) {
      if (!script.batch) throw fault('unsupported');
      scripted.calls.push(audio);
      return script.batch(audio, signal, scripted.calls.length);
    },
    async close() {
      await script.close?.();
      scripted.closed += 1;
    },
  };
  const { stream } = script;
  if (stream) {
    stt.open = async (options, signal) => {
      const opened = new ScriptedStream(scripted.streams.length + 1, stream, options, signal);
      scripted.streams.push(opened);
      await stream.open?.(opened.number, signal);
      return opened;
    };
  }
  return stt;
}

/** An `llm/<id>` that does what its script says. */
export function scriptedLlm(
  id: string,
  llm: Llm,
  capabilities: Partial<LlmCapabilities> = {},
): ProviderManifest<'llm'> {
  return {
    kind: 'llm',
    vendor: id,
    id,
    title: id,
    settings: Type.Object({ model: Type.String({ default: 'modelo' }) }),
    models: ['modelo'],
    capabilities: {
      structured: 'strict',
      tools: false,
      streaming: false,
      temperature: true,
      contextTokens: 100_000,
      region: 'local',
      ...capabilities,
    },
    create: () => llm,
  };
}

export function fault(code: ProviderErrorCode): ProviderError {
  return new ProviderError({ code, message: `falha encenada: ${code}` });
}

/** Answers only when nobody wants it any more: never. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

/** Text that says exactly which samples were heard, in which order. */
export function echo(samples: ArrayLike<number>): string {
  let hash = 0;
  for (let at = 0; at < samples.length; at++) hash = (Math.imul(hash, 31) + (samples[at] ?? 0)) | 0;
  return `${samples[0]}..${samples[samples.length - 1]} (${samples.length}, ${hash >>> 0})`;
}

/** A healthy batch provider: says which samples it was given. */
export const answers: BatchScript = (audio) => ({ text: echo(audio.pcm), model: 'modelo' });

/** A healthy stream: one partial per chunk, at each marker one final and its `done`. */
export const streams: StreamScript = {
  push: (stream) => stream.say({ type: 'partial', text: `${stream.heard.length}` }),
  finalize: (stream, marker) => {
    stream.say({ type: 'final', text: echo(stream.utterance(stream.markers.length - 1)) });
    stream.say({ type: 'done', marker });
  },
};
