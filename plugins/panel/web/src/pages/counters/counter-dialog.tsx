import { useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { can } from '../../lib/session.ts';
import { counters as t } from '../../messages/counters.ts';
import { AskWhy } from '../../ui/ask-why.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { tell } from '../../ui/feedback.tsx';
import { errorAt, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Secret } from '../../ui/secret.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Listening } from './listening.tsx';
import { tagsOf } from './presets.ts';
import { type Counter, etagOf, STATUS_TONES } from './types.ts';

type Verb = 'approve' | 'suspend' | 'revoke';

/** One counter: how it listens, what it is called, its key and whether it may serve. */
export function CounterDialog({
  counter,
  onChanged,
  onClose,
}: {
  counter: Counter;
  onChanged(counter: Counter): void;
  onClose(): void;
}) {
  const [tab, setTab] = useState<'listen' | 'name' | 'key'>('listen');
  const mayWrite = can('counters.write', counter.clientId);
  return (
    <Dialog title={t('edit.title', { name: counter.name })} onClose={onClose} isWide>
      <Tabs<'listen' | 'name' | 'key'>
        label={t('tabs.label')}
        current={tab}
        onChange={setTab}
        tabs={[
          { key: 'listen', label: t('tab.listen') },
          ...(mayWrite
            ? ([
                { key: 'name', label: t('tab.name') },
                { key: 'key', label: t('tab.key') },
              ] as const)
            : []),
        ]}
      >
        {tab === 'listen' ? (
          <Listening counter={counter} onChanged={onChanged} />
        ) : tab === 'name' ? (
          <Name counter={counter} onChanged={onChanged} />
        ) : (
          <Access counter={counter} onChanged={onChanged} />
        )}
      </Tabs>
    </Dialog>
  );
}

function Name({ counter, onChanged }: { counter: Counter; onChanged(counter: Counter): void }) {
  const [name, setName] = useState(counter.name);
  const [tags, setTags] = useState(counter.tags.join(' '));
  const { run, isBusy, error } = useAction(async () => {
    const body = { name: name.trim(), tags: tagsOf(tags), why: t('edit.why.rename') };
    onChanged(await send<Counter>('PATCH', `/api/v1/counters/${counter.id}`, body, { etag: etagOf(counter) }));
    tell(t('done.rename'));
  });
  return (
    <Form
      submit={t('act.rename')}
      {...{ isBusy, error }}
      isDisabled={name.trim() === ''}
      shown={['name']}
      onSubmit={() => void run()}
    >
      <TextField
        label={t('edit.name')}
        value={name}
        onValue={setName}
        maxLength={200}
        isRequired
        error={errorAt(error, 'name')}
      />
      <TextField label={t('edit.tags')} hint={t('edit.tags.hint')} value={tags} onValue={setTags} />
    </Form>
  );
}

function Access({ counter, onChanged }: { counter: Counter; onChanged(counter: Counter): void }) {
  const [asked, setAsked] = useState<Verb | 'rotate' | null>(null);
  const [apiKey, setApiKey] = useState<string | null>(null);
  const url = `/api/v1/counters/${counter.id}`;
  const { run, isBusy, error, clear } = useAction(async (verb: Verb | 'rotate', why: string) => {
    const options = { etag: etagOf(counter) };
    if (verb === 'rotate') {
      const rotated = await send<{ counter: Counter; apiKey: string }>('POST', `${url}/rotate`, { why }, options);
      setApiKey(rotated.apiKey);
      onChanged(rotated.counter);
    } else {
      onChanged(await send<Counter>('POST', `${url}/${verb}`, { why }, options));
      tell(t(`done.${verb}`));
    }
    setAsked(null);
  });
  const ask = (verb: Verb | 'rotate') => () => {
    clear();
    setAsked(verb);
  };
  return (
    <div class="form">
      <p>
        <Badge tone={STATUS_TONES[counter.status]}>{t(`status.${counter.status}`)}</Badge>{' '}
        <code>{counter.keyPrefix}…</code>
      </p>
      {apiKey ? (
        <>
          <Secret label={t('rotate.key', { name: counter.name })} value={apiKey} />
          <div class="actions">
            <Button onClick={() => setApiKey(null)}>{t('rotate.close')}</Button>
          </div>
        </>
      ) : (
        <div class="actions">
          {counter.status === 'pending' || counter.status === 'suspended' ? (
            <Button kind="primary" onClick={ask('approve')}>
              {t('act.approve')}
            </Button>
          ) : null}
          <Button onClick={ask('rotate')}>{t('act.rotate')}</Button>
          {counter.status === 'active' ? <Button onClick={ask('suspend')}>{t('act.suspend')}</Button> : null}
          {counter.status === 'revoked' ? null : (
            <Button kind="danger" onClick={ask('revoke')}>
              {t('act.revoke')}
            </Button>
          )}
        </div>
      )}
      {asked ? (
        <AskWhy
          title={t(`act.${asked}`)}
          confirmLabel={t(`act.${asked}`)}
          kind={asked === 'approve' ? 'primary' : 'danger'}
          isBusy={isBusy}
          error={error}
          onConfirm={(why) => void run(asked, why)}
          onClose={() => setAsked(null)}
        >
          <p>{t(`about.${asked}`)}</p>
        </AskWhy>
      ) : null}
    </div>
  );
}
