import { shell } from '../../messages/shell.ts';
import { Empty } from '../../ui/feedback.tsx';
import { Page } from '../../ui/page.tsx';

export default function CountersPage() {
  return (
    <Page title={shell('page.counters')}>
      <Empty />
    </Page>
  );
}
