import { useState } from 'preact/hooks';
import { can } from '../../lib/session.ts';
import { catalogue as t } from '../../messages/catalogue.ts';
import { shell } from '../../messages/shell.ts';
import { OneClient } from '../../ui/one-client.tsx';
import { Page } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { BlockedList } from './blocked.tsx';
import { Imports } from './imports.tsx';
import { OtcListView } from './otc-list.tsx';
import { Products } from './products.tsx';
import { Restrictions } from './restrictions.tsx';
import './catalogue.css';

type Tab = 'products' | 'imports' | 'list' | 'restrictions' | 'blocked';

export default function CataloguePage() {
  return (
    <Page title={shell('page.catalogue')} lead={t('lead')}>
      <OneClient>{(id) => <Catalogue key={id} clientId={id} />}</OneClient>
    </Page>
  );
}

function Catalogue({ clientId }: { clientId: string }) {
  const [tab, setTab] = useState<Tab>('products');
  const tabs: Tab[] = [
    'products',
    'imports',
    'list',
    'restrictions',
    ...(can('interactions.read', clientId) ? ['blocked' as const] : []),
  ];
  return (
    <Tabs<Tab>
      label={t('tab.label')}
      tabs={tabs.map((key) => ({ key, label: t(`tab.${key}`) }))}
      current={tab}
      onChange={setTab}
    >
      {tab === 'products' ? <Products clientId={clientId} /> : null}
      {tab === 'imports' ? <Imports clientId={clientId} /> : null}
      {tab === 'list' ? <OtcListView clientId={clientId} /> : null}
      {tab === 'restrictions' ? <Restrictions clientId={clientId} /> : null}
      {tab === 'blocked' ? <BlockedList clientId={clientId} /> : null}
    </Tabs>
  );
}
