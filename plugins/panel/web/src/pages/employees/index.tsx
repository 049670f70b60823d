import { useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { employees as t } from '../../messages/employees.ts';
import { shell } from '../../messages/shell.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty, Load, type Tone, tell } from '../../ui/feedback.tsx';
import { errorAt, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { OneClient } from '../../ui/one-client.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { EmployeeDialog } from './employee-dialog.tsx';
import type { Employee } from './types.ts';
import './employees.css';

const PAGE = 100;
const VOICE_TONES: Record<string, Tone> = { cadastrada: 'good', recadastrar: 'warn' };
const CONSENT_TONES: Record<string, Tone> = { confirmado: 'good', a_confirmar: 'warn', retirado: 'bad' };

export default function EmployeesPage() {
  return (
    <Page title={shell('page.employees')} lead={t('lead')}>
      <OneClient>{(clientId) => <Employees key={clientId} clientId={clientId} />}</OneClient>
    </Page>
  );
}

function Employees({ clientId }: { clientId: string }) {
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(PAGE);
  const [open, setOpen] = useState<Employee | null>(null);
  const url = `/api/v1/clients/${clientId}/employees`;
  const list = useLoad(`${url} ${text} ${limit}`, (signal) =>
    get<{ items: Employee[]; next: string | null }>(url, { q: text.trim(), limit: Math.min(limit, 500) }, signal),
  );
  const changed = (employee: Employee) => {
    setOpen(employee);
    list.reload();
  };
  return (
    <>
      <Card title={t('add.title')}>
        <AddEmployee
          url={url}
          onAdded={(employee) => {
            tell(t('add.done'));
            changed(employee);
          }}
        />
      </Card>
      <Card title={t('list.title')}>
        <div class="filters">
          <TextField label={t('list.search')} type="search" value={text} onValue={setText} maxLength={100} />
        </div>
        <Load
          of={list}
          isEmpty={({ items }) => items.length === 0}
          empty={
            <Empty title={text === '' ? t('list.empty') : shell('state.empty')}>
              {text === '' ? <p>{t('list.empty.text')}</p> : null}
            </Empty>
          }
        >
          {({ items, next }) => (
            <Table
              caption={t('list.title')}
              rows={items}
              keyOf={({ id }) => String(id)}
              onMore={next === null || limit >= 500 ? undefined : () => setLimit(limit + PAGE)}
              columns={[
                { key: 'name', label: t('col.name'), show: ({ name }) => name },
                {
                  key: 'voice',
                  label: t('col.voice'),
                  show: ({ voice }) => (
                    <Badge tone={VOICE_TONES[voice.state] ?? 'plain'}>
                      {t.of(`voice.${voice.state}`, voice.state)}
                    </Badge>
                  ),
                },
                {
                  key: 'consent',
                  label: t('col.consent'),
                  isExtra: true,
                  show: ({ consent }) => (
                    <Badge tone={CONSENT_TONES[consent] ?? 'plain'}>{t.of(`consent.${consent}`, consent)}</Badge>
                  ),
                },
                {
                  key: 'actions',
                  label: t('col.actions'),
                  show: (employee) => (
                    <Button isSmall onClick={() => setOpen(employee)}>
                      {t('act.open')}
                    </Button>
                  ),
                },
              ]}
            />
          )}
        </Load>
      </Card>
      {open ? (
        <EmployeeDialog
          employee={open}
          onChanged={changed}
          onGone={() => {
            setOpen(null);
            list.reload();
          }}
          onClose={() => setOpen(null)}
        />
      ) : null}
    </>
  );
}

function AddEmployee({ url, onAdded }: { url: string; onAdded(employee: Employee): void }) {
  const [name, setName] = useState('');
  const { run, isBusy, error } = useAction(async () => {
    const added = await send<Employee>('POST', url, { name: name.trim() });
    setName('');
    onAdded(added);
  });
  return (
    <Form
      submit={t('add.save')}
      {...{ isBusy, error }}
      isDisabled={name.trim() === ''}
      shown={['name']}
      onSubmit={() => void run()}
    >
      <TextField
        label={t('add.name')}
        value={name}
        onValue={setName}
        maxLength={200}
        isRequired
        error={errorAt(error, 'name')}
      />
    </Form>
  );
}
