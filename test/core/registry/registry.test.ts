import Fastify from 'fastify';
import t from 'tap';
import { Type } from 'typebox';
import { type AnyProvider, BaltoError, type VendorManifest } from '../../../core/contracts/index.ts';
import registryPlugin from '../../../core/registry/plugin.ts';
import { Registry } from '../../../core/registry/registry.ts';

const vendor: VendorManifest = {
  id: 'acme',
  title: 'Acme',
  specVersion: 1,
  credential: Type.Object({ apiKey: Type.String({ secret: true, minLength: 8 }) }, { additionalProperties: false }),
  env: ['ACME_API_KEYS', 'ACME_API_KEY'],
  region: 'us',
};

function cleaner(id = 'acme'): AnyProvider {
  return {
    kind: 'cleaner',
    vendor: 'acme',
    id,
    title: 'Acme Clean',
    settings: Type.Object(
      {
        model: Type.String({ default: 'one', env: 'ACME_MODEL' }),
        floor: Type.Number({ default: 0.1, minimum: 0, maximum: 1, env: 'ACME_FLOOR' }),
        wide: Type.Boolean({ default: false, env: 'ACME_WIDE' }),
      },
      { additionalProperties: false },
    ),
    models: ['one', 'two'],
    capabilities: { noise: 'any' },
    create: (_credential, settings) => ({
      sampleRateHz: Number(settings['floor']),
      frameSamples: settings['model'] === 'two' ? 2 : 1,
      delaySamples: 0,
      open: () => ({ process: () => {}, reset: () => {}, close: () => {} }),
    }),
  };
}

function code(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof BaltoError ? `${error.code} ${error.field ?? ''}`.trim() : String(error);
  }
  return 'no error';
}

t.test('an address is split at the first slash and the first colon after it', async (t) => {
  const registry = new Registry();
  registry.register(vendor, [cleaner()]);
  t.equal(registry.resolve('cleaner/acme:two:b').model, 'two:b');
  t.equal(registry.resolve('cleaner/acme').model, undefined);
  t.equal(
    code(() => registry.resolve('cleaner/')),
    'BALTO_REGISTRY_ADDRESS',
  );
  t.equal(
    code(() => registry.resolve('voice/acme')),
    'BALTO_REGISTRY_ADDRESS',
  );
  t.equal(
    code(() => registry.resolve('cleaner/other')),
    'BALTO_REGISTRY_UNKNOWN',
  );
});

t.test('a second vendor or provider of the same id is refused, and nothing of it stays', async (t) => {
  const registry = new Registry();
  registry.register(vendor, [cleaner()]);
  t.equal(
    code(() => registry.register(vendor, [])),
    'BALTO_REGISTRY_DUPLICATE',
  );
  const other = { ...vendor, id: 'other' };
  t.equal(
    code(() =>
      registry.register(other, [
        { ...cleaner('x'), vendor: 'other' },
        { ...cleaner('x'), vendor: 'other' },
      ]),
    ),
    'BALTO_REGISTRY_DUPLICATE',
  );
  t.equal(registry.list().length, 1);
  t.equal(
    code(() => registry.register(other, [cleaner('y')])),
    'BALTO_REGISTRY_VENDOR vendor',
  );
  t.equal(
    code(() => registry.register({ ...other, specVersion: 9 as 1 }, [])),
    'BALTO_REGISTRY_SPEC_VERSION specVersion',
  );
});

t.test('a wrong setting is named, and its value is not repeated', async (t) => {
  const registry = new Registry();
  registry.register(vendor, [cleaner()]);
  const { provider } = registry.resolve('cleaner/acme');
  t.same(registry.validateSettings(provider, {}), { model: 'one', floor: 0.1, wide: false });
  t.equal(
    code(() => registry.validateSettings(provider, { floor: 2 })),
    'BALTO_CONFIG_INVALID cleaner/acme.floor',
  );
  t.equal(
    code(() => registry.validateSettings(provider, { flor: 1 })),
    'BALTO_CONFIG_INVALID cleaner/acme.flor',
  );
  t.equal(
    code(() => registry.validateCredential(vendor, { apiKey: 'short' })),
    'BALTO_CONFIG_INVALID acme.apiKey',
  );
  try {
    registry.validateCredential(vendor, { apiKey: 's3cret' });
    t.fail('accepted');
  } catch (error) {
    t.notMatch(String(error), /s3cret/);
  }
});

t.test('the environment gives settings and keys by what the manifest declares', async (t) => {
  const registry = new Registry();
  registry.register(vendor, [cleaner()]);
  const { provider } = registry.resolve('cleaner/acme');
  t.same(registry.settingsFromEnv(provider, { ACME_MODEL: 'two', ACME_FLOOR: '0.5', ACME_WIDE: 'yes' }), {
    model: 'two',
    floor: 0.5,
    wide: true,
  });
  t.equal(
    code(() => registry.settingsFromEnv(provider, { ACME_FLOOR: 'x' })),
    'BALTO_CONFIG_INVALID cleaner/acme.floor',
  );
  t.same(registry.credentialsFromEnv(vendor, { ACME_API_KEY: ' first-key-1 , second-key ' }), [
    { apiKey: 'first-key-1' },
    { apiKey: 'second-key' },
  ]);
  t.same(registry.credentialsFromEnv(vendor, {}), []);
  const credential = Type.Object({ apiKey: Type.Optional(Type.String({ secret: true })) });
  const keyless = { ...vendor, credential };
  t.same(registry.credentialsFromEnv(keyless, {}), [{}], 'a key that may be left out');
  t.same(registry.credentialsFromEnv(keyless, { ACME_API_KEY: 'one' }), [{ apiKey: 'one' }]);
});

t.test('the model of the address wins when an instance is made', async (t) => {
  const registry = new Registry();
  registry.register(vendor, [cleaner()]);
  const given = { credential: { apiKey: 'long-enough' }, settings: {}, ctx: {} as never };
  const instance = await registry.create<'cleaner'>('cleaner/acme:two', given);
  t.equal(instance.frameSamples, 2);
});

t.test('two servers in one process have registries of their own', async (t) => {
  const first = Fastify();
  const second = Fastify();
  await first.register(registryPlugin);
  await second.register(registryPlugin);
  first.balto.register(vendor, [cleaner()]);
  t.equal(first.balto.registry.list().length, 1);
  t.equal(second.balto.registry.list().length, 0);
  await Promise.all([first.close(), second.close()]);
});

t.test('an alias is taken where an address is; what several kinds know by it must be said', async (t) => {
  const registry = new Registry();
  registry.register(vendor, [{ ...cleaner(), aliases: ['acme_local', 'acme-old'] } as AnyProvider]);
  t.equal(registry.resolve('acme_local').provider.id, 'acme');
  t.strictSame(registry.parse(' acme-old:two:b '), { kind: 'cleaner', provider: 'acme', model: 'two:b' });
  t.equal(
    code(() => registry.parse('acme_local', 'stt')),
    'BALTO_REGISTRY_ADDRESS',
    'an alias of another kind is none here',
  );
  const twin = { ...cleaner('twin'), vendor: 'twin', aliases: ['acme_local'] } as AnyProvider;
  t.equal(
    code(() => registry.register({ ...vendor, id: 'twin' }, [twin])),
    'BALTO_REGISTRY_DUPLICATE',
  );
  const vad = { ...twin, kind: 'vad' } as unknown as AnyProvider;
  registry.register({ ...vendor, id: 'twin' }, [vad]);
  t.equal(
    code(() => registry.parse('acme_local')),
    'BALTO_REGISTRY_ADDRESS',
  );
  t.equal(registry.parse('acme_local', 'vad').kind, 'vad');
  t.equal(
    code(() => new Registry().register(vendor, [{ ...cleaner(), aliases: ['stt/acme'] } as AnyProvider])),
    'BALTO_REGISTRY_ID',
  );
});
