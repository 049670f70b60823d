import Type, { type Static } from 'typebox';
import { SPEC_VERSION, type VendorManifest } from '../../core/contracts/index.ts';

export const TITLE = 'Gemini';

export const credentialSchema = Type.Object({
  apiKey: Type.String({ title: 'Chave da API', pattern: '^[!-~]+$', secret: true }),
});

export const settingsSchema = Type.Object({
  model: Type.String({
    title: 'Modelo',
    default: 'gemini-3.5-flash-lite',
    pattern: '^(models/)?[A-Za-z0-9][A-Za-z0-9._-]*$',
    env: 'GEMINI_MODEL',
  }),
  baseUrl: Type.String({
    title: 'Endereço da API, com a versão',
    default: 'https://generativelanguage.googleapis.com/v1beta',
    pattern: '^https?://',
    env: 'GEMINI_BASE_URL',
  }),
  thinkingLevel: Type.String({
    title: 'Quanto o modelo pensa antes de responder: minimal, low, medium, high; default deixa ao modelo',
    default: 'default',
    pattern: '^(minimal|low|medium|high|default)$',
    env: 'GEMINI_THINKING_LEVEL',
  }),
});

export type GeminiSettings = Static<typeof settingsSchema>;

export const vendor: VendorManifest = {
  id: 'gemini',
  title: TITLE,
  specVersion: SPEC_VERSION,
  credential: credentialSchema,
  env: ['GEMINI_API_KEY', 'GEMINI_API_KEYS'],
  hosts: ['generativelanguage.googleapis.com'],
  region: 'us',
};

/** Names that were shut down (ai.google.dev/gemini-api/docs/deprecations, 2026-11-10), and the nearest current one. */
export const RETIRED: Readonly<Record<string, string>> = {
  'gemini-pro': 'gemini-3.5-flash-lite',
  'gemini-1.0-pro': 'gemini-3.5-flash-lite',
  'gemini-1.5-pro': 'gemini-3.8-flash',
  'gemini-1.5-pro-latest': 'gemini-3.8-flash',
  'gemini-1.5-flash': 'gemini-3.5-flash-lite',
  'gemini-1.5-flash-latest': 'gemini-3.5-flash-lite',
  'gemini-1.5-flash-8b': 'gemini-3.5-flash-lite',
  'gemini-2.0-flash': 'gemini-3.5-flash-lite',
  'gemini-2.0-flash-001': 'gemini-3.5-flash-lite',
  'gemini-2.0-flash-lite': 'gemini-3.5-flash-lite',
  'gemini-2.0-flash-lite-001': 'gemini-3.5-flash-lite',
  'gemini-3-pro-preview': 'gemini-3.8-flash',
};
