import { useState } from 'preact/hooks';
import { useActors } from '../../lib/actors.ts';
import { get, send } from '../../lib/api.ts';
import { formatMoment } from '../../lib/format.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { can, canEverywhere } from '../../lib/session.ts';
import { providers as t } from '../../messages/providers.ts';
import { AskWhy } from '../../ui/ask-why.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty, Load, tell } from '../../ui/feedback.tsx';
import { Card } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { Drafts } from './drafts.tsx';
import { changeInWords } from './names.ts';
import type { CounterInfo, ProviderInfo, Version } from './types.ts';

const SHOWN = 20;

/** Drafts that wait or are tried, and what was in force when, with the way back. */
export function History({
  all,
  clientId,
  counters,
  isAdmin,
}: {
  all: readonly ProviderInfo[];
  /** Null: everything. */
  clientId: string | null;
  counters: readonly CounterInfo[];
  isAdmin: boolean;
}) {
  const versions = useLoad(`versions ${clientId}`, (signal) =>
    get<{ items: Version[] }>('/api/v1/versions', { clientId, limit: SHOWN }, signal),
  );
  return (
    <>
      <Drafts {...{ all, clientId, counters }} onChanged={versions.reload} />
      <Card title={t('versions.title')}>
        <p class="hint">{t('versions.lead')}</p>
        <Load of={versions} isEmpty={({ items }) => items.length === 0} empty={<Empty title={t('versions.none')} />}>
          {({ items }) => <Versions {...{ all, clientId, items, isAdmin }} onChanged={versions.reload} />}
        </Load>
      </Card>
    </>
  );
}

function Versions({
  all,
  clientId,
  items,
  isAdmin,
  onChanged,
}: {
  all: readonly ProviderInfo[];
  clientId: string | null;
  items: readonly Version[];
  isAdmin: boolean;
  onChanged(): void;
}) {
  /** Whose state is to be in force again; `undoes`: the version that goes with it. */
  const [asked, setAsked] = useState<{ to: number; undoes: number | null } | null>(null);
  const nameOf = useActors();
  const back = useAction(async (version: number, why: string) => {
    await send('POST', `/api/v1/versions/${version}/rollback`, { clientId, why });
    setAsked(null);
    tell(t('versions.back', { version: String(version) }));
    onChanged();
  });
  const may = isAdmin && (clientId === null ? canEverywhere('platform') : can('routing.write', clientId));
  return (
    <>
      <Table
        caption={t('versions.title')}
        rows={items}
        keyOf={({ version }) => String(version)}
        columns={[
          {
            key: 'version',
            label: t('versions.version'),
            show: ({ version }) => (
              <>
                {String(version)}{' '}
                {version === items[0]?.version ? <Badge tone="good">{t('versions.now')}</Badge> : null}
              </>
            ),
          },
          { key: 'at', label: t('versions.at'), show: ({ at }) => formatMoment(at) },
          {
            key: 'what',
            label: t('versions.what'),
            show: ({ changes, rolledBackTo }) => (
              <>
                {rolledBackTo === null ? null : <p>{t('versions.rolledBack', { version: String(rolledBackTo) })}</p>}
                {changes.map((change) => (
                  <p key={`${change.clientId} ${change.counterId} ${change.section}`}>{changeInWords(all, change)}</p>
                ))}
              </>
            ),
          },
          { key: 'who', label: t('versions.who'), isExtra: true, show: ({ actor }) => nameOf(actor) },
          { key: 'why', label: t('versions.why'), isExtra: true, show: ({ why }) => why ?? '–' },
          {
            key: 'do',
            label: t('versions.do'),
            show: ({ version }) => {
              if (!may) return null;
              const isNow = version === items[0]?.version;
              // Before the first version there is nothing to go back to.
              if (isNow && version === 1) return null;
              const label = isNow ? 'versions.undoOf' : 'versions.goBackTo';
              return (
                <Button
                  isSmall
                  aria-label={t(label, { version: String(version) })}
                  onClick={() => setAsked(isNow ? { to: version - 1, undoes: version } : { to: version, undoes: null })}
                >
                  {isNow ? t('versions.undo') : t('versions.do')}
                </Button>
              );
            },
          },
        ]}
      />
      {asked ? (
        <AskWhy
          title={
            asked.undoes === null
              ? t('versions.goBackTo', { version: String(asked.to) })
              : t('versions.undoOf', { version: String(asked.undoes) })
          }
          confirmLabel={asked.undoes === null ? t('versions.goBack') : t('versions.undo')}
          isBusy={back.isBusy}
          error={back.error}
          onConfirm={(why) => void back.run(asked.to, why)}
          onClose={() => {
            setAsked(null);
            back.clear();
          }}
        >
          <p>{t('versions.goBack.text')}</p>
        </AskWhy>
      ) : null}
    </>
  );
}
