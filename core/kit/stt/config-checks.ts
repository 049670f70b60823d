import type { AnyProvider } from '../../contracts/index.ts';
import { must } from '../check.ts';
import { mustAskForKey, mustRefuse, propertiesOf, wrongCredential, wrongType, wrongValues } from '../config.ts';
import { failureOf, mustMean } from '../expect.ts';
import { type SttCheck, type SttProof, stageOf, sttCheck } from './proof.ts';

const withKey = ({ subject }: SttProof) => (subject.vendor.credential ? null : 'needs no credential');

/** Wrong configuration is refused, by the name of the field, before it does harm. */
export const configChecks: readonly SttCheck[] = [
  sttCheck(
    'settings-wrong-type',
    'bronze',
    'A setting of a wrong type is refused, and the refusal names the field; each field has a title.',
    [],
    async (proof, life) => {
      const { provider, vendor } = proof.subject;
      const { settings } = await stageOf(proof, life);
      for (const [name, property] of Object.entries(propertiesOf(provider.settings))) {
        must(property.title !== undefined, `settings.${name} has a title`);
        mustRefuse(vendor, provider as AnyProvider, { ...settings, [name]: wrongType(property) }, name);
      }
    },
  ),
  sttCheck(
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
        for (const value of wrong) mustRefuse(vendor, provider as AnyProvider, { ...settings, [name]: value }, name);
      }
    },
  ),
  sttCheck(
    'credential-required',
    'bronze',
    'The key is marked as a secret, has a variable, and its absence is refused by name.',
    [withKey],
    async ({ subject }) => mustAskForKey(subject),
  ),
  sttCheck(
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
