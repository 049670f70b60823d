import { useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { chooseClient, loadClients } from '../../lib/session.ts';
import { start as t } from '../../messages/start.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/feedback.tsx';
import { errorAt, TextField } from '../../ui/field.tsx';

/** Who owns the counters. The list of clients tells the page that there is one. */
export function ClientStep() {
  const [companyName, setCompanyName] = useState('');
  const [email, setEmail] = useState('');
  const { run, isBusy, error } = useAction(async () => {
    const { client } = await send<{ client: { id: string } }>('POST', '/api/v1/clients', {
      companyName: companyName.trim(),
      email: email.trim(),
    });
    await loadClients();
    chooseClient(client.id);
  });
  const isAtField = error !== null && (errorAt(error, 'companyName') ?? errorAt(error, 'email')) !== null;
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <p>{t('client.text')}</p>
      <TextField
        label={t('client.name')}
        value={companyName}
        onValue={setCompanyName}
        maxLength={200}
        isRequired
        error={errorAt(error, 'companyName')}
      />
      <TextField
        label={t('client.email')}
        hint={t('client.email.hint')}
        type="email"
        value={email}
        onValue={setEmail}
        isRequired
        error={errorAt(error, 'email')}
      />
      {error && !isAtField ? <Failure error={error} /> : null}
      <div class="actions">
        <Button
          type="submit"
          kind="primary"
          isBusy={isBusy}
          disabled={companyName.trim() === '' || email.trim() === ''}
        >
          {t('client.save')}
        </Button>
      </div>
    </form>
  );
}
