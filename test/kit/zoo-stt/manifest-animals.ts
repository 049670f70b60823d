import Type from 'typebox';
import { ProviderError } from '../../../core/contracts/index.ts';
import type { SttSubject } from '../../../core/kit/index.ts';
import type { Animal } from '../menagerie.ts';
import { settingsSchema } from './acme/config.ts';
import { acme } from './acme/subject.ts';
import { animal, capabilities, context, error, instance, live, probe } from './defects.ts';

const { baseUrl } = settingsSchema.properties;
const authError = () => new ProviderError({ code: 'auth', message: 'não' });

/** Wrong in its manifest, its configuration, its life or its probe. */
export const manifestAnimals: readonly Animal<SttSubject>[] = [
  animal('manifest-named', 'knows no model', () => ({ models: [] })),
  {
    trips: 'manifest-hosts',
    name: 'names no host its key may go to',
    subject: { ...acme, vendor: { ...acme.vendor, hosts: [] } },
  },
  animal(
    'capabilities-valid',
    'wants chunks of at least 200 and at most 100 ms',
    capabilities({ chunkMs: { min: 200, max: 100 } }),
  ),
  animal('capabilities-true', 'says it streams, and has no open()', (right) => ({
    async create(...given) {
      const stt = await right.create(...given);
      return { transcribe: stt.transcribe.bind(stt) };
    },
  })),
  animal('settings-wrong-type', 'takes anything for a model', () => ({
    settings: Type.Object({ model: Type.Any({ title: 'Modelo', default: 'acme-1' }), baseUrl }),
  })),
  animal('settings-wrong-value', 'takes an empty model', () => ({
    settings: Type.Object({ model: Type.String({ title: 'Modelo', default: 'acme-1' }), baseUrl }),
  })),
  {
    trips: 'credential-required',
    name: 'does not ask for its key',
    subject: {
      ...acme,
      vendor: {
        ...acme.vendor,
        credential: Type.Object({ apiKey: Type.Optional(Type.String({ title: 'Chave', secret: true })) }),
      },
    },
  },
  animal('create-refuses-wrong-config', 'ignores settings it does not understand', (right) => ({
    create: (credential, settings, ctx) =>
      right.create(
        credential,
        typeof settings['model'] === 'string' ? settings : { baseUrl: settings['baseUrl'] },
        ctx,
      ),
  })),
  animal('create-no-io', 'greets the vendor when it is made', (right) => ({
    create(credential, settings, ctx) {
      ctx.fetch(`${String(settings['baseUrl'])}/v1/hello`).catch(() => undefined);
      return right.create(credential, settings, ctx);
    },
  })),
  animal('two-instances', 'keeps the first key it ever saw, for everybody', (right) => {
    let first: Record<string, unknown> | undefined;
    return {
      create(credential, settings, ctx) {
        first ??= credential;
        return right.create(first, settings, ctx);
      },
    };
  }),
  animal(
    'parallel-calls',
    'keeps the audio in a field until it is sent',
    instance((right) => {
      let kept: Parameters<typeof right.transcribe>[0];
      return {
        async transcribe(audio, options, signal) {
          kept = audio;
          await null;
          return right.transcribe(kept, options, signal);
        },
      };
    }),
  ),
  animal(
    'parallel-streams',
    'pushes to the stream that was opened last',
    instance((right) => {
      let last: Awaited<ReturnType<typeof right.open>>;
      return {
        async open(...given) {
          const opened = await right.open(...given);
          last = opened;
          return {
            push: (pcm) => last.push(pcm),
            finalize: (marker) => opened.finalize(marker),
            close: () => opened.close(),
            [Symbol.asyncIterator]: () => opened[Symbol.asyncIterator](),
          };
        },
      };
    }),
  ),
  animal(
    'instance-close',
    'never finishes closing',
    instance(() => ({ close: () => new Promise(() => undefined) })),
  ),
  animal(
    'throwing-context',
    'lets the platform’s exceptions through',
    context((right) => ({
      fetch: (...given) =>
        right.fetch(...given).catch(
          () =>
            ({
              get ok(): boolean {
                throw new TypeError('x');
              },
            }) as Response,
        ),
    })),
  ),
  animal(
    'probe-passes',
    'has a probe that always fails',
    probe(async () => Promise.reject(authError())),
  ),
  animal(
    'probe-wrong-key',
    'has a probe that tests nothing',
    probe(async () => undefined),
  ),
  animal(
    'probe-unreachable',
    'takes every failure of its probe for a wrong key',
    probe((right) => right().catch(() => Promise.reject(authError()))),
  ),
  animal('probe-cheap', 'has a probe that sends ten seconds of audio', (right) => ({
    async probe(credential, settings, ctx) {
      const stt = await right.create(credential, settings, ctx);
      await stt.transcribe({ pcm: new Int16Array(160_000), sampleRateHz: 16_000 }, { language: 'pt-BR' }, live());
    },
  })),
  animal('probe-retired', 'has a probe that does not look at the model', (right) => ({
    probe: async (credential, { model: _model, ...settings }, ctx) => right.probe?.(credential, settings, ctx),
  })),
  animal('key-hidden', 'quotes the request’s headers in its errors', (right) => ({
    create: (credential, ...given) =>
      error({ vendorMessage: `Bearer ${credential['apiKey']}` })(right).create?.(credential, ...given) as never,
  })),
  animal(
    'transcript-hidden',
    'logs what it heard',
    instance((right, ctx) => ({
      async transcribe(...given) {
        const answered = await right.transcribe(...given);
        ctx.log.debug({ text: answered.text }, 'transcribed');
        return answered;
      },
    })),
  ),
];
