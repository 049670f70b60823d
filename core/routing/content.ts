import { KINDS, type Kind, type Settings } from '../contracts/index.ts';
import { formatAddress } from '../registry/address.ts';
import { type ConfiguredProvider, configurationKey, fingerprintOf } from '../registry/configured.ts';
import type { Registry } from '../registry/registry.ts';
import type { ConfigSnapshot, Sections } from '../store/config-snapshot.ts';
import { keysAllowedAt, keysFor } from './keys.ts';
import type { Rule } from './rule.ts';
import {
  budgetIn,
  limitsIn,
  namedBy,
  offeringIn,
  type Problem,
  type ProvidersSection,
  providersIn,
  rulesIn,
  settingsFor,
  trialIn,
  voicesIn,
} from './sections.ts';
import type { Budget, Effective, Layer, Limits, Offering, RulesTrial } from './types.ts';
import { type VoiceSettings, voicesOver } from './voices.ts';

/** One layer of the configuration over the environment. */
export interface StoredLayer {
  name: Extract<Layer, 'global' | 'client' | 'counter'>;
  /** Whose it is; null: everyone's. */
  clientId: string | null;
  sections: Sections;
}

/** What stands below every stored layer. */
export interface Ground {
  registry: Registry;
  env: Record<string, string | undefined>;
  /** Addresses the environment lists, by kind. */
  lists: Readonly<Record<Kind, readonly string[]>>;
}

const MOST_RESOLVED = 500;

/**
 * The configuration as its layers make it, for whoever has the same ones: all clients without settings of their own share
 * one. Nothing here waits for anything, and nothing stored can make it fail: what cannot be used is passed over, and
 * {@link problems} says why.
 */
export class Content {
  readonly configured: Effective['configured'];
  readonly listLayer: Effective['listLayer'];
  readonly globalList: Effective['globalList'];
  readonly rules: { client: readonly Rule[]; global: readonly Rule[] };
  readonly trial: RulesTrial | null;
  readonly limits: Limits;
  readonly budget: Budget | null;
  readonly voices: VoiceSettings;
  readonly offering: Offering;
  readonly problems: Problem[] = [];
  readonly #ground: Ground;
  readonly #layers: readonly StoredLayer[];
  readonly #keys: ConfigSnapshot['credentials'];
  readonly #sections = new Map<string, ProvidersSection>();
  readonly #resolved = new Map<string, ConfiguredProvider | null>();
  /** Addresses that lists, rules or budget name here. */
  readonly #named: ReadonlySet<string>;

  /** @param layers the nearest to a counter last. */
  constructor(ground: Ground, layers: readonly StoredLayer[], keys: ConfigSnapshot['credentials']) {
    this.#ground = ground;
    this.#layers = layers;
    this.#keys = keys;
    const lists = each((kind) => this.#list(kind, layers));
    const global = layers.filter(({ name }) => name === 'global');
    this.configured = each((kind) => lists[kind].use);
    this.listLayer = each((kind) => lists[kind].layer);
    this.globalList = each((kind) => {
      const { layer } = lists[kind];
      return layer === 'client' || layer === 'counter' ? this.#list(kind, global) : lists[kind];
    });
    const sectionsOf = (name: StoredLayer['name']) =>
      layers.find((layer) => layer.name === name)?.sections ?? new Map();
    this.trial = trialIn(sectionsOf('counter'), this.problems);
    const rulesOf = (name: 'client' | 'global') =>
      rulesIn(sectionsOf(this.trial?.of === name ? 'counter' : name), this.problems);
    this.rules = { client: rulesOf('client'), global: rulesOf('global') };
    this.limits = Object.assign({}, ...layers.map(({ sections }) => limitsIn(sections, this.problems)));
    this.budget = layers.reduce<Budget | null>(
      (below, { sections }) => budgetIn(sections, this.problems) ?? below,
      null,
    );
    this.voices = layers.reduce<VoiceSettings>(
      (below, { sections }) => voicesOver(below, voicesIn(sections, this.problems)),
      {},
    );
    this.offering = Object.assign({}, ...layers.map(({ sections }) => offeringIn(sections, this.problems)));
    this.#named = new Set([
      ...KINDS.flatMap((kind) => [...this.configured[kind], ...this.globalList[kind].use]).map(
        ({ address }) => address,
      ),
      ...namedBy([...this.rules.client, ...this.rules.global], this.budget).map(
        (text) => this.#canonical(text) ?? text,
      ),
    ]);
  }

  /** Any provider as it holds here, named by a list or not; null: the registry knows no such address. */
  provider(text: string): ConfiguredProvider | null {
    const known = this.#resolved.get(text);
    if (known !== undefined) return known;
    const address = this.#canonical(text);
    if (address === null) return null;
    const found = this.#resolved.get(address) ?? this.#resolve(address);
    // Whoever asks for addresses of his own invention fills no memory with them.
    if (this.#resolved.size < MOST_RESOLVED) this.#resolved.set(address, found);
    return found;
  }

  /** Whether something that is named here can be used. */
  has(kind: Kind): boolean {
    for (const address of this.#named) {
      const provider = this.provider(address);
      if (provider?.kind === kind && provider.missing === null) return true;
    }
    return false;
  }

  /** Whether somebody with this configuration may be given this very provider, with these settings and keys. */
  uses(provider: ConfiguredProvider, fingerprint: string | undefined): boolean {
    if (!this.#named.has(provider.address)) return false;
    const mine = this.provider(provider.address);
    return (
      mine !== null &&
      fingerprint !== undefined &&
      mine.fingerprints.includes(fingerprint) &&
      configurationKey(mine) === configurationKey(provider)
    );
  }

  /** The nearest layer's list, else the environment's. */
  #list(kind: Kind, layers: readonly StoredLayer[]): { layer: Layer; use: readonly ConfiguredProvider[] } {
    for (const layer of [...layers].reverse()) {
      const { use } = this.#providersOf(layer, kind);
      if (use) return { layer: layer.name, use: this.#resolveAll(kind, use, `providers.${kind}`) };
    }
    return { layer: 'environment', use: this.#resolveAll(kind, this.#ground.lists[kind], 'ambiente') };
  }

  #resolveAll(kind: Kind, texts: readonly string[], section: string): ConfiguredProvider[] {
    const found = new Map<string, ConfiguredProvider>();
    for (const text of texts) {
      const provider = this.#canonical(text, kind) === null ? null : this.provider(text);
      if (provider?.kind === kind) found.set(provider.address, provider);
      else this.problems.push({ section, reason: `"${text.slice(0, 80)}" não é um provedor ${kind} deste Balto` });
    }
    return [...found.values()];
  }

  #resolve(address: string): ConfiguredProvider | null {
    const { registry, env } = this.#ground;
    try {
      const { provider, vendor } = registry.resolve(address);
      const { own, tenant, baseUrlOf } = this.#settings(provider.kind, address);
      const chosen = keysFor(vendor, this.#ground, this.#layers, this.#keys, this.problems);
      const keys = keysAllowedAt(chosen, vendor, baseUrlOf);
      const settings = registry.validateSettings(provider, {
        ...registry.settingsFromEnv(provider, env),
        ...own,
      });
      const credentials = keys.usable.map(({ credential }) => credential);
      return {
        address,
        kind: provider.kind,
        provider,
        vendor,
        settings,
        credentials,
        fingerprints: credentials.map(fingerprintOf),
        tenant: tenant ?? keys.tenant,
        guarded: 'baseUrl' in own,
        missing: credentials.length > 0 ? null : keys.missing,
      };
    } catch (error) {
      return this.#unusable(address, error);
    }
  }

  /** Settings that no longer fit its schema keep a provider from being used, and from nothing else. */
  #unusable(address: string, error: unknown): ConfiguredProvider | null {
    const { registry } = this.#ground;
    const { message } = error as Error;
    try {
      const { provider, vendor } = registry.resolve(address);
      this.problems.push({ section: `providers.${provider.kind}`, reason: message });
      const nothing = { settings: {}, credentials: [], fingerprints: [], tenant: null, guarded: false };
      return { address, kind: provider.kind, provider, vendor, ...nothing, missing: message };
    } catch {
      // Nobody registered it (any more): whoever lists it says so.
      return null;
    }
  }

  /**
   * Field by field, the nearer layer wins; in one layer, what is said of the very address before what is said of its provider.
   * `baseUrlOf`: the client that says where requests go; null: nobody, or the house.
   */
  #settings(kind: Kind, address: string): { own: Settings; tenant: string | null; baseUrlOf: string | null } {
    const own: Settings = {};
    let tenant: string | null = null;
    let baseUrlOf: string | null = null;
    const [base = address] = address.split(':');
    for (const layer of this.#layers) {
      const section = this.#providersOf(layer, kind);
      const said = { ...settingsFor(section, base), ...settingsFor(section, address) };
      if (Object.keys(said).length > 0) tenant = layer.clientId ?? tenant;
      if ('baseUrl' in said) baseUrlOf = layer.clientId;
      Object.assign(own, said);
    }
    return { own, tenant, baseUrlOf };
  }

  #providersOf({ name, sections }: StoredLayer, kind: Kind): ProvidersSection {
    const key = `${name} ${kind}`;
    let known = this.#sections.get(key);
    if (!known) {
      known = withWholeAddresses(providersIn(sections, kind, this.problems), (text) => this.#canonical(text, kind));
      this.#sections.set(key, known);
    }
    return known;
  }

  /** The address as the registry writes it; null: it is none. */
  #canonical(text: string, kind?: Kind): string | null {
    try {
      return formatAddress(this.#ground.registry.parse(text, kind));
    } catch {
      return null;
    }
  }
}

/** The same settings under the addresses as the registry writes them: people write aliases too. */
function withWholeAddresses(section: ProvidersSection, canonical: (text: string) => string | null): ProvidersSection {
  if (!section.settings) return section;
  const settings = Object.entries(section.settings).map(([text, each]) => [canonical(text) ?? text, each]);
  return { ...section, settings: Object.fromEntries(settings) };
}

function each<T>(value: (kind: Kind) => T): Record<Kind, T> {
  return Object.fromEntries(KINDS.map((kind) => [kind, value(kind)])) as Record<Kind, T>;
}
