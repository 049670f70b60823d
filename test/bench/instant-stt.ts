import Type from 'typebox';
import type {
  ProviderManifest,
  Stt,
  SttCapabilities,
  SttEvent,
  SttStream,
  Transcript,
} from '../../core/contracts/index.ts';
import { BATCH, STREAM } from '../helpers/scripted-provider.ts';

/** What every answer says. */
export const SAID = 'bom dia estou com muita dor de cabeça desde ontem';

/** A provider that answers at once and does nothing else: what is measured over it is the runtime. */
export function instantStt(
  id: string,
  options: {
    streaming: boolean;
    capabilities?: Partial<SttCapabilities>;
    /** Called before each answer, and before each push of a stream; may throw, or wait. */
    before?: (what: 'transcribe' | 'push') => Promise<void> | void;
  },
): ProviderManifest<'stt'> {
  const { streaming, capabilities, before = () => {} } = options;
  return {
    kind: 'stt',
    vendor: id,
    id,
    title: id,
    settings: Type.Object({ model: Type.String({ default: 'modelo' }) }),
    models: ['modelo'],
    capabilities: { ...(streaming ? STREAM : BATCH), ...capabilities },
    create: () => instance(streaming, before),
  };
}

function instance(streaming: boolean, before: (what: 'transcribe' | 'push') => Promise<void> | void): Stt {
  const stt: Stt = {
    async transcribe(): Promise<Transcript> {
      await before('transcribe');
      return { text: SAID, language: 'pt-BR', model: 'modelo' };
    },
  };
  if (streaming) stt.open = async () => new InstantStream(() => before('push'));
  return stt;
}

/** Counts what it is given, and answers each marker at once. */
export class InstantStream implements SttStream {
  samples = 0;
  readonly #before: () => unknown;
  readonly #events: SttEvent[] = [];
  #wake: () => void = () => undefined;
  #isOver = false;
  #error: unknown;

  constructor(before: () => unknown) {
    this.#before = before;
  }

  push(pcm: Int16Array): void {
    try {
      this.#before();
    } catch (error) {
      this.#error = error;
      this.#end();
    }
    this.samples += pcm.length;
  }

  finalize(marker: number): void {
    this.#events.push({ type: 'final', text: SAID }, { type: 'done', marker });
    this.#wake();
  }

  async close(): Promise<void> {
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<SttEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event) yield event;
      else if (this.#error) throw this.#error;
      else if (this.#isOver) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
