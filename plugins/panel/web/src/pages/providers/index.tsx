import { useEffect, useState } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { can, canEverywhere, clientName, oneClient } from '../../lib/session.ts';
import { providers as t } from '../../messages/providers.ts';
import { shell } from '../../messages/shell.ts';
import { Load } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { OneClient } from '../../ui/one-client.tsx';
import { Page } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Catalogue } from './catalogue.tsx';
import { Choice } from './choice.tsx';
import { History } from './history.tsx';
import './providers.css';
import type { CounterInfo, HealthInfo, Place, ProvidersAnswer } from './types.ts';

type Tab = 'use' | 'all' | 'history';

/** The kinds that a place chooses, the two that every utterance needs first. */
const KINDS = ['stt', 'llm', 'vad', 'cleaner', 'speaker', 'embeddings', 'tts'] as const;
const HEALTH_MS = 15_000;

export default function ProvidersPage() {
  const isPlatform = canEverywhere('clients.read');
  const client = oneClient.value;
  return (
    <Page title={shell('page.providers')} lead={t('lead')}>
      {client === null && isPlatform ? (
        <Providers clientId={null} />
      ) : (
        <OneClient>{(clientId) => <Providers key={clientId} clientId={clientId} />}</OneClient>
      )}
    </Page>
  );
}

function Providers({ clientId }: { clientId: string | null }) {
  const [tab, setTab] = useState<Tab>('use');
  const [kind, setKind] = useState<string>('stt');
  const [placeKey, setPlaceKey] = useState(clientId === null ? 'global' : 'client');
  const all = useLoad('providers', (signal) => get<ProvidersAnswer>('/api/v1/providers', undefined, signal));
  const health = useLoad('health', (signal) =>
    get<{ items: HealthInfo[] }>('/api/v1/providers/health', undefined, signal),
  );
  const { reload } = health;
  useEffect(() => {
    const again = setInterval(reload, HEALTH_MS);
    return () => clearInterval(again);
  }, [reload]);
  const counters = useLoad(clientId === null ? null : `counters ${clientId}`, (signal) =>
    get<{ items: CounterInfo[] }>(`/api/v1/clients/${clientId}/counters`, { limit: 500 }, signal),
  );
  const known = counters.data?.items ?? [];
  const place = placeOf(placeKey, clientId);
  const ofClient = place.kind === 'global' ? null : clientId;
  const places = [
    ...(clientId === null ? [] : [{ value: 'client', label: t('place.client', { name: clientName(clientId) }) }]),
    ...(canEverywhere('clients.read') ? [{ value: 'global', label: t('place.global') }] : []),
    ...known
      .filter(({ status }) => status !== 'revoked')
      .map(({ id, name }) => ({ value: `counter:${id}`, label: t('place.counter', { name }) })),
  ];
  const where = (
    <SelectField label={t('place')} hint={t('place.hint')} value={placeKey} onValue={setPlaceKey} options={places} />
  );
  return (
    <Tabs<Tab>
      label={t('tabs')}
      tabs={[
        { key: 'use', label: t('tab.use') },
        { key: 'all', label: t('tab.all') },
        { key: 'history', label: t('tab.history') },
      ]}
      current={tab}
      onChange={setTab}
    >
      <Load of={all} lines={6}>
        {({ items }) => {
          const shown = { all: items, health: health.data?.items ?? [], place, clientId: ofClient };
          if (tab === 'history') {
            const isAdmin = ofClient === null ? canEverywhere('providers.write') : can('providers.write', ofClient);
            return <History all={items} clientId={ofClient} counters={known} isAdmin={isAdmin} />;
          }
          return (
            <>
              <div class="filters providers-places">
                {where}
                {tab === 'use' ? (
                  <SelectField
                    label={t('kind')}
                    value={kind}
                    onValue={setKind}
                    options={KINDS.map((each) => ({ value: each, label: t(`kind.${each}`) }))}
                  />
                ) : null}
              </div>
              {tab === 'use' ? (
                <Choice key={`${placeKey} ${kind}`} {...shown} kind={kind} onDraft={() => setTab('history')} />
              ) : (
                <Catalogue {...shown} />
              )}
            </>
          );
        }}
      </Load>
    </Tabs>
  );
}

function placeOf(key: string, clientId: string | null): Place {
  if (key.startsWith('counter:')) return { kind: 'counter', id: key.slice('counter:'.length) };
  return key === 'client' && clientId !== null ? { kind: 'client', id: clientId } : { kind: 'global', id: '' };
}
