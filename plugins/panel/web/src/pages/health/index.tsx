import { useState } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { formatBytes, formatClock, formatShare } from '../../lib/format.ts';
import { type Loaded, useLoad } from '../../lib/load.ts';
import { canEverywhere } from '../../lib/session.ts';
import { health as t } from '../../messages/health.ts';
import { shell } from '../../messages/shell.ts';
import { Button } from '../../ui/button.tsx';
import { Load, Notice } from '../../ui/feedback.tsx';
import { Page, Stat } from '../../ui/page.tsx';
import { ageText } from './age.ts';
import { Copies } from './copies.tsx';
import { ProcessTable, ProviderTable } from './tables.tsx';
import type { BackupStatus, Figures } from './types.ts';
import './health.css';

export default function HealthPage() {
  const [turn, setTurn] = useState(0);
  const isForAll = canEverywhere('clients.read');
  const figures = useLoad(isForAll ? `figures ${turn}` : null, (signal) =>
    get<Figures>('/api/v1/health', undefined, signal),
  );
  return (
    <Page
      title={shell('page.health')}
      lead={t('lead')}
      actions={<Button onClick={() => setTurn((before) => before + 1)}>{t('refresh')}</Button>}
    >
      {isForAll ? <Overview of={figures} /> : <Notice>{t('scope.client')}</Notice>}
      {canEverywhere('platform') ? <Copies turn={turn} onChange={figures.reload} /> : null}
      {isForAll ? <ProcessTable turn={turn} own={figures.data?.process} /> : null}
      <ProviderTable turn={turn} />
    </Page>
  );
}

function Overview({ of }: { of: Loaded<Figures> }) {
  return (
    <Load of={of} lines={5}>
      {({ at, ready, missing, database, journal, disk, backups }) => (
        <>
          <Notice tone={ready ? 'good' : 'bad'} title={t(ready ? 'ready.yes' : 'ready.no')}>
            {missing.length > 0 ? (
              <ul>
                {missing.map((each) => (
                  <li key={each}>{each}</li>
                ))}
              </ul>
            ) : null}
            <p class="hint">{t('ready.at', { time: formatClock(at) })}</p>
          </Notice>
          <div class="stats">
            <Stat
              label={t('database.label')}
              value={t.of(`database.state.${database.state}`, database.state)}
              note={
                database.error ??
                t('database.note', {
                  kind: t.of(`database.kind.${database.kind}`, database.kind),
                  migration: (database.migration ?? '–').slice(0, 15),
                })
              }
            />
            <Stat label={t('journal.label')} value={formatBytes(journal.bytes)} note={journalNote(journal)} />
            {disk ? (
              <Stat
                label={t('disk.label')}
                value={formatBytes(disk.freeBytes)}
                note={t('disk.note', { total: formatBytes(disk.totalBytes) })}
              />
            ) : null}
            {backups ? <CopyStat of={backups} /> : null}
          </div>
        </>
      )}
    </Load>
  );
}

function journalNote({ fullness, rejected, error }: Figures['journal']): string {
  if (error) return t('journal.error', { code: error });
  return rejected > 0 ? t('journal.rejected', { n: rejected }) : t('journal.note', { share: formatShare(fullness) });
}

function CopyStat({ of: { lastAt, ageS, isOld, maxAgeDays } }: { of: BackupStatus }) {
  const note = isOld ? t('copy.old', { n: maxAgeDays }) : lastAt === null ? t('copy.never') : t('copy.fine');
  const isBad = isOld || lastAt === null;
  return (
    <Stat
      label={t('copy.label')}
      value={ageS === null ? t('copy.none') : ageText(ageS)}
      note={<span class={isBad ? 'health-copy-old' : undefined}>{note}</span>}
    />
  );
}
