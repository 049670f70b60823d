import { useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { formatDate } from '../../lib/format.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { privacy as t } from '../../messages/privacy.ts';
import { Badge } from '../../ui/badge.tsx';
import { Empty, Load, tell } from '../../ui/feedback.tsx';
import { errorAt, SelectField, TextArea, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Card } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { BASES, type Basis, type LegalBasis, PURPOSES, type Purpose } from './types.ts';

/** On which legal bases data is treated, and what was before. */
export function Bases({ path, isWritable }: { path: string; isWritable: boolean }) {
  const url = `${path}/legal-bases`;
  const bases = useLoad(url, (signal) => get<{ items: LegalBasis[] }>(url, undefined, signal));
  return (
    <>
      <Card title={t('bases.title')}>
        <p class="hint">{t('bases.text')}</p>
        <Load
          of={bases}
          isEmpty={({ items }) => items.length === 0}
          empty={
            <Empty title={t('bases.none')}>
              <p>{t('bases.none.text')}</p>
            </Empty>
          }
        >
          {({ items }) => (
            <Table caption={t('bases.title')} rows={items} keyOf={({ id }) => String(id)} columns={COLUMNS} />
          )}
        </Load>
      </Card>
      {isWritable ? <Add url={url} onDone={bases.reload} /> : null}
    </>
  );
}

function Add({ url, onDone }: { url: string; onDone(): void }) {
  const [purpose, setPurpose] = useState<Purpose>('atendimento');
  const [basis, setBasis] = useState<Basis>('tutela_da_saude');
  const [description, setDescription] = useState('');
  const [risks, setRisks] = useState('');
  const [measures, setMeasures] = useState('');
  const [validUntil, setValidUntil] = useState('');
  const { run, isBusy, error } = useAction(() =>
    send('POST', url, {
      purpose,
      basis,
      description: description.trim(),
      risks: risks.trim() || null,
      measures: measures.trim() || null,
      validUntil: validUntil || null,
    }),
  );
  const submit = async () => {
    if (!(await run())) return;
    setDescription('');
    setRisks('');
    setMeasures('');
    tell(t('bases.added'));
    onDone();
  };
  const atDescription = errorAt(error, 'description');
  return (
    <Card title={t('bases.add')}>
      <Form
        class="privacy-form"
        submit={t('bases.add')}
        {...{ isBusy, error }}
        isDisabled={description.trim() === ''}
        shown={['description']}
        onSubmit={() => void submit()}
      >
        <div class="row">
          <SelectField<Purpose>
            label={t('bases.purpose')}
            value={purpose}
            onValue={setPurpose}
            options={PURPOSES.map((value) => ({ value, label: t(`purpose.${value}`) }))}
          />
          <SelectField<Basis>
            label={t('basis')}
            value={basis}
            onValue={setBasis}
            options={BASES.map((value) => ({ value, label: t(`basis.${value}`) }))}
          />
          <TextField
            label={t('bases.valid')}
            hint={t('bases.valid.hint')}
            type="date"
            value={validUntil}
            onValue={setValidUntil}
          />
        </div>
        <TextArea
          label={t('bases.description')}
          value={description}
          onValue={setDescription}
          isRequired
          maxLength={2000}
          error={atDescription}
        />
        <div class="row">
          <TextArea label={t('bases.risks')} value={risks} onValue={setRisks} maxLength={4000} />
          <TextArea label={t('bases.measures')} value={measures} onValue={setMeasures} maxLength={4000} />
        </div>
      </Form>
    </Card>
  );
}

const COLUMNS: Column<LegalBasis>[] = [
  { key: 'purpose', label: t('bases.purpose'), show: ({ purpose }) => t.of(`purpose.${purpose}`, purpose) },
  { key: 'basis', label: t('basis'), show: ({ basis }) => t.of(`basis.${basis}`, basis) },
  { key: 'description', label: t('bases.description'), show: ({ description }) => description, isExtra: true },
  { key: 'at', label: t('bases.at'), show: ({ at }) => formatDate(at), isExtra: true },
  {
    key: 'valid',
    label: t('bases.valid'),
    show: ({ validUntil }) => (validUntil === null ? t('bases.forever') : formatDate(validUntil)),
    isExtra: true,
  },
  { key: 'state', label: t('bases.state'), show: (each) => <State of={each} /> },
];

function State({ of: { endedAt, validUntil } }: { of: LegalBasis }) {
  if (endedAt !== null) return <Badge>{t('bases.ended')}</Badge>;
  const isOver = validUntil !== null && new Date(validUntil).getTime() < Date.now();
  return isOver ? <Badge tone="warn">{t('bases.expired')}</Badge> : <Badge tone="good">{t('bases.current')}</Badge>;
}
