import { KINDS, type ProviderError } from '../contracts/index.ts';
import { type ConfiguredProvider, configurationKey } from '../registry/configured.ts';
import type { Registry } from '../registry/registry.ts';
import type { ConfigSnapshot } from '../store/config-snapshot.ts';
import { credentialIds, placesOf } from '../store/config-snapshot.ts';
import type { ConfigChange, Place } from '../store/config-table.ts';
import type { VendorCredential } from '../store/vendor-credentials-table.ts';
import type { Configuration } from './client-config.ts';
import { type Covered, uncovered } from './coverage.ts';
import type { RuleNote } from './rule-notes.ts';
import { checkSection, type Notes, note } from './section-checks.ts';
import type { Effective } from './types.ts';

/** A counter as far as its routing is concerned. */
interface KnownCounter {
  clientId: string;
  counterId: string;
  tags: readonly string[];
}

/** What changes are held against. */
export interface ChangeCheck {
  registry: Registry;
  env: Record<string, string | undefined>;
  configuration: Pick<Configuration, 'whatIf'>;
  /** Which of these clients there are. */
  clientsAmong(ids: string[]): Promise<ReadonlySet<string>>;
  /** Counters that may serve: of these clients, or (null) of all. */
  counters(clientIds: string[] | null): Promise<KnownCounter[]>;
  keys(ids: string[]): Promise<VendorCredential[]>;
  /** What a vendor says of a key with these settings; null: nothing against it. */
  probe(configured: ConfiguredProvider, credential: number): Promise<ProviderError | null>;
  /** Whether such an error is the key's or the settings' fault. */
  isOfTheKey(error: ProviderError): boolean;
  noteProbe(id: string, code: string): Promise<void>;
  refuseUrl(url: string): string | undefined;
  language: string;
}

/** A key that was tried at its vendor. */
interface ProbedKey {
  address: string;
  /** `ok`, or the code of what went wrong. */
  code: string;
}

/** What is to be said of changes before they are in force. */
export interface ChangesChecked extends Notes {
  probes: ProbedKey[];
}

/** Keys asked at once, and at most in one validation. */
const PROBES = { atOnce: 4, most: 40 };

/** Holds a set of changes against everything that can be known before they are in force. */
export class ChangeChecks {
  readonly #options: ChangeCheck;

  constructor(options: ChangeCheck) {
    this.#options = options;
  }

  async check(
    changes: readonly ConfigChange[],
    snapshots: { before: ConfigSnapshot; after: ConfigSnapshot },
    { probe = true }: { probe?: boolean } = {},
  ): Promise<ChangesChecked> {
    const { configuration } = this.#options;
    const before = configuration.whatIf(snapshots.before);
    const after = configuration.whatIf(snapshots.after);
    const places = await this.#placeErrors(changes);
    if (places.length > 0) return { errors: places, warnings: [], probes: [] };
    const { errors, warnings } = await this.#sections(changes, after);
    if (errors.length > 0) return { errors, warnings, probes: [] };
    // What says nothing of who is called leaves nobody alone, and needs nobody's key.
    if (!changes.some(choosesProviders)) return { errors, warnings, probes: [] };
    const left = await uncovered(
      this.#covered(changes, snapshots.after, before, after, await this.#counters(changes)),
      ['stt', 'llm'],
    );
    if (left) return { errors: [{ ...left, code: 'BALTO_CONFIG_NO_CANDIDATE' }], warnings, probes: [] };
    if (!probe) return { errors, warnings, probes: [] };
    const probed = await this.#probe(changes, before, after);
    return { ...probed, warnings: [...warnings, ...probed.warnings] };
  }

  /** Clients and counters that are not there, or do not belong together. */
  async #placeErrors(changes: readonly ConfigChange[]): Promise<RuleNote[]> {
    const clientIds = [...new Set(changes.flatMap(({ clientId }) => clientId ?? []))];
    if (clientIds.length === 0 && changes.every(({ counterId }) => counterId === null)) return [];
    const known = await this.#options.clientsAmong(clientIds);
    const counters = await this.#options.counters(clientIds);
    return changes.flatMap(({ section, clientId, counterId }) => {
      if (clientId === null) return counterId === null ? [] : [note('PLACE', section, 'um balcão é de um cliente')];
      if (!known.has(clientId)) return [note('PLACE', section, 'não há esse cliente')];
      const isTheirs = counters.some((each) => each.clientId === clientId && each.counterId === counterId);
      return counterId === null || isTheirs ? [] : [note('PLACE', section, 'o cliente não tem esse balcão')];
    });
  }

  async #sections(changes: readonly ConfigChange[], after: Pick<Configuration, 'for'>): Promise<Notes> {
    const { registry, env, refuseUrl, language } = this.#options;
    const ids = changes.flatMap(({ section, value }) =>
      section.startsWith('credentials.') ? credentialIds(value) : [],
    );
    const keys = new Map((await this.#options.keys([...new Set(ids)])).map((each) => [each.id, each]));
    const all = changes.map((change) => {
      const effective = after.for(change.clientId ?? '', change.counterId);
      return checkSection(change, { registry, env, effective, keys, refuseUrl, language });
    });
    return { errors: all.flatMap(({ errors }) => errors), warnings: all.flatMap(({ warnings }) => warnings) };
  }

  /** Every counter that the changes reach. */
  #counters(changes: readonly ConfigChange[]): Promise<KnownCounter[]> {
    const clientIds = changes.map(({ clientId }) => clientId);
    return this.#options.counters(clientIds.includes(null) ? null : clientIds.flatMap((each) => each ?? []));
  }

  /** One counter of each sort: those of one client with the same tags and nothing of their own are routed alike. */
  *#covered(
    changes: readonly ConfigChange[],
    snapshot: ConfigSnapshot,
    before: Pick<Configuration, 'for'>,
    after: Pick<Configuration, 'for'>,
    counters: readonly KnownCounter[],
  ): Iterable<Covered> {
    const { registry, language } = this.#options;
    const own = new Set(placesOf(snapshot).map(([clientId, counterId]) => `${clientId}/${counterId ?? ''}`));
    const sorts = new Map<string, KnownCounter | { clientId: string; counterId: null; tags: readonly string[] }>();
    if (changes.some(({ clientId }) => clientId === null)) sorts.set('', { clientId: '', counterId: null, tags: [] });
    for (const counter of counters) {
      const { clientId, counterId, tags } = counter;
      const isOwn = own.has(`${clientId}/${counterId}`);
      const client = own.has(`${clientId}/`) ? clientId : '';
      sorts.set(`${client}/${isOwn ? counterId : ''}/${JSON.stringify([...tags].sort())}`, counter);
    }
    for (const { clientId, counterId, tags } of sorts.values()) {
      const of = (configuration: Pick<Configuration, 'for'>) => configuration.for(clientId, counterId);
      yield { registry, language, counterTags: tags, effective: of(after), current: of(before) };
    }
  }

  /** Asks the vendors of those keys and settings that are new; a vendor that cannot be reached refuses nothing. */
  async #probe(
    changes: readonly ConfigChange[],
    before: Pick<Configuration, 'for'>,
    after: Pick<Configuration, 'for'>,
  ): Promise<ChangesChecked> {
    const wanted = newKeys(changes, before, after).slice(0, PROBES.most);
    const found: ChangesChecked = { errors: [], warnings: [], probes: [] };
    for (let at = 0; at < wanted.length; at += PROBES.atOnce) {
      await Promise.all(wanted.slice(at, at + PROBES.atOnce).map((each) => this.#probeOne(each, found)));
    }
    return found;
  }

  async #probeOne({ configured, index, field, keyId }: NewKey, found: ChangesChecked): Promise<void> {
    const { probe, isOfTheKey, noteProbe } = this.#options;
    const error = await probe(configured, index);
    const code = error?.code ?? 'ok';
    found.probes.push({ address: configured.address, code });
    if (keyId !== null) await noteProbe(keyId, code);
    if (!error) return;
    const told = note('PROBE', field, `${configured.address}: ${error.message} (${code})`);
    if (isOfTheKey(error)) found.errors.push(told);
    else found.warnings.push(told);
  }
}

function choosesProviders({ section }: ConfigChange): boolean {
  return !['limits', 'prices', 'restrictions', 'offering'].includes(section);
}

interface NewKey {
  configured: ConfiguredProvider;
  index: number;
  field: string;
  /** Where it is a kept key. */
  keyId: string | null;
}

/** Every (key, settings) that the changed places would use and do not use now, once for each vendor and key. */
function newKeys(
  changes: readonly ConfigChange[],
  before: Pick<Configuration, 'for'>,
  after: Pick<Configuration, 'for'>,
): NewKey[] {
  const found = new Map<string, NewKey>();
  for (const change of changes) {
    const now = used(before, change);
    for (const [key, { configured, index }] of used(after, change)) {
      // Of what two changes bring about together, the one that names the key is at fault.
      const isOfKeys = change.section === `credentials.${configured.vendor.id}`;
      if (now.has(key) || (found.has(key) && !isOfKeys)) continue;
      const keyId = isOfKeys ? (credentialIds(change.value)[index] ?? null) : null;
      found.set(key, { configured, index, field: change.section, keyId });
    }
  }
  return [...found.values()];
}

function used(configuration: Pick<Configuration, 'for'>, { clientId, counterId }: Place) {
  const effective = configuration.for(clientId ?? '', counterId);
  const keys = new Map<string, { configured: ConfiguredProvider; index: number }>();
  for (const configured of namedIn(effective)) {
    for (const [index, fingerprint] of configured.fingerprints.entries()) {
      keys.set(`${configured.address} ${fingerprint} ${configurationKey(configured)}`, { configured, index });
    }
  }
  return keys;
}

/** Everything that lists and rules name there, where it can be used and its vendor can be asked. */
function namedIn(effective: Effective): ConfiguredProvider[] {
  const rules = [...effective.rules.client, ...effective.rules.global];
  const ofRules = rules.flatMap(({ use }) => use).flatMap((text) => effective.provider(text) ?? []);
  const listed = KINDS.flatMap((kind) => [...effective.configured[kind]]);
  return [...new Set([...listed, ...ofRules])].filter(({ missing, provider }) => missing === null && provider.probe);
}
