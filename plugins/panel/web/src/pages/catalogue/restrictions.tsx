import { useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { formatMoment } from '../../lib/format.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { actorText, usePeople } from '../../lib/people.ts';
import { can } from '../../lib/session.ts';
import { catalogue as t } from '../../messages/catalogue.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Empty, Load, tell } from '../../ui/feedback.tsx';
import { TextField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Offering } from './offering.tsx';
import { RestrictionForm } from './restriction-form.tsx';
import type { Restriction } from './types.ts';

/** What the pharmacist took away. There is no way to give. */
export function Restrictions({ clientId }: { clientId: string }) {
  const path = `/api/v1/clients/${encodeURIComponent(clientId)}/restrictions`;
  const mayTighten = can('lists.tighten', clientId);
  const list = useLoad(path, (signal) => get<{ items: Restriction[] }>(path, undefined, signal));
  usePeople();
  const [removing, setRemoving] = useState<Restriction | null>(null);
  return (
    <>
      <Offering clientId={clientId} />
      {mayTighten ? <RestrictionForm path={path} onDone={list.reload} /> : null}
      <Card title={t('restrictions.title')}>
        <p class="hint">{t('restrictions.text')}</p>
        <Load of={list} isEmpty={({ items }) => items.length === 0} empty={<Empty title={t('restrictions.none')} />}>
          {({ items }) => (
            <Table
              caption={t('restrictions.caption')}
              rows={items}
              keyOf={({ id }) => id}
              columns={columns(mayTighten ? setRemoving : null)}
            />
          )}
        </Load>
      </Card>
      {removing ? (
        <Remove
          path={path}
          restriction={removing}
          onDone={() => {
            setRemoving(null);
            list.reload();
          }}
          onClose={() => setRemoving(null)}
        />
      ) : null}
    </>
  );
}

function columns(remove: ((restriction: Restriction) => void) | null): Column<Restriction>[] {
  return [
    { key: 'target', label: t('restrictions.target'), show: ({ target }) => target },
    {
      key: 'kind',
      label: t('restrictions.what'),
      show: ({ kind, minAgeYears }) =>
        `${t.of(`kind.${kind}`, kind)}${minAgeYears === null ? '' : `: ${t('list.years', { n: minAgeYears })}`}`,
    },
    { key: 'why', label: t('why'), show: ({ why }) => why },
    { key: 'by', label: t('restrictions.by'), show: ({ by }) => actorText(by), isExtra: true },
    { key: 'at', label: t('restrictions.at'), show: ({ at }) => formatMoment(at), isExtra: true },
    ...(remove
      ? [
          {
            key: 'action',
            label: t('restrictions.action'),
            show: (each: Restriction) => (
              <Button
                isSmall
                aria-label={t('restrictions.removeOf', { target: each.target })}
                onClick={() => remove(each)}
              >
                {t('restrictions.remove')}
              </Button>
            ),
          },
        ]
      : []),
  ];
}

function Remove({
  path,
  restriction,
  onDone,
  onClose,
}: {
  path: string;
  restriction: Restriction;
  onDone(): void;
  onClose(): void;
}) {
  const [why, setWhy] = useState('');
  const { run, isBusy, error } = useAction(() =>
    send('DELETE', `${path}/${encodeURIComponent(restriction.id)}`, { why: why.trim() }),
  );
  const confirm = async () => {
    if (!(await run())) return;
    tell(t('restrictions.removed'));
    onDone();
  };
  return (
    <Confirm
      title={t('restrictions.remove.title')}
      confirmLabel={t('restrictions.remove')}
      isBusy={isBusy}
      error={error}
      onConfirm={() => void confirm()}
      onClose={onClose}
    >
      <p>
        {t.of(`kind.${restriction.kind}`, restriction.kind)}: {restriction.target}
      </p>
      <p>{t('restrictions.remove.text')}</p>
      <TextField label={t('why')} hint={t('why.hint')} value={why} onValue={setWhy} isRequired maxLength={500} />
    </Confirm>
  );
}
