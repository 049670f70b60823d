import { KINDS, type Kind } from '../../core/contracts/index.ts';
import { type ConfiguredProvider, configuredProviders } from '../../core/registry/configured.ts';
import type { Registry } from '../../core/registry/registry.ts';
import type { Effective } from '../../core/routing/types.ts';
import { DEFAULT_TIME_ZONE } from '../../core/wall-clock.ts';

/**
 * What holds where only the environment speaks: its lists, no rules, no limits.
 * @param lists providers of each kind in their order; kinds that are absent have none.
 */
export function environmentEffective(
  registry: Registry,
  env: Record<string, string | undefined>,
  lists: Partial<Record<Kind, readonly ConfiguredProvider[]>>,
): Effective {
  const each = <T>(value: (kind: Kind) => T) =>
    Object.fromEntries(KINDS.map((kind) => [kind, value(kind)])) as Record<Kind, T>;
  const listed = new Map(Object.values(lists).flatMap((list) => list.map((one) => [one.address, one] as const)));
  return {
    version: 0,
    clientId: '',
    counterId: null,
    configured: each((kind) => lists[kind] ?? []),
    listLayer: each(() => 'environment'),
    globalList: each((kind) => ({ layer: 'environment', use: lists[kind] ?? [] })),
    rules: { client: [], global: [] },
    trial: null,
    provider: (address) => listed.get(address) ?? unlisted(registry, env, address),
    limits: {},
    budget: null,
    voices: {},
    offering: {},
    timeZone: DEFAULT_TIME_ZONE,
  };
}

function unlisted(registry: Registry, env: Record<string, string | undefined>, address: string) {
  try {
    return configuredProviders(registry, registry.parse(address).kind, [address], env)[0] ?? null;
  } catch {
    // Unknown, or its settings in the environment are wrong: it cannot be used.
    return null;
  }
}
