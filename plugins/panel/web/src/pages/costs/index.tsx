import { useState } from 'preact/hooks';
import type { Exchange } from '../../lib/amount.ts';
import { get, urlOf } from '../../lib/api.ts';
import { formatReais, isoDay } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { can, canEverywhere, oneClient } from '../../lib/session.ts';
import { costs as t } from '../../messages/costs.ts';
import { shell } from '../../messages/shell.ts';
import { Load } from '../../ui/feedback.tsx';
import { TextField } from '../../ui/field.tsx';
import { OneClient } from '../../ui/one-client.tsx';
import { Page } from '../../ui/page.tsx';
import type { ProvidersAnswer } from '../providers/types.ts';
import { BudgetCard } from './budget.tsx';
import { Comparison } from './comparison.tsx';
import { nextDay, showDay } from './days.ts';
import { Overview } from './overview.tsx';
import { Spending } from './spending.tsx';
import './costs.css';

export default function CostsPage() {
  const isPlatform = canEverywhere('clients.read');
  const client = oneClient.value;
  return (
    <Page title={shell('page.costs')} lead={t('lead')}>
      {client === null && isPlatform ? (
        <Costs clientId={null} />
      ) : (
        <OneClient>{(clientId) => <Costs key={clientId} clientId={clientId} />}</OneClient>
      )}
    </Page>
  );
}

function Costs({ clientId }: { clientId: string | null }) {
  const today = isoDay();
  const [from, setFrom] = useState(`${today.slice(0, 8)}01`);
  const [to, setTo] = useState(today);
  const all = useLoad('providers', (signal) => get<ProvidersAnswer>('/api/v1/providers', undefined, signal));
  const isPeriod = from !== '' && to !== '' && from <= to;
  const mayExport = clientId === null ? canEverywhere('interactions.read') : can('interactions.read', clientId);
  const sheet = (form: 'xlsx' | 'csv') =>
    urlOf(`/api/export/${form}`, { cliente_id: clientId, inicio: from, fim: nextDay(to) });
  return (
    <Load of={all} lines={6}>
      {({ items, exchange }) => (
        <>
          <Overview clientId={clientId} />
          <BudgetCard {...{ clientId, exchange }} />
          <div class="filters">
            <TextField label={t('period.from')} type="date" value={from} onValue={setFrom} />
            <TextField
              label={t('period.to')}
              type="date"
              value={to}
              onValue={setTo}
              error={isPeriod ? null : t('period.wrong')}
            />
            {isPeriod && mayExport ? (
              <p class="costs-downloads">
                <a class="button" href={sheet('xlsx')} download>
                  {t('download.xlsx')}
                </a>
                <a class="button quiet" href={sheet('csv')} download>
                  {t('download.csv')}
                </a>
              </p>
            ) : null}
          </div>
          {isPeriod ? (
            <>
              <Spending clientId={clientId} period={{ from, to }} all={items} />
              <Comparison clientId={clientId} period={{ from, to }} all={items} />
            </>
          ) : null}
          <Rate exchange={exchange} />
        </>
      )}
    </Load>
  );
}

/** At which rate reais are shown: vendors bill in dollars. */
function Rate({ exchange }: { exchange: Exchange | null }) {
  if (!exchange) return <p class="hint">{t('rate.none')}</p>;
  const { brlPerUsd, from, source } = exchange;
  return (
    <p class="hint">
      {t('rate', { rate: formatReais(brlPerUsd, 4), day: from === null ? t('rate.own') : showDay(from), source })}
    </p>
  );
}
