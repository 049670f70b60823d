import { useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { catalogue as t } from '../../messages/catalogue.ts';
import { tell } from '../../ui/feedback.tsx';
import { errorAt, NumberField, SelectField, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Card } from '../../ui/page.tsx';

const KINDS = ['substancia', 'produto', 'tag', 'regra', 'idade_minima', 'farmaceutico'] as const;
type Kind = (typeof KINDS)[number];

/** One more thing is taken away. */
export function RestrictionForm({ path, onDone }: { path: string; onDone(): void }) {
  const [kind, setKind] = useState<Kind>('substancia');
  const [target, setTarget] = useState('');
  const [age, setAge] = useState<number | null>(null);
  const [why, setWhy] = useState('');
  const isAge = kind === 'idade_minima';
  const { run, isBusy, error } = useAction(() =>
    send('POST', path, { kind, target: target.trim(), why: why.trim(), ...(isAge ? { minAgeYears: age } : {}) }),
  );
  const submit = async () => {
    if (!(await run())) return;
    setTarget('');
    setWhy('');
    setAge(null);
    tell(t('restrictions.added'));
    onDone();
  };
  const at = (field: string) => errorAt(error, field);
  return (
    <Card title={t('restrictions.add')}>
      <Form
        class="catalogue-form"
        submit={t('restrictions.add')}
        {...{ isBusy, error }}
        isDisabled={target.trim() === '' || why.trim() === '' || (isAge && age === null)}
        shown={['target', 'minAgeYears', 'why']}
        onSubmit={() => void submit()}
      >
        <div class="row">
          <SelectField<Kind>
            label={t('restrictions.what')}
            value={kind}
            onValue={setKind}
            options={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
          />
          <TextField
            label={t('restrictions.target')}
            hint={t(`kind.${kind}.hint`)}
            value={target}
            onValue={setTarget}
            isRequired
            maxLength={120}
            error={at('target')}
          />
          {isAge ? (
            <NumberField
              label={t('restrictions.minAge')}
              unit={t('restrictions.years')}
              value={age}
              onValue={setAge}
              min={1}
              max={120}
              step={1}
              error={at('minAgeYears')}
            />
          ) : null}
        </div>
        <TextField
          label={t('why')}
          hint={t('why.hint')}
          value={why}
          onValue={setWhy}
          isRequired
          maxLength={500}
          error={at('why')}
        />
      </Form>
    </Card>
  );
}
