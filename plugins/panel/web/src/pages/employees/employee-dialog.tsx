import { useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { employees as t } from '../../messages/employees.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm, Dialog } from '../../ui/dialog.tsx';
import { tell } from '../../ui/feedback.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { type Employee, pathOf } from './types.ts';
import { Voice } from './voice.tsx';
import { Week } from './week.tsx';

/** One person: voice, shifts, and the end of the employment. */
export function EmployeeDialog({
  employee,
  onChanged,
  onGone,
  onClose,
}: {
  employee: Employee;
  onChanged(employee: Employee): void;
  onGone(): void;
  onClose(): void;
}) {
  const [tab, setTab] = useState<'voice' | 'shifts' | 'leave'>('voice');
  return (
    <Dialog title={employee.name} onClose={onClose} isWide>
      <Tabs<'voice' | 'shifts' | 'leave'>
        label={t('tabs.label')}
        current={tab}
        onChange={setTab}
        tabs={[
          { key: 'voice', label: t('tab.voice') },
          { key: 'shifts', label: t('tab.shifts') },
          { key: 'leave', label: t('tab.leave') },
        ]}
      >
        {tab === 'voice' ? (
          <Voice employee={employee} onChanged={onChanged} />
        ) : tab === 'shifts' ? (
          <Week employee={employee} onChanged={onChanged} />
        ) : (
          <Leave employee={employee} onGone={onGone} />
        )}
      </Tabs>
    </Dialog>
  );
}

function Leave({ employee, onGone }: { employee: Employee; onGone(): void }) {
  const [isAsked, setAsked] = useState(false);
  const { run, isBusy, error } = useAction(async () => {
    await send('DELETE', pathOf(employee), undefined, { etag: `"${employee.revision}"` });
    tell(t('leave.done'));
    onGone();
  });
  return (
    <div class="form">
      <p>{t('leave.text')}</p>
      <div class="actions">
        <Button kind="danger" onClick={() => setAsked(true)}>
          {t('leave.do')}
        </Button>
      </div>
      {isAsked ? (
        <Confirm
          title={t('leave.title', { name: employee.name })}
          confirmLabel={t('leave.do')}
          word={employee.name}
          isBusy={isBusy}
          error={error}
          onConfirm={() => void run()}
          onClose={() => setAsked(false)}
        >
          <p>{t('leave.text')}</p>
        </Confirm>
      ) : null}
    </div>
  );
}
