import { shell } from '../../messages/shell.ts';
import { Empty } from '../../ui/feedback.tsx';
import { Page } from '../../ui/page.tsx';

export default function AuditPage() {
  return (
    <Page title={shell('page.audit')}>
      <Empty />
    </Page>
  );
}
