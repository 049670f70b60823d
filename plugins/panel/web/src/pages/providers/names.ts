import { formatBoth } from '../../lib/amount.ts';
import { providers as t } from '../../messages/providers.ts';
import type { Tone } from '../../ui/feedback.tsx';
import { withoutModel } from './order.ts';
import type { HealthInfo, ProviderInfo, Version } from './types.ts';

/** A provider as people call it: its title, and the model where the address names one. */
export function nameOf(all: readonly ProviderInfo[], address: string | null): string {
  if (address === null) return t('nobody');
  const base = withoutModel(address);
  const title = all.find((each) => each.address === base)?.title ?? base;
  return address === base ? title : t('name.model', { title, model: address.slice(base.length + 1) });
}

export function regionOf(region: string): string {
  return t.of(`region.${region}`, region);
}

export function tierTone(tier: string | null): Tone {
  if (tier === 'platinum' || tier === 'gold') return 'good';
  return tier === null ? 'plain' : 'info';
}

/** How a provider is doing, by the worst of its models and keys. */
export function healthOf(health: readonly HealthInfo[], address: string): { tone: Tone; text: string } {
  const own = health.filter((each) => withoutModel(each.address) === withoutModel(address));
  if (own.length === 0) return { tone: 'plain', text: t('health.unused') };
  if (own.some(({ state }) => state === 'open')) return { tone: 'bad', text: t('health.open') };
  if (own.some(({ state }) => state === 'half_open' || state === 'suspected'))
    return { tone: 'warn', text: t('health.half_open') };
  if (own.some(({ state }) => state === 'limited')) return { tone: 'warn', text: t('health.limited') };
  if (own.some(({ degraded }) => degraded)) return { tone: 'warn', text: t('health.degraded') };
  return { tone: 'good', text: t('health.closed') };
}

/** List prices of today, the default model first. */
export function pricesOf(provider: ProviderInfo): { key: string; text: string }[] {
  const unit = provider.kind === 'stt' ? t('price.minute') : t('price.question');
  return provider.prices.map(({ model, mode, cost }) => {
    const isBoth = provider.prices.filter((each) => each.model === model).length > 1;
    const way = isBoth ? t.of(`mode.${mode}`, mode) : '';
    return { key: `${model} ${mode}`, text: t('price', { model, way, cost: formatBoth(cost), unit }) };
  });
}

/** What a version or draft did with one section, as a line. */
export function changeInWords(
  all: readonly ProviderInfo[],
  {
    section,
    before,
    after,
  }: {
    section: string;
    before?: Version['changes'][number]['before'];
    after: Version['changes'][number]['after'] | undefined;
  },
): string {
  const [head = '', tail = ''] = section.split('.');
  const what = head === 'providers' ? t.of(`kind.${tail}`, tail) : t.of(`section.${head}`, head);
  if (head === 'routing' && after?.rules && after.rules.length > 0) {
    const names = after.rules.map(({ id, title }) => title ?? id);
    return t('change.rules', { n: names.length, names: names.join(', ') });
  }
  if (head !== 'providers') return what;
  const list = (use: string[] | undefined) =>
    use && use.length > 0 ? use.map((address) => nameOf(all, address)).join(', ') : t('change.none');
  if (!after) return t('change.removed', { what });
  if (!before) return t('change.to', { what, to: list(after.use) });
  return t('change.fromTo', { what, from: list(before.use), to: list(after.use) });
}
