import { shell } from '../../messages/shell.ts';
import { Empty } from '../../ui/feedback.tsx';
import { Page } from '../../ui/page.tsx';

export default function EmployeesPage() {
  return (
    <Page title={shell('page.employees')}>
      <Empty />
    </Page>
  );
}
