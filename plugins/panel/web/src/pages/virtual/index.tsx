import { shell } from '../../messages/shell.ts';
import { virtual as t } from '../../messages/virtual.ts';
import { OneClient } from '../../ui/one-client.tsx';
import { Page } from '../../ui/page.tsx';
import { VirtualCounter } from './counter.tsx';

export default function VirtualPage() {
  return (
    <Page title={shell('page.virtual')} lead={t('lead')}>
      <OneClient>{(clientId) => <VirtualCounter key={clientId} clientId={clientId} />}</OneClient>
    </Page>
  );
}
