import { useRef, useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { catalogue as t } from '../../messages/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/feedback.tsx';
import { CheckField, Field, TextField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import type { Import } from './types.ts';

const ACCEPTED = '.csv,.txt,.xlsx,.json,text/csv,application/json';

/** A file is chosen; first it is only tried. */
export function ImportForm({
  path,
  isBusy: isUnderWay,
  onBegun,
}: {
  path: string;
  isBusy: boolean;
  onBegun(begun: Import): void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [priceColumn, setPriceColumn] = useState('');
  const [isPartial, setPartial] = useState(false);
  const { run, isBusy, error } = useAction(async (dryRun: boolean) => {
    if (!file) return;
    const form = new FormData();
    form.append('dryRun', String(dryRun));
    form.append('partial', String(isPartial));
    if (priceColumn.trim() !== '') form.append('priceColumn', priceColumn.trim());
    form.append('file', file);
    onBegun(await send<Import>('POST', path, form));
  });
  const busy = isBusy || isUnderWay;
  return (
    <Card title={t('import.title')}>
      <p class="hint">{t('import.text')}</p>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void run(true);
        }}
      >
        <Field label={t('import.file')} isRequired hint={file ? undefined : t('import.file.none')}>
          {(wiring) => (
            <input
              {...wiring}
              ref={input}
              type="file"
              accept={ACCEPTED}
              onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
            />
          )}
        </Field>
        <TextField
          label={t('import.priceColumn')}
          hint={t('import.priceColumn.hint')}
          value={priceColumn}
          onValue={setPriceColumn}
          maxLength={60}
        />
        <CheckField label={t('import.partial')} isChecked={isPartial} onChecked={setPartial} />
        {error ? <Failure error={error} /> : null}
        {isBusy && file ? <p role="status">{t('import.sending', { name: file.name })}</p> : null}
        <div class="actions">
          <Button type="submit" kind="primary" isBusy={busy} disabled={!file}>
            {t('import.check')}
          </Button>
          <Button disabled={!file || busy} onClick={() => void run(false)}>
            {t('import.now')}
          </Button>
        </div>
      </form>
    </Card>
  );
}
