import { useRef, useState } from 'preact/hooks';
import { providers as t } from '../../messages/providers.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { healthOf, nameOf, pricesOf, regionOf, tierTone } from './names.ts';
import { moved, withoutModel } from './order.ts';
import type { HealthInfo, ProviderInfo, UsedProvider } from './types.ts';

/** Providers in the order in which they are asked: moved by buttons, or with Alt and the arrows. */
export function OrderEditor({
  all,
  health,
  used,
  use,
  onUse,
  isReadOnly,
}: {
  /** Of this kind. */
  all: readonly ProviderInfo[];
  health: readonly HealthInfo[];
  used: readonly UsedProvider[];
  use: readonly string[];
  onUse(use: string[]): void;
  isReadOnly: boolean;
}) {
  const list = useRef<HTMLOListElement>(null);
  const [said, setSaid] = useState('');
  const [adding, setAdding] = useState('');
  const move = (from: number, step: -1 | 1) => {
    const address = use[from];
    if (address === undefined || from + step < 0 || from + step >= use.length) return;
    onUse(moved(use, from, step));
    setSaid(t('order.moved', { name: nameOf(all, address), place: String(from + step + 1) }));
    // The row goes on being the one that moved.
    requestAnimationFrame(() => (list.current?.children[from + step] as HTMLElement | undefined)?.focus());
  };
  const left = all.flatMap(({ address, models }) =>
    [address, ...models.slice(1).map((model) => `${address}:${model}`)].filter((each) => !use.includes(each)),
  );
  return (
    <div class="providers-order">
      {use.length === 0 ? <Empty title={t('order.empty')} /> : null}
      <ol ref={list} aria-label={t('order.label')}>
        {use.map((address, at) => (
          <Item
            key={address}
            {...{ all, health, address, at, isReadOnly }}
            isFirst={at === 0}
            isLast={at === use.length - 1}
            used={used.find((each) => each.address === address)}
            onMove={(step) => move(at, step)}
            onRemove={() => {
              onUse(use.filter((each) => each !== address));
              setSaid(t('order.removed', { name: nameOf(all, address) }));
            }}
          />
        ))}
      </ol>
      <p class="sr-only" aria-live="polite">
        {said}
      </p>
      {isReadOnly ? null : (
        <div class="providers-order-add">
          <SelectField
            label={t('order.add')}
            value={adding}
            onValue={setAdding}
            options={[
              { value: '', label: t('order.choose') },
              ...left.map((address) => ({ value: address, label: nameOf(all, address) })),
            ]}
          />
          <Button
            disabled={adding === ''}
            onClick={() => {
              onUse([...use, adding]);
              setSaid(t('order.added', { name: nameOf(all, adding) }));
              setAdding('');
            }}
          >
            {t('order.addButton')}
          </Button>
        </div>
      )}
    </div>
  );
}

function Item(props: {
  all: readonly ProviderInfo[];
  health: readonly HealthInfo[];
  address: string;
  at: number;
  used: UsedProvider | undefined;
  isFirst: boolean;
  isLast: boolean;
  isReadOnly: boolean;
  onMove(step: -1 | 1): void;
  onRemove(): void;
}) {
  const { all, health, address, at, used, isFirst, isLast, isReadOnly, onMove, onRemove } = props;
  const info = all.find((each) => each.address === withoutModel(address));
  const name = nameOf(all, address);
  const state = healthOf(health, address);
  const [price] = info ? pricesOf(info) : [];
  return (
    <li
      tabIndex={-1}
      onKeyDown={(event) => {
        if (!event.altKey || isReadOnly || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
        event.preventDefault();
        onMove(event.key === 'ArrowUp' ? -1 : 1);
      }}
    >
      <span class="providers-order-place" aria-hidden="true">
        {at + 1}
      </span>
      <div class="providers-order-what">
        <strong>{name}</strong>
        <p class="hint">
          <code>{address}</code>
          {info ? ` · ${regionOf(used?.region ?? info.vendor.region)}` : ''}
          {price ? ` · ${price.text}` : ''}
        </p>
        {used?.missing ? <p class="field-error">{t('order.missing', { what: used.missing })}</p> : null}
      </div>
      <div class="providers-order-state">
        <Badge tone={tierTone(info?.tier ?? null)}>{t.of(`tier.${info?.tier}`, t('tier.none'))}</Badge>
        <Badge tone={state.tone}>{state.text}</Badge>
      </div>
      {isReadOnly ? null : (
        <div class="providers-order-moves">
          <Button
            kind="quiet"
            isSmall
            disabled={isFirst}
            aria-label={t('order.up', { name })}
            onClick={() => onMove(-1)}
          >
            <span aria-hidden="true">↑</span>
          </Button>
          <Button
            kind="quiet"
            isSmall
            disabled={isLast}
            aria-label={t('order.down', { name })}
            onClick={() => onMove(1)}
          >
            <span aria-hidden="true">↓</span>
          </Button>
          <Button kind="quiet" isSmall aria-label={t('order.remove', { name })} onClick={onRemove}>
            <span aria-hidden="true">×</span>
          </Button>
        </div>
      )}
    </li>
  );
}
