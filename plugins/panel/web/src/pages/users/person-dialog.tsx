import { useState } from 'preact/hooks';
import { inviteLink } from '../../invite.tsx';
import { type Answer, request, send } from '../../lib/api.ts';
import { formatDate, formatMoment } from '../../lib/format.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { can, me } from '../../lib/session.ts';
import { users as t } from '../../messages/users.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure, Load, Notice, tell } from '../../ui/feedback.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { Secret } from '../../ui/secret.tsx';
import { RoleField } from './invite-dialog.tsx';
import { type InviteShown, type Person, PLATFORM, placesWith, type Role, whereText } from './types.ts';

/** Somebody's roles and access. Every change needs a reason. */
export function PersonDialog({ id, onChange, onClose }: { id: string; onChange(): void; onClose(): void }) {
  const path = `/api/v1/users/${encodeURIComponent(id)}`;
  const person = useLoad(id, (signal) => request<Person>('GET', path, { signal }));
  return (
    <Dialog title={person.data?.data.name ?? t('manage')} onClose={onClose} isWide>
      <Load of={person}>
        {(answer) => (
          <Manage
            of={answer}
            path={path}
            onChange={() => {
              person.reload();
              onChange();
            }}
          />
        )}
      </Load>
    </Dialog>
  );
}

function Manage({
  of: { data: person, etag },
  path,
  onChange,
}: {
  of: Answer<Person>;
  path: string;
  onChange(): void;
}) {
  const places = placesWith('users.write');
  const [why, setWhy] = useState('');
  const [where, setWhere] = useState(places[0]?.value ?? PLATFORM);
  const [role, setRole] = useState<Role>('viewer');
  const [invite, setInvite] = useState<InviteShown | null>(null);
  const { run, isBusy, error } = useAction(async (said: string, work: () => Promise<unknown>) => {
    await work();
    tell(said);
    setWhy('');
    onChange();
  });
  const isReady = why.trim() !== '' && !isBusy;
  const isSelf = me.value?.id === person.id;
  const saveRole = () => send('PUT', `${path}/roles/${encodeURIComponent(where)}`, { role, why }, { etag });
  const removeRole = (clientId: string | null) =>
    send('DELETE', `${path}/roles/${encodeURIComponent(clientId ?? PLATFORM)}`, { why }, { etag });
  const reset = async () => setInvite(await send<InviteShown>('POST', `${path}/reset`, { why }));
  return (
    <div class="users-person">
      <p class="hint">
        {person.email ?? '–'} · {t('person.since', { date: formatDate(person.createdAt) })}
      </p>
      {invite ? (
        <>
          <p>{t('invite.text', { date: formatMoment(invite.expiresAt) })}</p>
          <Secret label={t('person.reset.link')} value={inviteLink(invite.token)} />
        </>
      ) : null}
      <TextField
        label={t('person.why')}
        hint={t('person.why.hint')}
        value={why}
        onValue={setWhy}
        isRequired
        maxLength={500}
      />
      {error ? <Failure error={error} /> : null}
      <section>
        <h3>{t('person.roles')}</h3>
        {person.roles.length === 0 ? <p class="hint">{t('person.role.none')}</p> : null}
        <ul class="users-held">
          {person.roles.map(({ clientId, role: held }) => (
            <li key={clientId}>
              <span>
                {t(`role.${held}`)} <span class="hint">{whereText(clientId)}</span>
              </span>
              <Button
                isSmall
                kind="danger"
                disabled={!isReady}
                aria-label={t('person.role.removeOf', { where: whereText(clientId) })}
                onClick={() => void run(t('person.role.removed'), () => removeRole(clientId))}
              >
                {t('person.role.remove')}
              </Button>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3>{t('person.role.add')}</h3>
        <div class="row">
          <SelectField label={t('invite.where')} value={where} onValue={setWhere} options={places} />
          <RoleField value={role} onValue={setRole} />
        </div>
        <div class="actions">
          <Button disabled={!isReady} onClick={() => void run(t('person.role.saved'), saveRole)}>
            {t('person.role.save')}
          </Button>
        </div>
      </section>
      <section>
        <h3>{t('person.access')}</h3>
        {isSelf ? (
          <Notice>{t('person.self')}</Notice>
        ) : (
          <div class="users-access">
            {person.disabledAt === null ? (
              <>
                <p class="hint">{t('person.disable.text')}</p>
                <Button
                  kind="danger"
                  disabled={!isReady}
                  onClick={() => void run(t('person.disabled'), () => send('POST', `${path}/disable`, { why }))}
                >
                  {t('person.disable')}
                </Button>
              </>
            ) : (
              <Button
                disabled={!isReady}
                onClick={() => void run(t('person.enabled'), () => send('POST', `${path}/enable`, { why }))}
              >
                {t('person.enable')}
              </Button>
            )}
            {can('users.reset') ? (
              <>
                <p class="hint">{t('person.reset.text')}</p>
                <Button kind="danger" disabled={!isReady} onClick={() => void run(t('person.reset.link'), reset)}>
                  {t('person.reset')}
                </Button>
              </>
            ) : null}
          </div>
        )}
      </section>
    </div>
  );
}
