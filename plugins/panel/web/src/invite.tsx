import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { send } from './lib/api.ts';
import { useAction } from './lib/load.ts';
import { login } from './lib/session.ts';
import { invite as t } from './messages/invite.ts';
import { Button } from './ui/button.tsx';
import { Failure, Notice } from './ui/feedback.tsx';
import { errorAt, TextField } from './ui/field.tsx';

/** Where an invitation leads, under `/admin`. What opens it stands behind the `#`: it is in no request and no log. */
export const INVITE_PATH = '/convite';

const TOKEN = /^#(bi_[\w-]{43})$/;

/** The link that is handed to whoever is invited. */
export function inviteLink(token: string): string {
  return `${location.origin}/admin${INVITE_PATH}#${token}`;
}

/** Whoever was invited sets a password, and is in. */
export function Invite() {
  const [token] = useState(() => TOKEN.exec(location.hash)?.[1] ?? null);
  const [, navigate] = useLocation();
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const { run, isBusy, error } = useAction(async () => {
    const { email } = await send<{ email: string | null }>('POST', '/api/v1/invites/accept', { token, password });
    await login(email ?? '', password);
  });
  const submit = async () => {
    if (await run()) navigate('/', { replace: true });
  };
  const differs = again !== '' && again !== password;
  const atField = errorAt(error, 'password');
  return (
    <main class="alone">
      <form
        class="card login"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h1>{t('title')}</h1>
        {token === null ? (
          <Notice tone="bad">{t('broken')}</Notice>
        ) : (
          <>
            <p>{t('text')}</p>
            <TextField
              label={t('password')}
              hint={t('password.hint')}
              type="password"
              autoComplete="new-password"
              value={password}
              onValue={setPassword}
              error={atField}
            />
            <TextField
              label={t('again')}
              type="password"
              autoComplete="new-password"
              value={again}
              onValue={setAgain}
              error={differs ? t('differs') : null}
            />
            {error && atField === null ? <Failure error={error} /> : null}
            <Button type="submit" kind="primary" isBusy={isBusy} disabled={password === '' || again !== password}>
              {t('submit')}
            </Button>
          </>
        )}
      </form>
    </main>
  );
}
