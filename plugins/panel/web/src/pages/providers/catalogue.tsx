import { useState } from 'preact/hooks';
import { can, canEverywhere } from '../../lib/session.ts';
import { providers as t } from '../../messages/providers.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/feedback.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { Card, Facts } from '../../ui/page.tsx';
import { KeyDialog } from './key-dialog.tsx';
import { healthOf, pricesOf, regionOf, tierTone } from './names.ts';
import { SettingsDialog } from './settings-dialog.tsx';
import type { HealthInfo, Place, ProviderInfo } from './types.ts';

/** Every provider there is: how good, where, how dear, how it is doing, and its key and settings. */
export function Catalogue({
  all,
  health,
  place,
  clientId,
}: {
  all: readonly ProviderInfo[];
  health: readonly HealthInfo[];
  place: Place;
  clientId: string | null;
}) {
  const [kind, setKind] = useState('');
  const [text, setText] = useState('');
  const [open, setOpen] = useState<{ what: 'key' | 'settings'; provider: ProviderInfo } | null>(null);
  const may = (permission: string) => (clientId === null ? canEverywhere(permission) : can(permission, clientId));
  const kinds = [...new Set(all.map((each) => each.kind))];
  const wanted = text.trim().toLowerCase();
  const shown = all.filter(
    (each) =>
      (kind === '' || each.kind === kind) &&
      `${each.title} ${each.address} ${each.vendor.title}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <div class="filters">
        <SelectField
          label={t('catalogue.kind')}
          value={kind}
          onValue={setKind}
          options={[
            { value: '', label: t('catalogue.allKinds') },
            ...kinds.map((each) => ({ value: each, label: t.of(`kind.${each}`, each) })),
          ]}
        />
        <TextField label={t('catalogue.search')} type="search" value={text} onValue={setText} />
      </div>
      {shown.length === 0 ? <Empty title={t('catalogue.none')} /> : null}
      <div class="cards">
        {shown.map((provider) => (
          <ProviderCard
            key={provider.address}
            provider={provider}
            health={health}
            mayKey={may('secrets.write') && provider.vendor.credential !== null}
            maySet={may('providers.write') && Object.keys(provider.settings.properties ?? {}).length > 0}
            onOpen={(what) => setOpen({ what, provider })}
          />
        ))}
      </div>
      {open?.what === 'key' ? (
        <KeyDialog provider={open.provider} place={place} onClose={() => setOpen(null)} />
      ) : open ? (
        <SettingsDialog provider={open.provider} place={place} onClose={() => setOpen(null)} />
      ) : null}
    </>
  );
}

function ProviderCard({
  provider,
  health,
  mayKey,
  maySet,
  onOpen,
}: {
  provider: ProviderInfo;
  health: readonly HealthInfo[];
  mayKey: boolean;
  maySet: boolean;
  onOpen(what: 'key' | 'settings'): void;
}) {
  const { title, address, kind, tier, vendor, models } = provider;
  const state = healthOf(health, address);
  const prices = pricesOf(provider);
  return (
    <Card title={title}>
      <p class="providers-badges">
        <Badge tone={tierTone(tier)}>{t.of(`tier.${tier}`, t('tier.none'))}</Badge>
        <Badge tone={state.tone}>{state.text}</Badge>
        <Badge>{t.of(`kind.${kind}`, kind)}</Badge>
      </p>
      <Facts
        of={[
          [t('catalogue.address'), <code key="address">{address}</code>],
          [t('catalogue.region'), regionOf(vendor.region)],
          [t('catalogue.models'), models.join(', ') || '–'],
        ]}
      />
      <div>
        <h3>{t('catalogue.price')}</h3>
        {prices.length === 0 ? (
          <p class="hint">{vendor.region === 'local' ? t('price.local') : t('price.unknown')}</p>
        ) : (
          <ul class="providers-prices">
            {prices.map(({ key, text }) => (
              <li key={key}>{text}</li>
            ))}
          </ul>
        )}
      </div>
      {mayKey || maySet ? (
        <div class="actions">
          {mayKey ? (
            <Button onClick={() => onOpen('key')} aria-label={t('catalogue.keyOf', { title })}>
              {t('catalogue.key')}
            </Button>
          ) : null}
          {maySet ? (
            <Button kind="quiet" onClick={() => onOpen('settings')} aria-label={t('catalogue.settingsOf', { title })}>
              {t('catalogue.settings')}
            </Button>
          ) : null}
        </div>
      ) : null}
    </Card>
  );
}
