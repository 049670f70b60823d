import { useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { formatDate } from '../../lib/format.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { providers as t } from '../../messages/providers.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure, Load, Notice, tell } from '../../ui/feedback.tsx';
import { errorAt, SelectField, TextField } from '../../ui/field.tsx';
import { Table } from '../../ui/table.tsx';
import { bodyOf, type Draft, faultOf, fieldNamed, fieldsOf } from './schema.ts';
import { SchemaForm } from './schema-form.tsx';
import { type Place, type ProviderInfo, pathOf } from './types.ts';

interface KeptKey {
  id: string;
  label: string;
  lastFour: string;
  createdAt: string;
  disabledAt: string | null;
  probeCode: string | null;
}

interface Tested {
  ok: boolean | null;
  code: string;
  message: string;
  field: string | null;
}

/** A vendor's keys at a place: those that are kept, by their ends, and a new one, tested before it is kept. */
export function KeyDialog({ provider, place, onClose }: { provider: ProviderInfo; place: Place; onClose(): void }) {
  const { vendor } = provider;
  const url = `${pathOf(place)}/credentials`;
  const kept = useLoad(`${url} ${vendor.id}`, (signal) =>
    get<{ items: KeptKey[] }>(url, { vendor: vendor.id, limit: 20 }, signal),
  );
  return (
    <Dialog title={t('key.title', { vendor: vendor.title })} onClose={onClose} isWide>
      <p class="hint">{t('key.lead', { env: vendor.env.join(', ') || '–' })}</p>
      <Load of={kept} lines={1}>
        {({ items }) =>
          items.length === 0 ? (
            <p>{t('key.none')}</p>
          ) : (
            <Table
              caption={t('key.kept')}
              rows={items}
              keyOf={({ id }) => id}
              columns={[
                { key: 'label', label: t('key.label'), show: ({ label }) => label },
                { key: 'end', label: t('key.end'), show: ({ lastFour }) => <code>{`••••${lastFour}`}</code> },
                { key: 'at', label: t('key.since'), isExtra: true, show: ({ createdAt }) => formatDate(createdAt) },
                { key: 'state', label: t('key.state'), show: stateOf },
              ]}
            />
          )
        }
      </Load>
      <NewKey
        provider={provider}
        url={`${url}/${vendor.id}`}
        onKept={() => {
          tell(t('key.saved'));
          onClose();
        }}
      />
    </Dialog>
  );
}

function stateOf({ disabledAt, probeCode }: KeptKey) {
  if (disabledAt !== null) return <Badge>{t('key.disabled')}</Badge>;
  if (probeCode === 'ok') return <Badge tone="good">{t('key.ok')}</Badge>;
  return <Badge tone="warn">{probeCode ?? t('key.untested')}</Badge>;
}

function NewKey({ provider, url, onKept }: { provider: ProviderInfo; url: string; onKept(): void }) {
  const fields = fieldsOf(provider.vendor.credential);
  const [draft, setDraft] = useState<Draft>({});
  const [label, setLabel] = useState('');
  const [why, setWhy] = useState('');
  const [use, setUse] = useState<'replace' | 'add'>('replace');
  const [isChecked, setChecked] = useState(false);
  const [tested, setTested] = useState<Tested | null>(null);
  const isWhole = fields.every((field) => faultOf(field, draft[field.name] ?? '') === null);
  const credential = bodyOf(fields, draft);
  const testing = useAction(async () => setTested(await send<Tested>('POST', `${url}/test`, { credential })));
  const saving = useAction(async () => {
    await send('POST', url, { label: label.trim(), credential, use, why: why.trim() });
    // Nothing of it stays in this page.
    setDraft({});
    onKept();
  });
  const failed = testing.error ?? saving.error;
  const refusedBy = tested?.ok === false ? tested : failed;
  const field = refusedBy ? (fieldNamed(fields, refusedBy.field) ?? fields[0]?.name ?? '') : '';
  const isKeys =
    refusedBy !== null && (refusedBy.field ?? '').length > 0 && !['label', 'why'].includes(failed?.field ?? '');
  const refused = refusedBy && isKeys ? { field, message: refusedBy.message } : null;
  const isMissing = (text: string) => (isChecked && text.trim() === '' ? t('fault.required') : null);
  const test = () => {
    setChecked(true);
    setTested(null);
    saving.clear();
    if (isWhole) void testing.run();
  };
  return (
    <form
      class="form"
      noValidate
      autocomplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        setChecked(true);
        testing.clear();
        if (isWhole && label.trim() !== '' && why.trim() !== '') void saving.run();
      }}
    >
      <h3>{t('key.new')}</h3>
      <SchemaForm
        fields={fields}
        draft={draft}
        onDraft={(next) => {
          setDraft(next);
          setTested(null);
          testing.clear();
        }}
        isChecked={isChecked}
        refused={refused}
      />
      {tested && tested.ok !== false ? (
        <Notice tone={tested.ok ? 'good' : 'warn'}>
          <p role="status">{tested.message}</p>
        </Notice>
      ) : null}
      <div class="row">
        <TextField
          label={t('key.label')}
          hint={t('key.label.hint')}
          value={label}
          onValue={setLabel}
          maxLength={80}
          isRequired
          error={isMissing(label) ?? errorAt(saving.error, 'label')}
        />
        <SelectField<'add' | 'replace'>
          label={t('key.use')}
          value={use}
          onValue={setUse}
          options={[
            { value: 'replace', label: t('key.use.replace') },
            { value: 'add', label: t('key.use.add') },
          ]}
        />
      </div>
      <TextField label={t('key.why')} value={why} onValue={setWhy} maxLength={500} isRequired error={isMissing(why)} />
      {failed && !refused ? <Failure error={failed} /> : null}
      <div class="actions">
        <Button onClick={test} isBusy={testing.isBusy}>
          {t('key.test')}
        </Button>
        <Button type="submit" kind="primary" isBusy={saving.isBusy}>
          {t('key.save')}
        </Button>
      </div>
    </form>
  );
}
