import { useState } from 'preact/hooks';
import { useList } from '../../lib/list.ts';
import { can, canEverywhere, chosenClient } from '../../lib/session.ts';
import { shell } from '../../messages/shell.ts';
import { users as t } from '../../messages/users.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty, Failure, Load } from '../../ui/feedback.tsx';
import { OneClient } from '../../ui/one-client.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { PersonDialog } from './person-dialog.tsx';
import { Tokens } from './tokens.tsx';
import { type Person, whereText } from './types.ts';
import './users.css';

export default function UsersPage() {
  const [tab, setTab] = useState<'people' | 'tokens'>('people');
  const isForAll = canEverywhere('users.write');
  return (
    <Page title={shell('page.users')} lead={t('lead')}>
      <Tabs<'people' | 'tokens'>
        label={t('tab.label')}
        tabs={[
          { key: 'people', label: t('tab.people') },
          { key: 'tokens', label: t('tab.tokens') },
        ]}
        current={tab}
        onChange={setTab}
      >
        {tab === 'tokens' ? (
          <Tokens />
        ) : isForAll ? (
          <People clientId={chosenClient.value} />
        ) : (
          <OneClient>{(id) => <People clientId={id} />}</OneClient>
        )}
      </Tabs>
    </Page>
  );
}

function People({ clientId }: { clientId: string | null }) {
  const [turn, setTurn] = useState(0);
  const [isInviting, setInviting] = useState(false);
  const [managed, setManaged] = useState<string | null>(null);
  const people = useList<Person>('/api/v1/users', { clientId }, turn);
  const reload = () => setTurn((before) => before + 1);
  return (
    <Card
      title={t('tab.people')}
      actions={
        can('users.write') ? (
          <Button kind="primary" onClick={() => setInviting(true)}>
            {t('invite')}
          </Button>
        ) : null
      }
    >
      {people.error ? <Failure error={people.error} /> : null}
      <Load of={people.of} isEmpty={({ items }) => items.length === 0} empty={<Empty title={t('people.none')} />}>
        {({ items }) => (
          <Table
            caption={t('people.caption')}
            rows={items}
            keyOf={({ id }) => id}
            columns={columns((person) => setManaged(person.id))}
            onMore={people.more}
            isLoadingMore={people.isLoadingMore}
          />
        )}
      </Load>
      {isInviting ? <InviteDialog clientId={clientId} onDone={reload} onClose={() => setInviting(false)} /> : null}
      {managed === null ? null : <PersonDialog id={managed} onChange={reload} onClose={() => setManaged(null)} />}
    </Card>
  );
}

function columns(manage: (person: Person) => void): Column<Person>[] {
  return [
    { key: 'name', label: t('column.name'), show: ({ name }) => name },
    { key: 'email', label: t('column.email'), show: ({ email }) => email ?? '–', isExtra: true },
    {
      key: 'roles',
      label: t('column.roles'),
      show: ({ roles }) => (
        <ul class="users-roles">
          {roles.map(({ clientId, role }) => (
            <li key={clientId}>
              {t(`role.${role}`)} <span class="hint">{whereText(clientId)}</span>
            </li>
          ))}
        </ul>
      ),
    },
    { key: 'state', label: t('column.state'), show: (person) => <State of={person} /> },
    {
      key: 'action',
      label: t('column.action'),
      show: (person) => (
        <Button isSmall aria-label={t('manage.of', { name: person.name })} onClick={() => manage(person)}>
          {t('manage')}
        </Button>
      ),
    },
  ];
}

function State({ of: { disabledAt, hasPassword } }: { of: Person }) {
  if (disabledAt !== null) return <Badge tone="bad">{t('state.disabled')}</Badge>;
  return hasPassword ? <Badge tone="good">{t('state.active')}</Badge> : <Badge tone="warn">{t('state.invited')}</Badge>;
}
