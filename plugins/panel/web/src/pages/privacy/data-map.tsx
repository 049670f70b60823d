import { get } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { privacy as t } from '../../messages/privacy.ts';
import { Load, Notice } from '../../ui/feedback.tsx';
import { Card } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import type { DataMap } from './types.ts';

/** Where the data goes and how long it stays, from what the plugins themselves state. */
export function DataMapView({ path }: { path: string }) {
  const url = `${path}/data-map`;
  const map = useLoad(url, (signal) => get<DataMap>(url, undefined, signal));
  return (
    <Load of={map} lines={6}>
      {({ kept, recipients, missing }) => (
        <>
          {missing.length > 0 ? (
            <Notice tone="warn" title={t('map.missing')}>
              <ul>
                {missing.map((each) => (
                  <li key={each}>{each}</li>
                ))}
              </ul>
            </Notice>
          ) : null}
          <Card title={t('map.kept')}>
            <Table
              caption={t('map.kept')}
              rows={kept}
              keyOf={({ what }) => what}
              columns={[
                { key: 'what', label: t('map.what'), show: ({ what }) => what },
                { key: 'howLong', label: t('map.howLong'), show: ({ howLong }) => howLong },
              ]}
            />
          </Card>
          <Card title={t('map.recipients')}>
            {recipients.length === 0 ? (
              <p>{t('map.recipients.none')}</p>
            ) : (
              <Table
                caption={t('map.recipients')}
                rows={recipients}
                keyOf={({ provider }) => provider}
                columns={[
                  { key: 'vendor', label: t('map.vendor'), show: ({ title }) => title },
                  { key: 'receives', label: t('map.receives'), show: ({ receives }) => receives },
                  { key: 'region', label: t('map.region'), show: ({ region }) => t.of(`map.region.${region}`, region) },
                  { key: 'keeps', label: t('map.keeps'), show: ({ keeps }) => keeps },
                  { key: 'hosts', label: t('map.hosts'), show: ({ hosts }) => hosts.join(', ') || '–', isExtra: true },
                ]}
              />
            )}
          </Card>
          <Card title={t('map.notice')}>
            <p>{t('map.notice.text')}</p>
            <div class="actions">
              <a class="button" href={`${path}/notice`} target="_blank" rel="noreferrer">
                {t('map.notice.open')}
              </a>
            </div>
          </Card>
        </>
      )}
    </Load>
  );
}
