import { shell } from '../../messages/shell.ts';
import { Empty } from '../../ui/feedback.tsx';
import { Page } from '../../ui/page.tsx';

export default function CostsPage() {
  return (
    <Page title={shell('page.costs')}>
      <Empty />
    </Page>
  );
}
