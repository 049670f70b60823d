import t from 'tap';
import { Type } from 'typebox';
import { KINDS, type ProviderManifest, type VendorManifest } from '../../../core/contracts/index.ts';
import { configurationKey } from '../../../core/registry/configured.ts';
import { Registry } from '../../../core/registry/registry.ts';
import { Configuration } from '../../../core/routing/client-config.ts';
import type { Effective } from '../../../core/routing/types.ts';
import { type ConfigSnapshot, EMPTY_SNAPSHOT, nextSnapshot } from '../../../core/store/config-snapshot.ts';
import type { OpenedCredential } from '../../../core/store/vendor-credentials.ts';
import { answers, scriptedStt } from '../../helpers/scripted-provider.ts';

const ENV = { A_API_KEY: 'house-a', B_API_KEY: 'house-b,house-b2' };

function vendor(id: string): VendorManifest {
  const credential = Type.Object({ apiKey: Type.String({ minLength: 3, secret: true }) });
  return {
    id,
    title: id.toUpperCase(),
    specVersion: 1,
    credential,
    env: [`${id.toUpperCase()}_API_KEY`],
    region: 'us',
  };
}

function provider(id: string): ProviderManifest<'stt'> {
  return {
    ...scriptedStt(id, { batch: answers }).manifest,
    aliases: [`${id}_batch`],
    settings: Type.Object(
      {
        model: Type.String({ default: 'modelo' }),
        beams: Type.Integer({ default: 1, minimum: 1, maximum: 9 }),
        baseUrl: Type.Optional(Type.String()),
      },
      { additionalProperties: false },
    ),
  };
}

const registry = new Registry();
for (const id of ['a', 'b', 'c']) registry.register(vendor(id), [provider(id)]);

/** A configuration whose versions a test writes: `[client, counter, section, value]`. */
function house(keys: OpenedCredential[] = []) {
  const lists = { ...Object.fromEntries(KINDS.map((kind) => [kind, []])), stt: ['stt/a', 'stt/b'] };
  let snapshot: ConfigSnapshot = EMPTY_SNAPSHOT;
  const live = { snapshot: () => snapshot };
  const configuration = new Configuration({ registry, env: ENV, lists: lists as never }, live);
  const write = async (...items: [string | null, string | null, string, object | null][]) => {
    const version = snapshot.version + 1;
    snapshot = await nextSnapshot(
      snapshot,
      version,
      items.map(([clientId, counterId, section, value]) => ({ version, clientId, counterId, section, value })),
      async (ids) => keys.filter(({ id }) => ids.includes(id)),
    );
  };
  return { configuration, write };
}

function key(id: string, more: Partial<OpenedCredential> = {}): OpenedCredential {
  return { id, clientId: null, vendor: 'a', credential: { apiKey: `key-${id}` }, problem: null, ...more };
}

const addresses = (effective: Effective) => effective.configured.stt.map(({ address }) => address);
const first = (effective: Effective) => effective.configured.stt[0];

t.test('with nothing stored the environment holds, with its keys', async (t) => {
  const { configuration } = house();
  const effective = configuration.for('ana', 'caixa');
  t.same(addresses(effective), ['stt/a', 'stt/b']);
  t.match(effective, { version: 0, clientId: 'ana', counterId: 'caixa', budget: null, limits: {} });
  t.match(effective.configured.stt[1], { credentials: [{ apiKey: 'house-b' }, { apiKey: 'house-b2' }], tenant: null });
  t.equal(effective.listLayer.stt, 'environment');
  t.match(effective.provider('stt/c'), { missing: 'defina C_API_KEY no .env', credentials: [] });
  t.equal(effective.provider('stt/nobody'), null);
  t.equal(effective.provider('??'), null);
});

t.test('the nearest list wins whole', async (t) => {
  const { configuration, write } = house();
  await write(
    [null, null, 'providers.stt', { use: ['stt/b'] }],
    ['ana', null, 'providers.stt', { use: ['stt/c', 'stt/a'] }],
    ['ana', 'caixa', 'providers.stt', { use: ['a_batch:turbo'] }],
  );
  const of = (client: string, counter: string | null) => configuration.for(client, counter);
  t.same(addresses(of('bia', 'x')), ['stt/b']);
  t.same(addresses(of('ana', 'x')), ['stt/c', 'stt/a']);
  t.same(addresses(of('ana', 'caixa')), ['stt/a:turbo'], 'an alias is written out');
  t.same(
    [of('bia', 'x'), of('ana', 'x'), of('ana', 'caixa')].map(({ listLayer }) => listLayer.stt),
    ['global', 'client', 'counter'],
  );
  t.same(
    of('ana', 'caixa').globalList.stt.use.map(({ address }) => address),
    ['stt/b'],
  );
  t.equal(of('ana', 'caixa').version, 1);
});

t.test('settings go field by field, and whoever says one has instances of its own', async (t) => {
  const { configuration, write } = house();
  await write(
    [null, null, 'providers.stt', { settings: { 'stt/a': { model: 'global', beams: 2 } } }],
    ['ana', null, 'providers.stt', { settings: { 'stt/a': { beams: 3 }, 'stt/a:turbo': { beams: 7 } } }],
    ['ana', 'caixa', 'providers.stt', { settings: { a_batch: { model: 'perto' } } }],
  );
  t.match(first(configuration.for('bia', 'x')), { settings: { model: 'global', beams: 2 }, tenant: null });
  t.match(first(configuration.for('ana', 'x')), { settings: { model: 'global', beams: 3 }, tenant: 'ana' });
  t.match(first(configuration.for('ana', 'caixa')), { settings: { model: 'perto', beams: 3 }, tenant: 'ana' });
  t.match(configuration.for('ana', 'x').provider('stt/a:turbo'), { settings: { beams: 7 } });
  t.equal(configuration.for('ana', 'x').configured.stt[1]?.tenant, null, 'what it says nothing of stays shared');
});

t.test('keys: the nearest layer that names some decides alone', async (t) => {
  const { configuration, write } = house([key('k1'), key('k2', { clientId: 'ana' }), key('k3', { clientId: 'ana' })]);
  await write([null, null, 'credentials.a', { ids: ['k1'] }], ['ana', null, 'credentials.a', { ids: ['k3', 'k2'] }]);
  t.match(first(configuration.for('bia', 'x')), { credentials: [{ apiKey: 'key-k1' }], tenant: null });
  const ours = first(configuration.for('ana', 'x'));
  t.match(ours, { credentials: [{ apiKey: 'key-k3' }, { apiKey: 'key-k2' }], tenant: 'ana' });
  t.equal(new Set(ours?.fingerprints).size, 2);
  t.match(configuration.for('ana', 'x').configured.stt[1], { credentials: [{ apiKey: 'house-b' }, {}], tenant: null });
});

t.test('keys that cannot be used are passed over, with the reason', async (t) => {
  const { configuration, write } = house([
    key('of-bia', { clientId: 'bia' }),
    key('of-b', { vendor: 'b' }),
    key('off', { credential: null, problem: 'a chave foi desativada' }),
    key('odd', { credential: { apiKey: 'x' } }),
    key('good'),
  ]);
  await write(['ana', null, 'credentials.a', { ids: ['of-bia', 'of-b', 'off', 'odd', 'gone', 'good'] }]);
  t.match(first(configuration.for('ana', null)), { credentials: [{ apiKey: 'key-good' }], missing: null });
  const reasons = configuration.problems('ana').map(({ section, reason }) => [section, reason]);
  t.equal(reasons.length, 5);
  t.match(reasons, [
    ['credentials.a', /outro cliente/u],
    ['credentials.a', /não é de A/u],
    ['credentials.a', /desativada/u],
    ['credentials.a', /apiKey/u],
    ['credentials.a', /não existe/u],
  ]);
  await write(['ana', null, 'credentials.a', { ids: ['off'] }]);
  t.match(first(configuration.for('ana', null)), { credentials: [], missing: 'a chave foi desativada' });
  await write(['ana', null, 'credentials.a', { ids: [] }]);
  t.match(first(configuration.for('ana', null)), { missing: /nenhuma chave de A/u }, 'and not with the house’s');
});

t.test('who says where requests go is sent no key but its own', async (t) => {
  const keys = [key('global'), key('own', { clientId: 'ana' })];
  const led = { settings: { 'stt/a': { baseUrl: 'https://example.org' } } };
  const of = async (...more: [string | null, string | null, string, object | null][]) => {
    const { configuration, write } = house(keys);
    await write(...more);
    return first(configuration.for('ana', 'caixa'));
  };
  const refused = { credentials: [], missing: /chave própria/u };
  t.match(await of(['ana', null, 'providers.stt', led]), refused, 'the environment’s');
  t.match(await of(['ana', null, 'providers.stt', led], [null, null, 'credentials.a', { ids: ['global'] }]), refused);
  t.match(await of(['ana', null, 'providers.stt', led], ['ana', null, 'credentials.a', { ids: ['global'] }]), refused);
  t.match(
    await of(['ana', 'caixa', 'providers.stt', led], ['ana', null, 'credentials.a', { ids: ['global', 'own'] }]),
    {
      credentials: [{ apiKey: 'key-own' }],
      missing: null,
      guarded: true,
    },
  );
  t.match(await of([null, null, 'providers.stt', led]), { credentials: [{ apiKey: 'house-a' }], guarded: true });
});

t.test('nothing that is stored can break it', async (t) => {
  const { configuration, write } = house();
  const rule = { id: 'boa', priority: 1, when: {}, use: ['stt/a'], mode: 'segment' };
  await write(
    [null, null, 'providers.stt', { use: ['stt/gone', 'llm/a', '???', 'stt/b'] }],
    [null, null, 'routing', { rules: [rule, { id: 'má' }, null, 7] }],
    [null, null, 'limits', { counters: -1 }],
    [null, null, 'budget', { microUsd: 'muito' }],
    [null, null, 'unheard.of', {}],
    ['ana', null, 'providers.stt', { use: 'stt/a' }],
    ['bia', null, 'providers.stt', { use: ['stt/a', 'stt/b'], settings: { 'stt/a': { beams: 99 } } }],
    ['bia', null, 'routing', []],
  );
  t.same(addresses(configuration.for('x', null)), ['stt/b']);
  t.same(configuration.for('x', null).rules.global, [rule]);
  t.match(configuration.for('x', null), { limits: {}, budget: null });
  t.equal(configuration.problems().length, 8);
  t.same(addresses(configuration.for('ana', null)), ['stt/b'], 'as if it had said nothing');
  const [bad, good] = configuration.for('bia', null).configured.stt;
  t.match(bad, { address: 'stt/a', missing: /beams/u, credentials: [] });
  t.match(good, { address: 'stt/b', missing: null });
});

t.test('what is the same is made once', async (t) => {
  const { configuration, write } = house();
  await write(
    [null, null, 'routing', { rules: [{ id: 'r', priority: 1, when: {}, use: ['stt/a'], mode: 'segment' }] }],
    ['ana', null, 'limits', { counters: 1 }],
  );
  const many = Array.from({ length: 1000 }, (_, index) => configuration.for(`client-${index}`, `counter-${index}`));
  t.equal(new Set(many.map(({ configured }) => configured)).size, 1);
  t.equal(new Set(many.map(({ rules }) => rules.global)).size, 1);
  t.equal(configuration.for('ana', null).rules.global, many[0]?.rules.global);
  t.equal(configuration.for('client-1', 'counter-1'), many[1], 'the same object until the next version');
  const before = configuration.for('ana', null);
  await write(['bia', null, 'limits', { counters: 2 }]);
  const after = configuration.for('ana', null);
  t.not(after, before);
  t.equal(after.version, 2);
  t.equal(after.configured, before.configured, 'a version that does not touch it makes nothing anew');
  t.equal(after.rules, before.rules);
});

t.test('what nobody uses any more is not in force', async (t) => {
  const { configuration, write } = house();
  const inForce = (effective: Effective, index = 0) => {
    const configured = effective.configured.stt[index];
    return (
      configured !== undefined &&
      configuration.inForce({ address: configured.address, credential: 0, provider: configured })
    );
  };
  const settled: number[] = [];
  configuration.on('settled', () => settled.push(settled.length));
  const house0 = configuration.global();
  t.ok(inForce(house0), 'whoever has nothing of its own may come at any time');
  const ana = configuration.follow('ana', 'caixa');
  const bia = configuration.follow('bia', 'caixa-b');
  await write(['ana', null, 'providers.stt', { use: ['stt/a'], settings: { 'stt/a': { beams: 2 } } }]);
  t.same(configuration.sessions(), { 0: 2 }, 'by the version of the last utterance');
  const two = ana.take();
  await configuration.settled();
  t.ok(inForce(two));
  t.same(configuration.sessions(), { 0: 1, 1: 1 });
  await write(['ana', null, 'providers.stt', { use: ['stt/a'], settings: { 'stt/a': { beams: 3 } } }]);
  await configuration.settled();
  t.notOk(inForce(two), 'before the session speaks again');
  t.ok(inForce(ana.effective()));
  t.ok(inForce(house0), 'what did not change');
  t.equal(settled.length, 2);
  const three = ana.effective();
  await write(['bia', null, 'limits', { counters: 9 }]);
  await configuration.settled();
  t.ok(inForce(three), 'somebody else’s change');
  t.equal(
    configurationKey(three.configured.stt[0] as never),
    configurationKey(ana.effective().configured.stt[0] as never),
  );
  ana.leave();
  ana.leave();
  t.notOk(inForce(three), 'its last session is over');
  t.equal(settled.length, 4);
  await write([null, null, 'providers.stt', { use: ['stt/b'] }]);
  await configuration.settled();
  t.notOk(inForce(house0), 'and everyone’s');
  t.same(addresses(bia.effective()), ['stt/b']);
  bia.leave();
  t.same(configuration.sessions(), {});
});

t.test('what a draft would do is asked without anybody noticing', async (t) => {
  const { configuration, write } = house();
  await write([null, null, 'limits', { counters: 5 }]);
  const item = { version: 2, clientId: null, counterId: null, section: 'providers.stt', value: { use: ['stt/c'] } };
  const snapshot = await nextSnapshot(EMPTY_SNAPSHOT, 2, [item], async () => []);
  t.same(addresses(configuration.whatIf(snapshot).for('ana', null)), ['stt/c']);
  t.same(addresses(configuration.for('ana', null)), ['stt/a', 'stt/b']);
});

t.test(
  'what may be offered: the nearest choice holds, and one that cannot be read is taken for the narrower',
  async (t) => {
    const { configuration, write } = house();
    const of = (counterId: string | null = null) => configuration.for('ana', counterId).offering.restrictProducts;
    t.equal(of(), undefined, 'the environment decides');
    await write([null, null, 'offering', { restrictProducts: true }]);
    t.equal(of(), true);
    await write(['ana', null, 'offering', { restrictProducts: false }]);
    t.equal(of(), false);
    await write(['ana', 'caixa', 'offering', { restrictProducts: true }]);
    t.same([of('caixa'), of('outra')], [true, false]);
    await write(['ana', null, 'offering', { restrictProducts: 'não' }]);
    t.equal(of(), true);
    t.match(configuration.problems('ana'), [{ section: 'offering' }]);
  },
);
