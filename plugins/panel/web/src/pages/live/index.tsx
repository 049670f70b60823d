import { shell } from '../../messages/shell.ts';
import { Empty } from '../../ui/feedback.tsx';
import { Page } from '../../ui/page.tsx';

export default function LivePage() {
  return (
    <Page title={shell('page.live')}>
      <Empty />
    </Page>
  );
}
