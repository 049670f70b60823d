import { useEffect, useState } from 'preact/hooks';
import { sessionEnded } from './lib/api.ts';
import { useAction } from './lib/load.ts';
import { login } from './lib/session.ts';
import { shell } from './messages/shell.ts';
import { Button } from './ui/button.tsx';
import { Failure } from './ui/feedback.tsx';
import { TextField } from './ui/field.tsx';

/** The way in. The page that was asked for stays in the address, and is there afterwards. */
export function Login() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { run, isBusy, error } = useAction(() => login(email.trim(), password));
  useEffect(() => {
    document.title = shell('app.title', { page: shell('login.title') });
  }, []);
  return (
    <main class="alone">
      <form
        class="login card"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <h1>{shell('login.title')}</h1>
        {sessionEnded.value > 0 ? <p role="status">{shell('login.ended')}</p> : null}
        <TextField
          label={shell('login.email')}
          hint={shell('login.email.hint')}
          type="email"
          name="email"
          autoComplete="username"
          value={email}
          onValue={setEmail}
        />
        <TextField
          label={shell('login.password')}
          type="password"
          name="password"
          autoComplete="current-password"
          isRequired
          value={password}
          onValue={setPassword}
        />
        {error ? <Failure error={error} /> : null}
        <Button type="submit" kind="primary" isBusy={isBusy} disabled={password === ''}>
          {shell('login.submit')}
        </Button>
        <p class="hint">{shell('login.help')}</p>
      </form>
    </main>
  );
}
