import { useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { chooseClient, loadClients } from '../../lib/session.ts';
import { start as t } from '../../messages/start.ts';
import { errorAt, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';

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
  return (
    <Form
      submit={t('client.save')}
      {...{ isBusy, error }}
      isDisabled={companyName.trim() === '' || email.trim() === ''}
      shown={['companyName', 'email']}
      onSubmit={() => void run()}
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
    </Form>
  );
}
