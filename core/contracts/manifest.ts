import type { TSchema } from 'typebox';
import type { Cleaner, CleanerCapabilities } from './cleaner.ts';
import type { ProviderContext } from './context.ts';
import type { Llm, LlmCapabilities } from './llm.ts';
import type {
  Embeddings,
  EmbeddingsCapabilities,
  Speaker,
  SpeakerCapabilities,
  Tts,
  TtsCapabilities,
} from './other-kinds.ts';
import type { Stt, SttCapabilities } from './stt.ts';
import type { Vad, VadCapabilities } from './vad.ts';

/** What a provider can be. `realtime` is reserved and has no contract yet. */
export interface Contracts {
  stt: { instance: Stt; capabilities: SttCapabilities };
  llm: { instance: Llm; capabilities: LlmCapabilities };
  vad: { instance: Vad; capabilities: VadCapabilities };
  cleaner: { instance: Cleaner; capabilities: CleanerCapabilities };
  embeddings: { instance: Embeddings; capabilities: EmbeddingsCapabilities };
  speaker: { instance: Speaker; capabilities: SpeakerCapabilities };
  tts: { instance: Tts; capabilities: TtsCapabilities };
}

export type Kind = keyof Contracts;

export const KINDS: readonly Kind[] = ['stt', 'llm', 'vad', 'cleaner', 'embeddings', 'speaker', 'tts'];

/** The version of these contracts a plugin was written for. */
export const SPEC_VERSION = 1;

/**
 * A vendor, and what its providers share. Schemas are JSON Schema written with TypeBox; annotations the core reads on a
 * property: `secret: true` (encrypted, never shown whole) and `env: 'ACME_MODEL'` (variable that sets it).
 */
export interface VendorManifest {
  /** Lower-case kebab: `acme`. */
  id: string;
  title: string;
  specVersion: typeof SPEC_VERSION;
  /** Schema of one credential; absent when none is needed (in-process providers). */
  credential?: TSchema;
  /** Variables that hold the key(s), first one set wins; a value may be a comma list. They fill the secret property. */
  env?: string[];
  /** Host names a key may be sent to. */
  hosts?: string[];
  /** Where data is processed, as the vendor states it: `us`, `eu`, `local`, … */
  region: string;
  /** How long it keeps what it is given with these settings, as far as the plugin sees to it: pt-BR, for a client's data map. */
  keeps?(settings: Settings): string;
}

/** Settings and credential as plain validated data; the plugin narrows them with its own schema's static type. */
export type Settings = Record<string, unknown>;
export type Credential = Record<string, unknown>;

export interface ProviderManifest<K extends Kind = Kind> {
  kind: K;
  /** Id of the vendor this provider belongs to. */
  vendor: string;
  /** Provider name within its kind: the `acme` of `stt/acme`. */
  id: string;
  title: string;
  settings: TSchema;
  /** Models known to the plugin, the default first; an address may name others. */
  models: string[];
  /** Names people know it by elsewhere (`acme_batch`), taken wherever an address of this kind is read. */
  aliases?: readonly string[];
  /** May depend on the settings (a model may stream, another not). */
  capabilities: Contracts[K]['capabilities'] | ((settings: Settings) => Contracts[K]['capabilities']);
  /** One instance = one credential. No I/O here except loading code or local weights. */
  create(
    credential: Credential,
    settings: Settings,
    ctx: ProviderContext,
  ): Contracts[K]['instance'] | Promise<Contracts[K]['instance']>;
  /** The only call that tests a credential. Cheap, no customer data. Throws ProviderError when it does not work. */
  probe?(credential: Credential, settings: Settings, ctx: ProviderContext): Promise<void>;
}

/** Any provider, whatever its kind. */
export type AnyProvider = { [K in Kind]: ProviderManifest<K> }[Kind];
