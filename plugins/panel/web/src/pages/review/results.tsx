import { useState } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { formatNumber, formatShare, isoDay } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { chosenClient, clientName } from '../../lib/session.ts';
import { review as t } from '../../messages/review.ts';
import { Bars } from '../../ui/bars.tsx';
import { Load } from '../../ui/feedback.tsx';
import { TextField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { dayAfter } from '../interactions/filters.ts';

interface ProviderResult {
  provider: string | null;
  reviews: number;
  wrong: number;
  words: number;
  errors: number;
  wordErrorRate: number | null;
}

interface ClientResult {
  clientId: string;
  util: number;
  errada: number;
  insegura: number;
  precision: number | null;
}

interface Summary {
  providers: ProviderResult[];
  clients: ClientResult[];
}

const MONTH_MS = 30 * 86_400_000;

/** What the reviews of a period say of each provider and of each client. */
export function Results() {
  const [from, setFrom] = useState(isoDay(Date.now() - MONTH_MS));
  const [to, setTo] = useState(isoDay());
  const query = { clientId: chosenClient.value, from, to: to === '' ? '' : dayAfter(to) };
  const summary = useLoad(JSON.stringify(query), (signal) => get<Summary>('/api/v1/reviews/summary', query, signal));
  return (
    <>
      <div class="filters">
        <TextField label={t('results.from')} type="date" value={from} onValue={setFrom} />
        <TextField label={t('results.to')} type="date" value={to} onValue={setTo} />
      </div>
      <Load of={summary} lines={8}>
        {({ providers, clients }) => (
          <>
            <Providers providers={providers} />
            <Clients clients={clients} />
          </>
        )}
      </Load>
    </>
  );
}

function Providers({ providers }: { providers: ProviderResult[] }) {
  const nameOf = ({ provider }: ProviderResult) => provider ?? t('results.unknown');
  const rated = providers.filter(({ wordErrorRate }) => wordErrorRate !== null);
  const count = (key: 'reviews' | 'wrong' | 'words' | 'errors', isExtra = false): Column<ProviderResult> => ({
    key,
    label: t(`results.${key}`),
    isNumber: true,
    isExtra,
    show: (row) => formatNumber(row[key]),
  });
  return (
    <Card title={t('results.providers')}>
      {providers.length === 0 ? (
        <p>{t('results.providers.none')}</p>
      ) : (
        <>
          <p class="hint">{t('results.providers.lead')}</p>
          <Bars
            label={t('results.providers')}
            items={rated.map((row) => ({
              key: nameOf(row),
              label: nameOf(row),
              value: row.wordErrorRate ?? 0,
              shown: formatShare(row.wordErrorRate),
            }))}
          />
          <Table
            caption={t('results.providers')}
            rows={providers}
            keyOf={nameOf}
            columns={[
              { key: 'provider', label: t('results.provider'), show: nameOf },
              count('reviews'),
              count('wrong'),
              count('words', true),
              count('errors', true),
              {
                key: 'rate',
                label: t('results.rate'),
                isNumber: true,
                show: ({ wordErrorRate }) => formatShare(wordErrorRate),
              },
            ]}
          />
        </>
      )}
    </Card>
  );
}

function Clients({ clients }: { clients: ClientResult[] }) {
  const count = (key: 'util' | 'errada' | 'insegura'): Column<ClientResult> => ({
    key,
    label: t(`results.${key}`),
    isNumber: true,
    show: (row) => formatNumber(row[key]),
  });
  return (
    <Card title={t('results.clients')}>
      {clients.length === 0 ? (
        <p>{t('results.clients.none')}</p>
      ) : (
        <>
          <p class="hint">{t('results.clients.lead')}</p>
          <Bars
            label={t('results.clients')}
            most={1}
            items={clients.map(({ clientId, precision }) => ({
              key: clientId,
              label: clientName(clientId),
              value: precision ?? 0,
              shown: formatShare(precision),
            }))}
          />
          <Table
            caption={t('results.clients')}
            rows={clients}
            keyOf={({ clientId }) => clientId}
            columns={[
              { key: 'client', label: t('results.client'), show: ({ clientId }) => <bdi>{clientName(clientId)}</bdi> },
              count('util'),
              count('errada'),
              count('insegura'),
              {
                key: 'precision',
                label: t('results.precision'),
                isNumber: true,
                show: ({ precision }) => formatShare(precision),
              },
            ]}
          />
        </>
      )}
    </Card>
  );
}
