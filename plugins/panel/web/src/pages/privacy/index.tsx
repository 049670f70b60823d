import { useState } from 'preact/hooks';
import { can } from '../../lib/session.ts';
import { privacy as t } from '../../messages/privacy.ts';
import { shell } from '../../messages/shell.ts';
import { OneClient } from '../../ui/one-client.tsx';
import { Page } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Bases } from './bases.tsx';
import { Consents } from './consents.tsx';
import { DataMapView } from './data-map.tsx';
import { Keeping } from './keeping.tsx';
import { Requests } from './requests.tsx';
import './privacy.css';

type Tab = 'keeping' | 'bases' | 'requests' | 'consents' | 'map';

export default function PrivacyPage() {
  return (
    <Page title={shell('page.privacy')} lead={t('lead')}>
      <OneClient>{(id) => <Privacy key={id} clientId={id} />}</OneClient>
    </Page>
  );
}

function Privacy({ clientId }: { clientId: string }) {
  const [tab, setTab] = useState<Tab>('keeping');
  const tabs: Tab[] = [
    'keeping',
    'bases',
    ...(can('privacy.erase', clientId) ? ['requests' as const] : []),
    'consents',
    'map',
  ];
  const path = `/api/v1/clients/${encodeURIComponent(clientId)}`;
  const isWritable = can('privacy.write', clientId);
  return (
    <Tabs<Tab>
      label={t('tab.label')}
      tabs={tabs.map((key) => ({ key, label: t(`tab.${key}`) }))}
      current={tab}
      onChange={setTab}
    >
      {tab === 'keeping' ? <Keeping path={path} isWritable={isWritable} /> : null}
      {tab === 'bases' ? <Bases path={path} isWritable={isWritable} /> : null}
      {tab === 'requests' ? <Requests path={path} /> : null}
      {tab === 'consents' ? <Consents path={path} /> : null}
      {tab === 'map' ? <DataMapView path={path} /> : null}
    </Tabs>
  );
}
