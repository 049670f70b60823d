import { formatAddress } from '../registry/address.ts';
import type { ConfiguredProvider } from '../registry/configured.ts';
import type { Registry } from '../registry/registry.ts';
import { coversLanguage } from '../runtime/languages.ts';
import type { Candidate } from '../runtime/types.ts';
import { type CompiledRule, compileRules } from './compile.ts';
import type { Conditions } from './conditions.ts';
import type { RoutedKind } from './rule.ts';
import { type Abilities, abilitiesOf } from './tags.ts';
import type { Effective, Layer } from './types.ts';
import type { Step, StepOutcome } from './walk.ts';

/** What a plan is made for. */
export interface PlanFor {
  registry: Registry;
  effective: Effective;
  kind: RoutedKind;
  /** BCP 47 of what is spoken. */
  language: string;
  /** The budget runs low: its cheaper providers come first, or the cheapest where it names none. */
  thrifty: boolean;
  price?: PriceOf | undefined;
}

/** What a minute of speech, or a question to a model, costs in millionths of a US dollar; null: nobody knows. */
export type PriceOf = (provider: ConfiguredProvider, mode: 'batch' | 'stream') => number | null;

/** A step's outcome with the candidates its addresses stand for, one per key. */
export interface Outcome extends StepOutcome {
  candidates: readonly Candidate[];
  shadow: Candidate | null;
}

/** A provider as one plan may use it, or why it may not. */
type Looked = { configured: ConfiguredProvider; able: Abilities } | { reason: string };

/** Ids of the steps that are no rules, as decisions name them. */
const LIST_IDS: Record<Layer, string> = {
  'built-in': 'ambiente',
  environment: 'ambiente',
  global: 'lista-global',
  client: 'lista',
  counter: 'lista',
};

/** Ids that no rule may take. */
export const RESERVED_IDS: ReadonlySet<string> = new Set([...Object.values(LIST_IDS), 'orcamento']);

/** One rule or list of a plan. What it gives is worked out when it is first needed: most rules never match. */
export class PlannedStep implements Step {
  readonly id: string;
  readonly layer: Layer;
  /** Null: a list. */
  readonly rule: CompiledRule | null;
  readonly conditions: Conditions | null;
  readonly hard: boolean;
  readonly use: readonly string[];
  readonly #plan: Plan;
  #excluded: string | null | undefined;
  #outcome: Outcome | undefined;

  constructor(plan: Plan, layer: Layer, rule: CompiledRule | null, use: readonly string[]) {
    this.#plan = plan;
    this.layer = layer;
    this.rule = rule;
    this.id = rule?.id ?? LIST_IDS[layer];
    this.conditions = rule?.conditions ?? null;
    this.hard = rule?.hard ?? false;
    this.use = use;
  }

  get excluded(): string | null {
    if (this.#excluded === undefined) this.#excluded = this.rule ? this.#plan.exclusion(this.rule) : null;
    return this.#excluded;
  }

  get outcome(): Outcome {
    this.#outcome ??= this.#plan.outcomeOf(this.rule, this.use);
    return this.#outcome;
  }
}

/** The steps of one client and counter for one kind, in force as long as its version of the configuration is. */
export class Plan {
  /** Client's rules, client's list, global rules, global list. */
  readonly steps: readonly PlannedStep[];
  /** How little budget changes the order of candidates here; null: it does not. */
  readonly thrift: 'lista' | 'preco' | null;
  readonly #for: PlanFor;
  readonly #looked = new Map<string, Looked>();

  constructor(of: PlanFor) {
    this.#for = of;
    this.thrift = thriftOf(of);
    const { effective, kind } = of;
    const rules = (layer: 'client' | 'global') =>
      compileRules(effective.rules[layer])[kind].map(
        (rule) => new PlannedStep(this, effective.trial?.of === layer ? 'counter' : layer, rule, rule.use),
      );
    const list = (layer: Layer, use: readonly ConfiguredProvider[]) =>
      new PlannedStep(
        this,
        layer,
        null,
        use.map(({ address }) => address),
      );
    const nearest = effective.listLayer[kind];
    const isOwn = nearest === 'client' || nearest === 'counter';
    this.steps = [
      ...rules('client'),
      ...(isOwn ? [list(nearest, effective.configured[kind])] : []),
      ...rules('global'),
      list(effective.globalList[kind].layer, effective.globalList[kind].use),
    ];
  }

  /** Why a rule holds for nobody here, whatever is said and when: its language, or providers that cannot be used. */
  exclusion(rule: CompiledRule): string | null {
    if (rule.language && !coversLanguage(rule.language, this.#for.language)) {
      return `vale para ${rule.language.join(', ')}, e não para ${this.#for.language}`;
    }
    for (const address of rule.usable) {
      const looked = this.#look(address);
      if ('reason' in looked) return `depende de ${address}: ${looked.reason}`;
    }
    return null;
  }

  outcomeOf(rule: CompiledRule | null, use: readonly string[]): Outcome {
    const usable: string[] = [];
    const rejected: { address: string; reason: string }[] = [];
    for (const text of this.#thrifty(use)) {
      const address = this.#canonical(text);
      if (usable.includes(address)) continue;
      const reason = this.reasonAgainst(address, rule);
      if (reason === null) usable.push(address);
      else if (use.includes(text)) rejected.push({ address, reason });
    }
    const wantsStream = this.#for.kind === 'stt' && (rule?.mode ?? 'stream') === 'stream';
    if (this.thrift === 'preco') this.#cheapestFirst(usable, wantsStream);
    const first = usable[0] === undefined ? null : this.#look(usable[0]);
    const streams = first !== null && 'able' in first && first.able.streaming;
    return {
      use: usable,
      rejected,
      mode: wantsStream && streams ? 'stream' : 'segment',
      candidates: usable.flatMap((address) => this.#candidates(address)),
      shadow: rule?.shadow ? this.#shadow(rule, rule.shadow.use) : null,
    };
  }

  /** Why an address cannot be used, by itself or under a rule's constraints (pt-BR); null: it can. */
  reasonAgainst(address: string, rule: CompiledRule | null): string | null {
    const looked = this.#look(address);
    if ('reason' in looked) return looked.reason;
    const { tags } = looked.able;
    const lacking = rule?.must.find((tag) => !tags.has(tag));
    if (lacking !== undefined) return `não tem ${lacking}, que a regra exige`;
    const banned = rule?.mustNot.find((tag) => tags.has(tag) || (tag.startsWith('region:') && !saysWhere(tags)));
    if (banned === undefined) return null;
    return tags.has(banned)
      ? `tem ${banned}, que a regra proíbe`
      : `não diz onde processa os dados, e a regra proíbe ${banned}`;
  }

  /** Runs on this machine: nobody bills it. */
  isLocal(address: string): boolean {
    const looked = this.#look(address);
    return 'able' in looked && looked.able.tags.has('local');
  }

  /** By known price; those without one come last, and the order asked for decides the rest. */
  #cheapestFirst(usable: string[], wantsStream: boolean): void {
    const prices = new Map(usable.map((address) => [address, this.#priceOf(address, wantsStream)]));
    usable.sort((a, b) => (prices.get(a) ?? Number.MAX_VALUE) - (prices.get(b) ?? Number.MAX_VALUE));
  }

  #priceOf(address: string, wantsStream: boolean): number | null {
    const looked = this.#look(address);
    if ('reason' in looked) return null;
    const mode = wantsStream && looked.able.streaming ? 'stream' : 'batch';
    return this.#for.price?.(looked.configured, mode) ?? null;
  }

  /** With little budget left the cheaper ones come first; whoever was asked for still stands behind them. */
  #thrifty(use: readonly string[]): readonly string[] {
    const cheaper = this.#for.effective.budget?.cheaper?.[this.#for.kind];
    return this.thrift === 'lista' && cheaper ? [...cheaper, ...use] : use;
  }

  #shadow(rule: CompiledRule, text: string): Candidate | null {
    const address = this.#canonical(text);
    return this.reasonAgainst(address, rule) === null ? (this.#candidates(address)[0] ?? null) : null;
  }

  #candidates(address: string): Candidate[] {
    const looked = this.#look(address);
    if ('reason' in looked) return [];
    const provider = looked.configured;
    return [...provider.credentials.keys()].map((credential) => ({ address, credential, provider }));
  }

  #canonical(text: string): string {
    try {
      return formatAddress(this.#for.registry.parse(text, this.#for.kind));
    } catch {
      return text;
    }
  }

  #look(text: string): Looked {
    const address = this.#canonical(text);
    let looked = this.#looked.get(address);
    if (!looked) {
      looked = this.#lookAt(address);
      this.#looked.set(address, looked);
    }
    return looked;
  }

  #lookAt(address: string): Looked {
    const { registry, effective, kind, language } = this.#for;
    const configured = effective.provider(address);
    if (!configured) return { reason: 'este Balto não tem tal provedor' };
    if (configured.kind !== kind) return { reason: `não é um provedor ${kind}` };
    if (configured.missing !== null) return { reason: configured.missing };
    try {
      const able = abilitiesOf(registry, configured);
      const speaks = able.languages === null || coversLanguage(able.languages, language);
      return speaks ? { configured, able } : { reason: `não atende o idioma ${language}` };
    } catch {
      // Passed over like any other that cannot be used.
      return { reason: 'o plugin não informa suas capacidades' };
    }
  }
}

/** Rules that ask what is left of the budget know better than prices do. */
function thriftOf({ thrifty, effective, kind, price }: PlanFor): Plan['thrift'] {
  if (!thrifty) return null;
  if (effective.budget?.cheaper?.[kind]) return 'lista';
  const rules = [...effective.rules.client, ...effective.rules.global];
  const asks = rules.some((rule) => rule.enabled !== false && (rule.kind ?? 'stt') === kind && rule.when.budgetLeft);
  return asks || !price ? null : 'preco';
}

/** `global` and `unknown` say nothing: data may go anywhere. */
function saysWhere(tags: ReadonlySet<string>): boolean {
  return !tags.has('region:unknown') && !tags.has('region:global');
}
