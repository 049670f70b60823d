import { type AnyProvider, type Kind, SPEC_VERSION } from '../../contracts/index.ts';
import { must } from '../check.ts';
import { mustAskForKey, mustRefuse, propertiesOf, wrongCredential, wrongType, wrongValues } from '../config.ts';
import { failureOf, mustMean } from '../expect.ts';
import { type RemoteCheck, remoteCheck, stageOf } from './proof.ts';

/** What the manifest says of the provider, and that wrong configuration is refused by the name of the field. */
export function manifestChecks<K extends Kind>(kind: K): readonly RemoteCheck<K>[] {
  return [
    remoteCheck(
      'manifest-named',
      'bronze',
      'The manifest says what it is: kind, ids, titles, models, the contracts it was written for.',
      [],
      async ({ subject: { vendor, provider } }) => {
        must(provider.kind === kind, `kind ${kind}`);
        must(provider.vendor === vendor.id, 'the vendor the provider names is the one it came with');
        must(/^[a-z0-9][a-z0-9-]*$/.test(provider.id), 'an id in kebab-case');
        must(provider.title !== '' && vendor.title !== '', 'titles');
        must(vendor.specVersion === SPEC_VERSION, `contract version ${SPEC_VERSION}`);
        must(provider.models.length > 0, 'at least one model');
        const { model } = propertiesOf(provider.settings);
        const isFirst = model?.default === undefined || model.default === provider.models[0];
        must(isFirst, 'the default model is the first of the models');
      },
    ),
    remoteCheck(
      'manifest-hosts',
      'silver',
      'The vendor names the hosts a key may be sent to, and every default address is one of them.',
      [({ mode }) => (mode === 'local' ? 'works in this process: no key is sent anywhere' : null)],
      async ({ subject: { vendor, provider } }) => {
        const hosts = vendor.hosts ?? [];
        const defaults = Object.values(propertiesOf(provider.settings)).map((property) => property.default);
        const urls = defaults.filter((each) => typeof each === 'string' && /^(https?|wss?):\/\//.test(each));
        for (const host of hosts) must(/^[a-z0-9.*-]+$/.test(host), 'hosts are bare names');
        for (const url of urls) {
          const { hostname } = new URL(url as string);
          const isHere = hostname === '127.0.0.1' || hostname === 'localhost';
          must(isHere || hosts.includes(hostname), 'the default address is one of the hosts');
        }
      },
    ),
    ...configChecks<K>(),
  ];
}

function configChecks<K extends Kind>(): readonly RemoteCheck<K>[] {
  return [
    remoteCheck(
      'settings-wrong-type',
      'bronze',
      'A setting of a wrong type is refused, and the refusal names the field; each field has a title.',
      [],
      async (proof, life) => {
        const { provider, vendor } = proof.subject;
        const { settings } = await stageOf(proof, life);
        for (const [name, property] of Object.entries(propertiesOf(provider.settings))) {
          must(property.title !== undefined, `settings.${name} has a title`);
          mustRefuse(vendor, asAny(provider), { ...settings, [name]: wrongType(property) }, name);
        }
      },
    ),
    remoteCheck(
      'settings-wrong-value',
      'silver',
      'A value outside what the schema allows is refused by name; an empty model and a base URL that is none are such.',
      [],
      async (proof, life) => {
        const { provider, vendor } = proof.subject;
        const { settings } = await stageOf(proof, life);
        for (const [name, property] of Object.entries(propertiesOf(provider.settings))) {
          const wrong = wrongValues(property);
          if (name === 'model') wrong.push('');
          if (name === 'baseUrl') wrong.push('nada');
          for (const value of wrong) mustRefuse(vendor, asAny(provider), { ...settings, [name]: value }, name);
        }
      },
    ),
    remoteCheck(
      'credential-required',
      'bronze',
      'The key is marked as a secret, has a variable, and its absence is refused by name.',
      [({ subject }) => (subject.vendor.credential ? null : 'needs no credential')],
      async ({ subject }) => mustAskForKey(subject),
    ),
    remoteCheck(
      'create-refuses-wrong-config',
      'silver',
      'create() itself refuses settings and credentials of a wrong shape: invalid_request, blame config.',
      [],
      async (proof, life) => {
        const { provider } = proof.subject;
        const { credential, settings, ctx } = await stageOf(proof, life);
        const wrongConfig = { code: 'invalid_request', retryable: false, blame: 'config' } as const;
        for (const [name, property] of Object.entries(propertiesOf(provider.settings))) {
          const wrong = { ...settings, [name]: wrongType(property) };
          const error = await failureOf(proof, (async () => provider.create(credential, wrong, ctx))());
          mustMean(error, wrongConfig);
          must(error.message.includes(name), `the error names ${name}`);
        }
        const refused = wrongCredential(proof.subject);
        if (!refused) return;
        mustMean(await failureOf(proof, (async () => provider.create(refused, settings, ctx))()), wrongConfig);
      },
    ),
  ];
}

function asAny(provider: unknown): AnyProvider {
  return provider as AnyProvider;
}
