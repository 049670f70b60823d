import {
  type Audio,
  type ConnectOptions,
  isProviderError,
  type ProviderContext,
  ProviderError,
  type ProviderErrorInit,
  type ProviderManifest,
  type Settings,
  type Stt,
  type SttCapabilities,
  type SttEvent,
  type SttOptions,
  type SttStream,
  type Transcript,
} from '../../../core/contracts/index.ts';
import type { SttSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { acme } from './acme/subject.ts';

type Manifest = ProviderManifest<'stt'>;
/** One thing done wrong to the reference. */
export type Defect = (right: Manifest) => Partial<Manifest>;

export const live = (): AbortSignal => new AbortController().signal;

/** The reference with one defect. */
export function animal(trips: string, name: string, defect: Defect): Animal<SttSubject> {
  return { name, trips, subject: { ...acme, provider: { ...acme.provider, ...defect(acme.provider) } } };
}

/** The same instance, some of its methods replaced. */
export function instance(
  change: (right: Stt & Required<Pick<Stt, 'open'>>, ctx: ProviderContext) => Partial<Stt>,
): Defect {
  return (right) => ({
    async create(credential, settings, ctx) {
      const stt = (await right.create(credential, settings, ctx)) as Stt & Required<Pick<Stt, 'open'>>;
      const whole = {
        transcribe: stt.transcribe.bind(stt),
        open: stt.open.bind(stt),
      };
      return { ...whole, ...change(whole, ctx) };
    },
  });
}

/** Another transcript than the vendor's. */
export function transcript(change: (right: Transcript) => Partial<Transcript>): Defect {
  return instance((right) => ({
    async transcribe(audio, options, signal) {
      const answered = await right.transcribe(audio, options, signal);
      return { ...answered, ...change(answered) };
    },
  }));
}

/** The vendor is asked something else than was given. */
export function asked(
  change: (audio: Audio, options: SttOptions, signal: AbortSignal) => [Audio, SttOptions, AbortSignal],
): Defect {
  return instance((right) => ({
    transcribe: (...given) => right.transcribe(...change(...given)),
    open: (options, signal) => {
      const [, changed, other] = change({ pcm: new Int16Array(0), sampleRateHz: 16_000 }, options, signal);
      return right.open(changed, other);
    },
  }));
}

/** Another error than the right one, of a request and of the opening of a stream. */
export function error(change: Partial<ProviderErrorInit>): Defect {
  return instance((right) => ({
    transcribe: (...given) => right.transcribe(...given).catch((reason) => Promise.reject(changed(reason, change))),
    open: (...given) => right.open(...given).catch((reason) => Promise.reject(changed(reason, change))),
  }));
}

/** The same ProviderError with some fields of another value. */
export function changed(reason: unknown, change: Partial<ProviderErrorInit>): unknown {
  if (!isProviderError(reason)) return reason;
  const { code, message, retryable, blame, retryAfterMs, scope, vendorCode } = reason;
  const init = { code, message, retryable, blame, retryAfterMs, scope, vendorCode, ...change };
  const set = Object.entries(init).filter(([, value]) => value !== undefined);
  return new ProviderError(Object.fromEntries(set) as unknown as ProviderErrorInit);
}

/** Another world than the core gives. */
export function context(change: (right: ProviderContext) => Partial<ProviderContext>): Defect {
  return (right) => ({
    create: (credential, settings, ctx) => right.create(credential, settings, { ...ctx, ...change(ctx) }),
  });
}

/** Messages of the vendor read differently: null drops one. */
export function messages(change: (message: Record<string, unknown>) => Record<string, unknown>): () => Defect {
  return () =>
    context((right) => ({
      connect: (url, options) =>
        right.connect(url, {
          ...options,
          onMessage: (data) => options.onMessage(JSON.stringify(change(JSON.parse(String(data))))),
        } as ConnectOptions),
    }));
}

/** A stream some of whose methods are replaced. */
export function stream(change: (right: SttStream, ctx: ProviderContext) => Partial<SttStream>): Defect {
  return instance((right, ctx) => ({
    async open(options, signal) {
      const opened = await right.open(options, signal);
      const whole: SttStream = {
        push: (pcm) => opened.push(pcm),
        finalize: (marker) => opened.finalize(marker),
        close: () => opened.close(),
        [Symbol.asyncIterator]: () => opened[Symbol.asyncIterator](),
      };
      return { ...whole, ...change(whole, ctx) };
    },
  }));
}

/** A stream that tells other events than it got. */
export function events(change: (right: AsyncIterable<SttEvent>) => AsyncIterable<SttEvent>): Defect {
  return stream((right) => ({ [Symbol.asyncIterator]: () => change(right)[Symbol.asyncIterator]() }));
}

/** The same, one event at a time; null drops it. */
export function each(change: (event: SttEvent) => SttEvent | null): Defect {
  return events(async function* (right) {
    for await (const event of right) {
      const other = change(event);
      if (other) yield other;
    }
  });
}

/** A stream that throws another error. */
export function streamError(change: Partial<ProviderErrorInit>): Defect {
  return events(async function* (right) {
    try {
      yield* right;
    } catch (reason) {
      throw changed(reason, change);
    }
  });
}

export function capabilities(change: Partial<SttCapabilities>): Defect {
  return (right) => ({ capabilities: { ...(right.capabilities as SttCapabilities), ...change } });
}

export function probe(
  run: (right: () => Promise<void>, settings: Settings, ctx: ProviderContext) => Promise<void>,
): Defect {
  return (right) => ({
    probe: (credential, settings, ctx) => run(async () => right.probe?.(credential, settings, ctx), settings, ctx),
  });
}
