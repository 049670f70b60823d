import { shell } from '../../messages/shell.ts';
import { Empty } from '../../ui/feedback.tsx';
import { Page } from '../../ui/page.tsx';

export default function InteractionsPage() {
  return (
    <Page title={shell('page.interactions')}>
      <Empty />
    </Page>
  );
}
