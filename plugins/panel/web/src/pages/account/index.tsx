import { useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { formatAgo, formatMoment } from '../../lib/format.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { clientName, me } from '../../lib/session.ts';
import { account as t } from '../../messages/account.ts';
import { shell } from '../../messages/shell.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Failure, Load, tell } from '../../ui/feedback.tsx';
import { errorAt, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Card, Facts, Page } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';

interface OpenSession {
  id: string;
  createdAt: string;
  seenAt: string;
  address: string | null;
  isCurrent: boolean;
}

export default function AccountPage() {
  return (
    <Page title={shell('page.account')} lead={t('lead')}>
      <Roles />
      <Password />
      <Sessions />
    </Page>
  );
}

function Roles() {
  const roles = me.value?.roles ?? [];
  return (
    <Card title={t('roles.title')}>
      <Facts
        of={roles.map(({ clientId, role }) => [
          clientId === null ? t('roles.everywhere') : clientName(clientId),
          t.of(`role.${role}`, role),
        ])}
      />
    </Card>
  );
}

function Password() {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const { run, isBusy, error } = useAction(() => send('PUT', '/api/v1/me/password', { current, password }));
  const submit = async () => {
    if (!(await run())) return;
    setCurrent('');
    setPassword('');
    tell(t('password.done'));
  };
  return (
    <Card title={t('password.title')}>
      <Form
        submit={shell('form.save')}
        {...{ isBusy, error }}
        isDisabled={current === '' || password === ''}
        shown={['current', 'password']}
        onSubmit={() => void submit()}
      >
        <TextField
          label={t('password.current')}
          type="password"
          autoComplete="current-password"
          value={current}
          onValue={setCurrent}
          error={errorAt(error, 'current')}
        />
        <TextField
          label={t('password.next')}
          hint={t('password.hint')}
          type="password"
          autoComplete="new-password"
          value={password}
          onValue={setPassword}
          error={errorAt(error, 'password')}
        />
      </Form>
    </Card>
  );
}

function Sessions() {
  const sessions = useLoad('sessions', (signal) =>
    get<{ items: OpenSession[] }>('/api/v1/me/sessions', undefined, signal),
  );
  const { run, isBusy, error } = useAction((id: string) => send('DELETE', `/api/v1/me/sessions/${id}`));
  const end = async (id: string) => {
    if (!(await run(id))) return;
    tell(t('sessions.ended'));
    sessions.reload();
  };
  const endOthers = (
    <Button onClick={() => void end('outras')} isBusy={isBusy}>
      {t('sessions.endOthers')}
    </Button>
  );
  return (
    <Card title={t('sessions.title')} actions={(sessions.data?.items.length ?? 0) > 1 ? endOthers : null}>
      {error ? <Failure error={error} /> : null}
      <Load of={sessions}>
        {({ items }) => (
          <Table
            caption={t('sessions.title')}
            rows={items}
            keyOf={({ id }) => id}
            columns={[
              { key: 'opened', label: t('sessions.opened'), show: ({ createdAt }) => formatMoment(createdAt) },
              { key: 'seen', label: t('sessions.seen'), show: ({ seenAt }) => formatAgo(seenAt), isExtra: true },
              { key: 'address', label: t('sessions.address'), show: ({ address }) => address ?? '–' },
              {
                key: 'action',
                label: t('sessions.action'),
                show: ({ id, isCurrent }) =>
                  isCurrent ? (
                    <Badge tone="good">{t('sessions.current')}</Badge>
                  ) : (
                    <Button isSmall onClick={() => void end(id)} isBusy={isBusy}>
                      {t('sessions.end')}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Load>
    </Card>
  );
}
