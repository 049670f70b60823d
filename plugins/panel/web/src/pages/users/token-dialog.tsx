import { useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { me, oneClient } from '../../lib/session.ts';
import { users as t } from '../../messages/users.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { CheckField, errorAt, SelectField, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Secret } from '../../ui/secret.tsx';
import type { Token } from './tokens.tsx';
import { PLATFORM, placesWith } from './types.ts';

const DAYS = ['30', '90', '365', 'never'] as const;

/** A new token; its secret is shown once. */
export function TokenDialog({ onDone, onClose }: { onDone(): void; onClose(): void }) {
  const places = placesWith('tokens.write');
  const [name, setName] = useState('');
  const [where, setWhere] = useState(oneClient.value ?? places[0]?.value ?? PLATFORM);
  const [days, setDays] = useState<(typeof DAYS)[number]>('90');
  const [scopes, setScopes] = useState<readonly string[]>([]);
  const [secret, setSecret] = useState<string | null>(null);
  const clientId = where === PLATFORM ? null : where;
  const held = permissionsAt(clientId);
  const { run, isBusy, error } = useAction(async () => {
    const body = {
      name: name.trim(),
      clientId,
      scopes: scopes.filter((scope) => held.includes(scope)),
      expiresInDays: days === 'never' ? null : Number(days),
    };
    setSecret((await send<{ token: Token; secret: string }>('POST', '/api/v1/tokens', body)).secret);
    onDone();
  });
  if (secret !== null) {
    return (
      <Dialog title={t('tokens.created')} onClose={onClose}>
        <p>{t('tokens.secret.text')}</p>
        <Secret label={t('tokens.secret')} value={secret} />
        <div class="actions">
          <Button kind="primary" onClick={onClose}>
            {t('close')}
          </Button>
        </div>
      </Dialog>
    );
  }
  const chosen = scopes.filter((scope) => held.includes(scope));
  const toggle = (scope: string) => (isChecked: boolean) =>
    setScopes(isChecked ? [...scopes, scope] : scopes.filter((each) => each !== scope));
  return (
    <Dialog title={t('tokens.create.title')} onClose={onClose} isWide>
      <Form
        submit={t('tokens.create.submit')}
        {...{ isBusy, error }}
        isDisabled={name.trim() === '' || chosen.length === 0}
        shown={['name']}
        onSubmit={() => void run()}
      >
        <TextField
          label={t('tokens.name')}
          value={name}
          onValue={setName}
          isRequired
          maxLength={100}
          error={errorAt(error, 'name')}
          autoFocus
        />
        <div class="row">
          <SelectField label={t('tokens.where')} value={where} onValue={setWhere} options={places} />
          <SelectField<(typeof DAYS)[number]>
            label={t('tokens.create.days')}
            value={days}
            onValue={setDays}
            options={DAYS.map((value) => ({ value, label: t(`tokens.create.${value}`) }))}
          />
        </div>
        <fieldset class="users-scopes">
          <legend>{t('tokens.scopes')}</legend>
          {held.map((scope) => (
            <CheckField
              key={scope}
              label={t.of(`scope.${scope}`, scope)}
              hint={scope}
              isChecked={chosen.includes(scope)}
              onChecked={toggle(scope)}
            />
          ))}
        </fieldset>
        {chosen.length === 0 ? <p class="hint">{t('tokens.create.pick')}</p> : null}
      </Form>
    </Dialog>
  );
}

/** What may be given to a token there: what one has oneself, and what is no client's only for the whole. */
function permissionsAt(clientId: string | null): string[] {
  const roles = (me.value?.roles ?? []).filter((role) => role.clientId === null || role.clientId === clientId);
  const all = [...new Set(roles.flatMap(({ permissions }) => permissions))];
  return clientId === null ? all : all.filter((each) => each !== 'platform' && each !== 'prices.write');
}
