import type { LlmCapabilities, SttCapabilities } from '../contracts/index.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import type { Registry } from '../registry/registry.ts';
import type { RoutedKind } from './rule.ts';

/** Tags without a value. Others are `region:…` and `vendor:…`. */
const PLAIN_TAGS: Record<RoutedKind, readonly string[]> = {
  stt: ['local', 'streaming', 'interim', 'words', 'diarization', 'keyterms'],
  llm: ['local', 'streaming', 'structured', 'tools', 'temperature'],
};

/** What a provider can do under its settings, as rules ask for it. */
export interface Abilities {
  tags: ReadonlySet<string>;
  streaming: boolean;
  /** BCP 47; null: languages are not stated for its kind. */
  languages: readonly string[] | null;
}

/** Throws what the plugin throws when it is asked. */
export function abilitiesOf(registry: Registry, configured: ConfiguredProvider): Abilities {
  const { address, settings, vendor } = configured;
  const region = (of: { region?: string }) => of.region || vendor.region;
  if (configured.kind === 'stt') {
    const able = registry.capabilities<'stt'>(address, settings);
    return { tags: tags(vendor.id, region(able), sttTags(able)), streaming: able.streaming, languages: able.languages };
  }
  const able = registry.capabilities<'llm'>(address, settings);
  return { tags: tags(vendor.id, region(able), llmTags(able)), streaming: able.streaming, languages: null };
}

/** Why no candidate of this kind can ever bear this tag, in pt-BR; null: one can. A mistyped ban must not let everyone pass. */
export function unknownTag(tag: string, kind: RoutedKind, registry: Registry): string | null {
  if (PLAIN_TAGS[kind].includes(tag) || /^region:[a-z0-9-]+$/.test(tag)) return null;
  if (!tag.startsWith('vendor:')) {
    return `etiqueta desconhecida: "${tag.slice(0, 80)}" (há: ${[...PLAIN_TAGS[kind], 'region:…', 'vendor:…'].join(', ')})`;
  }
  return registry.vendor(tag.slice('vendor:'.length))
    ? null
    : `fornecedor desconhecido na etiqueta "${tag.slice(0, 80)}"`;
}

function tags(vendor: string, region: string, able: readonly string[]): ReadonlySet<string> {
  return new Set([`vendor:${vendor}`, `region:${region}`, ...(region === 'local' ? ['local'] : []), ...able]);
}

function sttTags({ streaming, interim, words, diarization, keyterms }: SttCapabilities): string[] {
  return named({ streaming, interim, words, diarization, keyterms: keyterms !== undefined && keyterms.max > 0 });
}

function llmTags({ streaming, structured, tools, temperature }: LlmCapabilities): string[] {
  return named({ streaming, tools, temperature, structured: structured !== 'none' });
}

function named(able: Record<string, boolean>): string[] {
  return Object.keys(able).filter((name) => able[name]);
}
