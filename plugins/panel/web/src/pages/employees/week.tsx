import { useEffect, useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { employees as t } from '../../messages/employees.ts';
import { Load, Notice, tell } from '../../ui/feedback.tsx';
import { CheckField, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { type Day, shiftsOf, weekOf } from './shifts.ts';
import { type Employee, pathOf, type Shift } from './types.ts';

/** A week of shifts, one a day. */
export function Week({ employee, onChanged }: { employee: Employee; onChanged(employee: Employee): void }) {
  const url = `${pathOf(employee)}/shifts`;
  const shifts = useLoad(url, (signal) => get<{ shifts: Shift[] }>(url, undefined, signal));
  return <Load of={shifts}>{({ shifts: known }) => <WeekForm url={url} known={known} onChanged={onChanged} />}</Load>;
}

function WeekForm({
  url,
  known,
  onChanged,
}: {
  url: string;
  known: readonly Shift[];
  onChanged(employee: Employee): void;
}) {
  const [week, setWeek] = useState<readonly Day[]>(() => weekOf(known).week);
  useEffect(() => setWeek(weekOf(known).week), [known]);
  const { run, isBusy, error } = useAction(async () => {
    onChanged(await send<Employee>('PUT', url, { shifts: shiftsOf(week), why: t('shifts.why') }));
    tell(t('shifts.done'));
  });
  const set = (at: number, change: Partial<Day>) =>
    setWeek(week.map((day, index) => (index === at ? { ...day, ...change } : day)));
  return (
    <Form submit={t('shifts.save')} {...{ isBusy, error }} onSubmit={() => void run()}>
      <p>{t('shifts.text')}</p>
      {weekOf(known).hasMore ? <Notice tone="warn">{t('shifts.more')}</Notice> : null}
      <fieldset class="week">
        <legend class="sr-only">{t('tab.shifts')}</legend>
        {week.map(({ works, start, end }, at) => {
          const day = t(`day.${at as 0}`);
          return (
            <div key={day} class="day">
              <CheckField label={day} isChecked={works} onChecked={(isChecked) => set(at, { works: isChecked })} />
              <TextField
                label={t('shifts.from', { day })}
                isLabelHidden
                type="time"
                value={start}
                isDisabled={!works}
                onValue={(value) => set(at, { start: value })}
              />
              <TextField
                label={t('shifts.to', { day })}
                isLabelHidden
                type="time"
                value={end}
                isDisabled={!works}
                onValue={(value) => set(at, { end: value })}
              />
            </div>
          );
        })}
      </fieldset>
    </Form>
  );
}
