import { shell } from '../../messages/shell.ts';
import { Empty } from '../../ui/feedback.tsx';
import { Page } from '../../ui/page.tsx';

export default function VirtualPage() {
  return (
    <Page title={shell('page.virtual')}>
      <Empty />
    </Page>
  );
}
