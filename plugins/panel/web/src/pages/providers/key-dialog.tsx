import { useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { formatDate } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { providers as t } from '../../messages/providers.ts';
import { Badge } from '../../ui/badge.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Load, tell } from '../../ui/feedback.tsx';
import { errorAt, SelectField, TextField } from '../../ui/field.tsx';
import { Table } from '../../ui/table.tsx';
import { KeyForm } from './key-form.tsx';
import { type Place, type ProviderInfo, pathOf } from './types.ts';

interface KeptKey {
  id: string;
  label: string;
  lastFour: string;
  createdAt: string;
  disabledAt: string | null;
  probeCode: string | null;
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
  const [label, setLabel] = useState('');
  const [why, setWhy] = useState('');
  const [use, setUse] = useState<'replace' | 'add'>('replace');
  return (
    <KeyForm
      schema={provider.vendor.credential}
      url={url}
      words={{ test: t('key.test'), save: t('key.save') }}
      lead={<h3>{t('key.new')}</h3>}
      isRestWhole={label.trim() !== '' && why.trim() !== ''}
      rest={['label', 'why']}
      save={async (credential) => {
        await send('POST', url, { label: label.trim(), credential, use, why: why.trim() });
        onKept();
      }}
    >
      {({ isChecked, error }) => {
        const isMissing = (text: string) => (isChecked && text.trim() === '' ? t('fault.required') : null);
        return (
          <>
            <div class="row">
              <TextField
                label={t('key.label')}
                hint={t('key.label.hint')}
                value={label}
                onValue={setLabel}
                maxLength={80}
                isRequired
                error={isMissing(label) ?? errorAt(error, 'label')}
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
            <TextField
              label={t('key.why')}
              value={why}
              onValue={setWhy}
              maxLength={500}
              isRequired
              error={isMissing(why) ?? errorAt(error, 'why')}
            />
          </>
        );
      }}
    </KeyForm>
  );
}
