import { shell } from '../../messages/shell.ts';
import { Empty } from '../../ui/feedback.tsx';
import { Page } from '../../ui/page.tsx';

export default function RoutesPage() {
  return (
    <Page title={shell('page.routes')}>
      <Empty />
    </Page>
  );
}
