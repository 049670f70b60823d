import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'Azure OpenAI';

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave do recurso', pattern: '^[!-~]+$', secret: true }),
});

export const settingsSchema = Type.Object({
  baseUrl: Type.String({
    title: 'Endereço do recurso (https://meu-recurso.openai.azure.com); obrigatório',
    pattern: '^https?://[^\\s]+$',
    env: 'AZURE_OPENAI_ENDPOINT',
  }),
  model: Type.String({
    title: 'Nome da implantação (deployment) no recurso',
    default: 'gpt-5.4-mini',
    minLength: 1,
    env: 'AZURE_OPENAI_MODEL',
  }),
  reasoningEffort: Type.String({
    title:
      'Quanto o modelo pensa antes de responder: none, minimal, low, medium, high; auto: none onde o nome diz que o modelo o aceita; default deixa ao fornecedor',
    default: 'auto',
    pattern: '^[a-z]+$',
    env: 'AZURE_OPENAI_REASONING_EFFORT',
  }),
  region: Type.String({
    title: 'Onde o recurso processa os dados (br, us, eu, …), para as regras de região',
    default: 'unknown',
    pattern: '^[a-z0-9-]+$',
    env: 'AZURE_OPENAI_REGION',
  }),
});

export type AzureSettings = Static<typeof settingsSchema>;

/** No hosts: each customer has an own one, and only the one the settings name gets the key. */
export const vendor: VendorManifest = {
  id: 'azure-openai',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['AZURE_OPENAI_API_KEY', 'AZURE_OPENAI_API_KEYS'],
  hosts: [],
  region: 'unknown',
};

/** The v1 surface of a resource, from its endpoint or from whatever longer address the portal shows. */
export function v1Of(baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl);
  const [, before = ''] = /^(.*?)(?:\/openai(?:\/.*)?)?\/*$/.exec(pathname) ?? [];
  return `${origin}${before}/openai/v1`;
}
