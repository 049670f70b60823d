import { useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { can } from '../../lib/session.ts';
import { catalogue as t } from '../../messages/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Failure, Load, tell } from '../../ui/feedback.tsx';
import { CheckField, TextField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';

interface OfferingShown {
  own: { restrictProducts?: boolean } | null;
  now: { restrictProducts: boolean; from: 'client' | 'global' | 'environment' };
}

/** Whether cards hold the client's own products only. */
export function Offering({ clientId }: { clientId: string }) {
  const path = `/api/v1/clients/${encodeURIComponent(clientId)}/offering`;
  const offering = useLoad(path, (signal) => get<OfferingShown>(path, undefined, signal));
  return (
    <Card title={t('offering.title')}>
      <Load of={offering} lines={2}>
        {(shown) => (
          <Choice
            key={`${shown.now.restrictProducts} ${shown.now.from}`}
            of={shown}
            path={path}
            isWritable={can('lists.write', clientId)}
            onDone={offering.reload}
          />
        )}
      </Load>
    </Card>
  );
}

function Choice({
  of: { own, now },
  path,
  isWritable,
  onDone,
}: {
  of: OfferingShown;
  path: string;
  isWritable: boolean;
  onDone(): void;
}) {
  const [isOwn, setOwn] = useState(now.restrictProducts);
  const [why, setWhy] = useState('');
  const { run, isBusy, error } = useAction(async (isReset: boolean) => {
    const reason = { why: why.trim() };
    await (isReset ? send('DELETE', path, reason) : send('PUT', path, { restrictProducts: isOwn, ...reason }));
    tell(t('offering.saved'));
    setWhy('');
    onDone();
  });
  const isChanged = isOwn !== now.restrictProducts;
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void run(false);
      }}
    >
      <CheckField
        label={t('offering.own')}
        hint={t('offering.own.hint')}
        isChecked={isOwn}
        onChecked={setOwn}
        isDisabled={!isWritable}
      />
      <p class="hint">{t(`offering.from.${now.from}`)}</p>
      {isWritable && (isChanged || own !== null) ? (
        <>
          <TextField label={t('why')} hint={t('why.hint')} value={why} onValue={setWhy} maxLength={500} isRequired />
          {error ? <Failure error={error} /> : null}
          <div class="actions">
            <Button type="submit" kind="primary" isBusy={isBusy} disabled={!isChanged || why.trim() === ''}>
              {t('save')}
            </Button>
            {own === null ? null : (
              <Button disabled={why.trim() === '' || isBusy} onClick={() => void run(true)}>
                {t('offering.reset')}
              </Button>
            )}
          </div>
        </>
      ) : null}
    </form>
  );
}
