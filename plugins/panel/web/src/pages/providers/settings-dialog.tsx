import { useState } from 'preact/hooks';
import { request, send } from '../../lib/api.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { providers as t } from '../../messages/providers.ts';
import { shell } from '../../messages/shell.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Load, tell } from '../../ui/feedback.tsx';
import { TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { bodyOf, type Draft, faultOf, fieldNamed, fieldsOf, typed } from './schema.ts';
import { SchemaForm } from './schema-form.tsx';
import { type Chosen, type Place, type ProviderInfo, pathOf } from './types.ts';

/** The settings of a provider at a place: what is left empty comes from the layer below. */
export function SettingsDialog({
  provider,
  place,
  onClose,
}: {
  provider: ProviderInfo;
  place: Place;
  onClose(): void;
}) {
  const url = `${pathOf(place)}/providers/${provider.kind}`;
  const read = useLoad(url, (signal) => request<Chosen>('GET', url, { signal }));
  return (
    <Dialog title={t('settings.title', { title: provider.title })} onClose={onClose}>
      <p class="hint">{t('settings.lead')}</p>
      <Load of={read} lines={4}>
        {({ data, etag }) => <Settings {...{ provider, url, etag, onClose }} chosen={data} />}
      </Load>
    </Dialog>
  );
}

function Settings({
  provider,
  url,
  chosen,
  etag,
  onClose,
}: {
  provider: ProviderInfo;
  url: string;
  chosen: Chosen;
  etag: string | null;
  onClose(): void;
}) {
  const { address } = provider;
  const own = chosen.own?.settings?.[address] ?? {};
  const effective = chosen.use.find((each) => each.address === address)?.settings;
  // What holds here because of this very place is no default of it.
  const below = Object.fromEntries(Object.entries(effective ?? {}).filter(([name]) => !(name in own)));
  const fields = fieldsOf(provider.settings, below);
  const [draft, setDraft] = useState<Draft>(() =>
    Object.fromEntries(fields.map((field) => [field.name, typed(field, own[field.name])])),
  );
  const [why, setWhy] = useState('');
  const [isChecked, setChecked] = useState(false);
  const saving = useAction(async () => {
    const given = bodyOf(fields, draft);
    const { [address]: _before, ...others } = chosen.own?.settings ?? {};
    const settings = Object.keys(given).length > 0 ? { ...others, [address]: given } : others;
    const use = chosen.own?.use;
    await send('PUT', url, { ...(use ? { use } : {}), settings, why: why.trim() }, { etag });
    tell(t('settings.saved'));
    onClose();
  });
  const { error } = saving;
  const field = fieldNamed(fields, error?.field);
  const isWhole = fields.every((each) => faultOf(each, draft[each.name] ?? '') === null);
  return (
    <Form
      submit={shell('form.save')}
      isBusy={saving.isBusy}
      error={field === null ? error : null}
      others={<Button onClick={onClose}>{shell('dialog.cancel')}</Button>}
      noValidate
      onSubmit={() => {
        setChecked(true);
        if (isWhole && why.trim() !== '') void saving.run();
      }}
    >
      <SchemaForm
        {...{ fields, draft, isChecked }}
        onDraft={setDraft}
        refused={error && field !== null ? { field, message: error.message } : null}
      />
      <TextField
        label={shell('why.label')}
        hint={shell('why.hint')}
        value={why}
        onValue={setWhy}
        maxLength={500}
        error={isChecked && why.trim() === '' ? shell('why.missing') : null}
      />
    </Form>
  );
}
