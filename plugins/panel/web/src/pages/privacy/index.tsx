import { shell } from '../../messages/shell.ts';
import { Empty } from '../../ui/feedback.tsx';
import { Page } from '../../ui/page.tsx';

export default function PrivacyPage() {
  return (
    <Page title={shell('page.privacy')}>
      <Empty />
    </Page>
  );
}
