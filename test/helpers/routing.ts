import type { ConfiguredProvider } from '../../core/registry/configured.ts';
import type { Registry } from '../../core/registry/registry.ts';
import { type RouteInput, route } from '../../core/routing/route.ts';
import type { Rule } from '../../core/routing/rule.ts';
import type { Effective, Layer } from '../../core/routing/types.ts';
import type { Routed, UtteranceFacts } from '../../core/runtime/types.ts';
import { environmentEffective } from './environment-effective.ts';
import { RuntimeHouse } from './runtime-house.ts';
import { answers, never, scriptedLlm, scriptedStt, streams } from './scripted-provider.ts';

/** Saturday 2026-11-21, 10:00 in São Paulo. */
export const NOW = new Date('2026-11-21T13:00:00Z');

/** Providers of the routing stage that rules may name. */
export const STT = ['stt/a', 'stt/b', 'stt/c', 'stt/d', 'stt/k'];

/** A configuration of these providers as the environment's lists; parts of it replaced. */
export function effectiveOf(
  registry: Registry,
  configured: readonly ConfiguredProvider[],
  parts: Partial<Effective> = {},
): Effective {
  return {
    ...environmentEffective(
      registry,
      {},
      Object.groupBy(configured, ({ kind }) => kind),
    ),
    ...parts,
  };
}

/** What `route` is asked with at {@link NOW}, in Portuguese. */
export function inputOf(registry: Registry, effective: Effective, parts: Partial<RouteInput> = {}): RouteInput {
  return { registry, effective, language: 'pt-BR', now: NOW, counterTags: [], budgetLeft: null, ...parts };
}

/** Routes by the configured list alone, as it is when asked. */
export function byList(
  { registry, configured }: { registry: Registry; configured: readonly ConfiguredProvider[] },
  kind: 'stt' | 'llm' = 'stt',
): (facts?: UtteranceFacts | null) => Routed {
  return (facts = null) => route(inputOf(registry, effectiveOf(registry, configured), { kind }), facts);
}

/** A rule that holds always, of this id and these providers. */
export function rule(id: string, use: string[], parts: Partial<Rule> = {}): Rule {
  return { id, priority: 10, when: {}, use, mode: 'segment', ...parts };
}

/**
 * A registry to decide on, and its configuration by parts: `stt/a` streams in us, `stt/b` is batch in eu, `stt/c` batch and
 * local, `stt/d` speaks no Portuguese, `stt/k` lacks its key, `stt/u` is nobody knows where; `llm/m` and `llm/n` answer.
 */
export function routingStage() {
  const house = new RuntimeHouse([
    scriptedStt('a', { stream: streams, batch: answers }, { region: 'us', words: false }).manifest,
    scriptedStt('b', { batch: answers }, { region: 'eu', words: true }).manifest,
    scriptedStt('c', { batch: answers }, { region: 'local', words: false }).manifest,
    scriptedStt('d', { batch: answers }, { languages: ['en', 'es'], region: 'eu' }).manifest,
    scriptedStt('k', { stream: streams }, { region: 'eu' }).manifest,
    scriptedStt('u', { batch: answers }, { region: 'unknown' }).manifest,
    scriptedLlm('m', { complete: never }, { region: 'us' }),
    scriptedLlm('n', { complete: never }),
  ]);
  const configured = house.configured.map((each) =>
    each.address === 'stt/k' ? { ...each, credentials: [], missing: 'defina K_API_KEY no .env' } : each,
  );
  const { registry } = house;
  const named = (...addresses: string[]) =>
    addresses.flatMap((address) => configured.find((each) => each.address === address) ?? []);
  const base = effectiveOf(registry, configured);
  const listed = (kind: 'stt' | 'llm', addresses: string[], layer: Layer): Partial<Effective> => ({
    configured: { ...base.configured, [kind]: named(...addresses) },
    listLayer: { ...base.listLayer, [kind]: layer },
    ...(layer === 'client' || layer === 'counter'
      ? {}
      : { globalList: { ...base.globalList, [kind]: { layer, use: named(...addresses) } } }),
  });
  return {
    registry,
    named,
    listed,
    effective: (parts: Partial<Effective> = {}): Effective => ({
      ...base,
      ...listed('stt', ['stt/a', 'stt/b'], 'environment'),
      version: 7,
      ...parts,
    }),
  };
}
