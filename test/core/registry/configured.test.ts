import t from 'tap';
import { Type } from 'typebox';
import type { AnyProvider, VendorManifest } from '../../../core/contracts/index.ts';
import { configuredProviders } from '../../../core/registry/configured.ts';
import { Registry } from '../../../core/registry/registry.ts';

const acme: VendorManifest = {
  id: 'acme',
  title: 'Acme',
  specVersion: 1,
  credential: Type.Object({ apiKey: Type.String({ minLength: 1, secret: true }) }),
  env: ['ACME_API_KEY', 'ACME_API_KEYS'],
  region: 'us',
};
const local: VendorManifest = { id: 'local', title: 'Local', specVersion: 1, region: 'local' };

function cleaner(id: string): AnyProvider {
  return {
    kind: 'cleaner',
    vendor: id,
    id,
    title: id,
    settings: Type.Object({ model: Type.String({ default: 'one', env: 'ACME_MODEL' }) }),
    models: ['one', 'two'],
    capabilities: { noise: 'any' },
    create: () => ({
      sampleRateHz: 16_000,
      frameSamples: 512,
      delaySamples: 0,
      open: () => ({ process() {}, reset() {}, close() {} }),
    }),
  };
}

const registry = new Registry();
registry.register(acme, [cleaner('acme')]);
registry.register(local, [cleaner('local')]);

t.test('each address once, in order, with its keys and settings', async (t) => {
  const env = { ACME_API_KEYS: 'k1, k2', ACME_MODEL: 'two' };
  const found = configuredProviders(registry, 'cleaner', ['cleaner/local', 'cleaner/acme', ' cleaner/local '], env);
  t.match(found, [
    { address: 'cleaner/local', credentials: [{}], missing: null },
    { address: 'cleaner/acme', credentials: [{ apiKey: 'k1' }, { apiKey: 'k2' }], missing: null },
  ]);
  t.equal(found.length, 2);
  t.same(found[1]?.settings, { model: 'two' });
});

t.test('a missing key is no error: it says which variable would do', async (t) => {
  const [found] = configuredProviders(registry, 'cleaner', ['cleaner/acme'], {});
  t.match(found, { credentials: [], missing: 'defina ACME_API_KEY ou ACME_API_KEYS no .env' });
});

t.test('an address of another kind, an unknown one and a malformed one are errors', async (t) => {
  const read = (address: string) => () => configuredProviders(registry, 'cleaner', [address], {});
  t.throws(read('stt/acme'), { code: 'BALTO_CONFIG_KIND', field: 'BALTO_CLEANER' });
  t.throws(read('cleaner/nobody'), { name: 'BaltoError' });
  t.throws(read('acme'), { code: 'BALTO_REGISTRY_ADDRESS' });
});
