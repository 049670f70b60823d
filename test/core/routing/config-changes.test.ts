import t from 'tap';
import { Type } from 'typebox';
import { KINDS, ProviderError, type ProviderManifest, type VendorManifest } from '../../../core/contracts/index.ts';
import { Registry } from '../../../core/registry/registry.ts';
import { Configuration } from '../../../core/routing/client-config.ts';
import { ConfigChanges } from '../../../core/routing/config-changes.ts';
import { isOfTheKey, probeKey } from '../../../core/runtime/credential-probe.ts';
import { Egress } from '../../../core/runtime/egress.ts';
import { systemClock } from '../../../core/runtime/provider-context.ts';
import type { ConfigChange } from '../../../core/store/config-table.ts';
import { forEachDatabase, quietLog } from '../../helpers/databases.ts';
import { answers, scriptedStt } from '../../helpers/scripted-provider.ts';

const by = { actor: 'admin:ana', why: 'contrato novo' };

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

/** Keys that begin with `wrong` are refused by the vendor, those with `away` cannot be asked of. */
function provider(id: string, probed: string[]): ProviderManifest<'stt'> {
  return {
    ...scriptedStt(id, { batch: answers }).manifest,
    settings: Type.Object(
      { beams: Type.Integer({ default: 1, maximum: 9 }), baseUrl: Type.Optional(Type.String()) },
      { additionalProperties: false },
    ),
    async probe(credential) {
      const key = String(credential['apiKey']);
      probed.push(`${id} ${key}`);
      if (key.startsWith('wrong')) throw new ProviderError({ code: 'auth', message: 'chave recusada' });
      if (key.startsWith('away')) throw new ProviderError({ code: 'connection', message: 'não responde' });
    },
  };
}

t.test('on either database', (t) =>
  forEachDatabase(t, async (t, open) => {
    const store = await open();
    const probed: string[] = [];
    const registry = new Registry();
    for (const id of ['a', 'b', 'c']) registry.register(vendor(id), [provider(id, probed)]);
    const env = { A_API_KEY: 'house-a' };
    const lists = { ...Object.fromEntries(KINDS.map((kind) => [kind, []])), stt: ['stt/a'] } as never;
    await store.config.start();
    const configuration = new Configuration({ registry, env, lists }, store.config);
    const egress = new Egress([]);
    t.teardown(() => egress.close());
    const { client } = await store.clients.create({ email: 'a@x', companyName: 'A' });
    const { client: other } = await store.clients.create({ email: 'b@x', companyName: 'B' });
    const { counter } = await store.counters.register(client.clientId, 'Caixa');
    const changes = new ConfigChanges({
      registry,
      env,
      configuration,
      versions: store.configVersions,
      drafts: store.configDrafts,
      credentials: store.credentials,
      live: store.config,
      language: 'pt-BR',
      clientsAmong: async (ids) => new Set(ids.filter((id) => [client.clientId, other.clientId].includes(id))),
      counters: async (ids) =>
        (await store.counters.page({ clientIds: ids ?? [client.clientId, other.clientId] }, 100)).items,
      keys: (ids) => store.credentials.byIds(ids),
      probe: (configured, index) => probeKey(configured, index, { clock: systemClock, log: quietLog, egress }),
      isOfTheKey,
      noteProbe: (id, code) => store.credentials.noteProbe(id, code),
      refuseUrl: (url) => {
        try {
          egress.check(url);
          return undefined;
        } catch (error) {
          return (error as Error).message;
        }
      },
    });
    const of = (clientId: string | null, section: string, value: object | null, counterId: string | null = null) =>
      ({ clientId, counterId, section, value }) satisfies ConfigChange;
    const keep = async (vendorId: string, apiKey: string, clientId: string | null = null) =>
      (
        await store.credentials.add(
          { clientId, vendor: vendorId, label: apiKey, credential: { apiKey }, secret: apiKey },
          by,
        )
      ).id;

    t.test('one call puts a change in force here, and says what looks wrong', async (t) => {
      const key = await keep('b', 'good-b');
      const done = await changes.change(
        [
          of(client.clientId, 'credentials.b', { ids: [key] }),
          of(client.clientId, 'providers.stt', { use: ['stt/b', 'stt/c'] }),
        ],
        by,
      );
      t.equal(store.config.version, done.version);
      const effective = configuration.for(client.clientId, counter.counterId);
      t.same(
        effective.configured.stt.map(({ address, missing }) => [address, missing]),
        [
          ['stt/b', null],
          ['stt/c', 'defina C_API_KEY no .env'],
        ],
      );
      t.match(done.warnings, [{ code: 'BALTO_CONFIG_UNUSABLE', field: 'providers.stt.use[1]' }]);
      t.same(probed, ['b good-b'], 'the key that is new, once');
      t.match(await store.credentials.byIds([key]), [{ probeCode: 'ok' }]);
      t.match(await store.configVersions.byVersion(done.version), { actor: 'admin:ana', why: 'contrato novo' });
    });

    t.test('what is wrong is refused by its field, and changes nothing', async (t) => {
      const version = store.config.version;
      const ofOther = await keep('a', 'good-other', other.clientId);
      const off = await keep('a', 'good-off');
      await store.credentials.disable(off, by);
      const ofB = await keep('b', 'good-b2');
      const us = client.clientId;
      const rule = { id: 'r', priority: 1, when: {}, use: ['stt/a'], mode: 'stream' };
      const wrong: [ConfigChange, code: string, field: string][] = [
        [of(null, 'providers.xyz', {}), 'SECTION', 'providers.xyz'],
        [of(null, 'credentials.nobody', { ids: [] }), 'SECTION', 'credentials.nobody'],
        [of(null, 'toString', {}), 'SECTION', 'toString'],
        [of(null, 'limits', { counters: -1 }), 'SCHEMA', 'limits.counters'],
        [of(null, 'budget', { period: 'day' }), 'SCHEMA', 'budget.microUsd'],
        [of(us, 'prices', { prices: [] }), 'PLACE', 'prices'],
        [of(us, 'routing', { rules: [] }, counter.counterId), 'PLACE', 'routing'],
        [of('nobody', 'limits', {}), 'PLACE', 'limits'],
        [of(other.clientId, 'limits', {}, counter.counterId), 'PLACE', 'limits'],
        [of(us, 'providers.stt', { use: ['stt/gone'] }), 'ADDRESS', 'providers.stt.use[0]'],
        [of(us, 'providers.stt', { use: ['llm/a'] }), 'ADDRESS', 'providers.stt.use[0]'],
        [of(us, 'providers.stt', { use: 'stt/a' }), 'SCHEMA', 'providers.stt.use'],
        [
          of(us, 'providers.stt', { settings: { 'stt/a': { beams: 99 } } }),
          'SETTINGS',
          'providers.stt.settings.stt/a.beams',
        ],
        [
          of(us, 'providers.stt', { settings: { 'stt/a': { odd: 1 } } }),
          'SETTINGS',
          'providers.stt.settings.stt/a.odd',
        ],
        [
          of(us, 'providers.stt', { settings: { 'stt/a': { baseUrl: 'http://169.254.169.254/' } } }),
          'EGRESS',
          'providers.stt.settings.stt/a.baseUrl',
        ],
        [of(us, 'credentials.a', { ids: [ofOther] }), 'KEY', 'credentials.a.ids[0]'],
        [of(us, 'credentials.a', { ids: [off] }), 'KEY', 'credentials.a.ids[0]'],
        [of(us, 'credentials.a', { ids: [ofB] }), 'KEY', 'credentials.a.ids[0]'],
        [of(null, 'credentials.a', { ids: ['nobody'] }), 'KEY', 'credentials.a.ids[0]'],
      ];
      for (const [change, code, field] of wrong) {
        await t.rejects(changes.change([change], by), { code: `BALTO_CONFIG_${code}`, field }, `${code} ${field}`);
      }
      await t.rejects(changes.change([of(us, 'routing', { rules: [rule] })], by), {
        code: 'BALTO_RULE_STREAM',
        field: /^routing\.rules\[0\]/u,
      });
      t.equal(store.config.version, version);
    });

    t.test('nobody is left without a candidate who had one', async (t) => {
      await t.rejects(changes.change([of(null, 'providers.stt', { use: ['stt/c'] })], by), {
        code: 'BALTO_CONFIG_NO_CANDIDATE',
      });
      await t.rejects(changes.change([of(null, 'credentials.a', { ids: [] })], by), {
        code: 'BALTO_CONFIG_NO_CANDIDATE',
      });
      t.ok(await changes.change([of(null, 'providers.llm', { use: [] })], by), 'whoever had none may go on without');
    });

    t.test('a key that its vendor refuses is refused; a vendor that is away refuses nothing', async (t) => {
      const [wrong, away] = [await keep('c', 'wrong-key'), await keep('c', 'away-key')];
      const use = of(client.clientId, 'providers.stt', { use: ['stt/c', 'stt/b'] });
      await t.rejects(changes.change([use, of(client.clientId, 'credentials.c', { ids: [wrong] })], by), {
        code: 'BALTO_CONFIG_PROBE',
        message: /chave recusada/u,
      });
      t.match(await store.credentials.byIds([wrong]), [{ probeCode: 'auth' }]);
      const done = await changes.change([use, of(client.clientId, 'credentials.c', { ids: [away] })], by);
      t.match(done.warnings, [{ code: 'BALTO_CONFIG_PROBE', message: /não responde/u }]);
      probed.length = 0;
      await changes.change([of(client.clientId, 'limits', { counters: 3 })], by);
      await changes.change([of(other.clientId, 'providers.stt', { use: ['stt/a'] })], by);
      t.same(probed, [], 'what it says now does not touch what others change');
    });

    t.test('a draft waits, is validated, and is in force once', async (t) => {
      const place = { clientId: client.clientId, counterId: null };
      const draft = await changes.draft({
        ...place,
        changes: [of(client.clientId, 'limits', { counters: 4 })],
        author: 'admin:ana',
      });
      t.match(draft, { state: 'open', validation: null, baseVersion: store.config.version });
      t.match(await changes.validate(draft.id), { state: 'valid', validation: { errors: [], probes: [] } });
      t.match(configuration.for(client.clientId, null).limits, { counters: 3 }, 'nothing is in force yet');
      t.match(configuration.whatIf(await changes.preview(draft.changes)).for(client.clientId, null).limits, {
        counters: 4,
      });
      const { version } = await changes.activate(draft.id, by);
      t.match(configuration.for(client.clientId, null).limits, { counters: 4 });
      t.match(await store.configDrafts.byId(draft.id), { state: 'active', activatedVersion: version });
      await t.rejects(changes.activate(draft.id, by), { code: 'BALTO_CONFIG_DRAFT_USED', statusCode: 409 });
      await t.rejects(changes.activate('nobody', by), { code: 'BALTO_CONFIG_DRAFT_UNKNOWN', statusCode: 404 });
      const bad = await changes.draft({
        ...place,
        changes: [of(client.clientId, 'limits', { counters: -4 })],
        author: 'x',
      });
      t.match(await changes.validate(bad.id), {
        state: 'refused',
        validation: { errors: [{ field: 'limits.counters' }] },
      });
      await t.rejects(changes.activate(bad.id, by), { code: 'BALTO_CONFIG_SCHEMA' });
      await store.configDrafts.discard(bad.id);
      await t.rejects(changes.activate(bad.id, by), { code: 'BALTO_CONFIG_DRAFT_USED' });
      t.match(await store.configDrafts.list({ clientId: client.clientId, limit: 9 }), [
        { id: bad.id },
        { id: draft.id },
      ]);
      t.same(await store.configDrafts.list({ clientId: null, limit: 9 }), []);
    });

    t.test('a draft that somebody overtook is refused', async (t) => {
      const late = await changes.draft({
        clientId: client.clientId,
        counterId: null,
        changes: [of(client.clientId, 'limits', { counters: 5 })],
        author: 'admin:ana',
      });
      await changes.change([of(client.clientId, 'limits', { counters: 6 })], by);
      await t.rejects(changes.activate(late.id, by), { code: 'BALTO_CONFIG_STALE', statusCode: 412 });
      t.match(configuration.for(client.clientId, null).limits, { counters: 6 });
    });

    t.test('rollback is in force when it returns', async (t) => {
      const good = store.config.version;
      await changes.change([of(client.clientId, 'limits', { counters: 9 })], by);
      await changes.rollback(good, { ...by, clientId: client.clientId });
      t.match(configuration.for(client.clientId, null).limits, { counters: 6 });
      const key = await keep('a', 'good-a3');
      const place = of(other.clientId, 'credentials.a', { ids: [key] });
      const { version } = await changes.change([place], by);
      await changes.change([{ ...place, value: null }], by);
      await store.credentials.disable(key, by);
      const back = await changes.rollback(version, { ...by, clientId: other.clientId });
      t.equal(back.changed.length, 1, 'it refuses nothing');
      t.match(back.warnings, [{ code: 'BALTO_CONFIG_UNUSABLE', field: 'credentials.a', message: /desativada/u }]);
    });
  }),
);
