import { shell } from '../../messages/shell.ts';
import { Empty } from '../../ui/feedback.tsx';
import { Page } from '../../ui/page.tsx';

export default function HealthPage() {
  return (
    <Page title={shell('page.health')}>
      <Empty />
    </Page>
  );
}
