import { shell } from '../../messages/shell.ts';
import { Empty } from '../../ui/feedback.tsx';
import { Page } from '../../ui/page.tsx';

export default function UsersPage() {
  return (
    <Page title={shell('page.users')}>
      <Empty />
    </Page>
  );
}
