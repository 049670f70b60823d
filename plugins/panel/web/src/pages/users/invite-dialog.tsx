import { useState } from 'preact/hooks';
import { inviteLink } from '../../invite.tsx';
import { send } from '../../lib/api.ts';
import { formatMoment } from '../../lib/format.ts';
import { useAction } from '../../lib/load.ts';
import { users as t } from '../../messages/users.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Notice } from '../../ui/feedback.tsx';
import { errorAt, SelectField, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Secret } from '../../ui/secret.tsx';
import { type InviteShown, type Person, PLATFORM, placesWith, ROLES, type Role } from './types.ts';

interface Made {
  user: Person;
  /** Null: there is an account already, with a password. */
  invite: InviteShown | null;
}

/** Somebody is given a role, and a link to set a password: shown once. */
export function InviteDialog({
  clientId,
  onDone,
  onClose,
}: {
  clientId: string | null;
  onDone(): void;
  onClose(): void;
}) {
  const places = placesWith('users.write');
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [where, setWhere] = useState(clientId ?? places[0]?.value ?? PLATFORM);
  const [role, setRole] = useState<Role>('viewer');
  const [made, setMade] = useState<Made | null>(null);
  const { run, isBusy, error } = useAction(async () => {
    const body = { name: name.trim(), email: email.trim(), clientId: where === PLATFORM ? null : where, role };
    setMade(await send<Made>('POST', '/api/v1/users', body));
    onDone();
  });
  if (made) return <Done of={made} onClose={onClose} />;
  const fields = ['name', 'email'].map((field) => errorAt(error, field));
  return (
    <Dialog title={t('invite.title')} onClose={onClose}>
      <Form
        submit={t('invite.submit')}
        {...{ isBusy, error }}
        isDisabled={name.trim() === '' || email.trim() === ''}
        shown={['name', 'email']}
        onSubmit={() => void run()}
      >
        <TextField
          label={t('invite.name')}
          value={name}
          onValue={setName}
          isRequired
          maxLength={200}
          error={fields[0]}
          autoFocus
        />
        <TextField
          label={t('invite.email')}
          type="email"
          value={email}
          onValue={setEmail}
          isRequired
          maxLength={254}
          error={fields[1]}
        />
        <SelectField label={t('invite.where')} value={where} onValue={setWhere} options={places} />
        <RoleField value={role} onValue={setRole} />
      </Form>
    </Dialog>
  );
}

/** Which role, and what it may. */
export function RoleField({ value, onValue }: { value: Role; onValue(role: Role): void }) {
  return (
    <SelectField
      label={t('invite.role')}
      value={value}
      onValue={onValue}
      hint={t(`role.${value}.can`)}
      options={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))}
    />
  );
}

function Done({ of: { user, invite }, onClose }: { of: Made; onClose(): void }) {
  return (
    <Dialog title={t('invite.done', { name: user.name })} onClose={onClose}>
      {invite ? (
        <>
          <p>{t('invite.text', { date: formatMoment(invite.expiresAt) })}</p>
          <Secret label={t('invite.link')} value={inviteLink(invite.token)} />
        </>
      ) : (
        <Notice tone="good">{t('invite.noLink', { name: user.name })}</Notice>
      )}
      <div class="actions">
        <Button kind="primary" onClick={onClose}>
          {t('close')}
        </Button>
      </div>
    </Dialog>
  );
}
