import { useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { formatDate, formatDuration } from '../../lib/format.ts';
import { useAction } from '../../lib/load.ts';
import { employees as t } from '../../messages/employees.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Notice, tell } from '../../ui/feedback.tsx';
import { CheckField, errorAt, SelectField, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Recorder } from './recorder.tsx';
import { type Employee, pathOf } from './types.ts';

type Changed = (employee: Employee) => void;
const BASES = ['consentimento', 'obrigacao_legal', 'exercicio_de_direitos', 'prevencao_a_fraude'] as const;

/** First the consent, then the voice: nothing is recorded before somebody has said that the person agreed. */
export function Voice({ employee, onChanged }: { employee: Employee; onChanged: Changed }) {
  const isAllowed = employee.consent === 'confirmado';
  return (
    <div class="voice">
      <h3>{t('consent.title')}</h3>
      {isAllowed ? (
        <Given employee={employee} onChanged={onChanged} />
      ) : (
        <Consent employee={employee} onChanged={onChanged} />
      )}
      <h3>{t('record.title')}</h3>
      {isAllowed ? (
        <>
          <Enrolled employee={employee} onChanged={onChanged} />
          <Recorder
            employee={employee}
            onEnrolled={(enrolled) => {
              tell(t('record.done'));
              onChanged(enrolled);
            }}
          />
        </>
      ) : (
        <p class="hint">{t('record.first')}</p>
      )}
    </div>
  );
}

function Consent({ employee, onChanged }: { employee: Employee; onChanged: Changed }) {
  const [basis, setBasis] = useState<(typeof BASES)[number]>('consentimento');
  const [textVersion, setTextVersion] = useState('');
  const [isAgreed, setAgreed] = useState(false);
  const { run, isBusy, error } = useAction(async () => {
    const body = { granted: true, basis, textVersion: textVersion.trim() };
    onChanged(await send<Employee>('POST', `${pathOf(employee)}/consent`, body));
    tell(t('consent.done'));
  });
  return (
    <Form
      submit={t('consent.save')}
      {...{ isBusy, error }}
      isDisabled={!isAgreed || textVersion.trim() === ''}
      shown={['textVersion']}
      onSubmit={() => void run()}
    >
      <p>{t('consent.text')}</p>
      <SelectField<(typeof BASES)[number]>
        label={t('consent.basis')}
        value={basis}
        onValue={setBasis}
        options={BASES.map((value) => ({ value, label: t(`basis.${value}`) }))}
      />
      <TextField
        label={t('consent.version')}
        hint={t('consent.version.hint')}
        value={textVersion}
        onValue={setTextVersion}
        maxLength={100}
        isRequired
        error={errorAt(error, 'textVersion')}
      />
      <CheckField label={t('consent.agreed')} isChecked={isAgreed} onChecked={setAgreed} />
    </Form>
  );
}

function Given({ employee, onChanged }: { employee: Employee; onChanged: Changed }) {
  const [isAsked, setAsked] = useState(false);
  const { run, isBusy, error } = useAction(async () => {
    onChanged(await send<Employee>('POST', `${pathOf(employee)}/consent`, { granted: false }));
    setAsked(false);
    tell(t('consent.withdrawn'));
  });
  return (
    <>
      <p>
        <Badge tone="good">{t('consent.confirmado')}</Badge> {t('consent.given')}
      </p>
      <div class="actions">
        <Button onClick={() => setAsked(true)}>{t('consent.withdraw')}</Button>
      </div>
      {isAsked ? (
        <Confirm
          title={t('consent.withdraw')}
          confirmLabel={t('consent.withdraw')}
          isBusy={isBusy}
          error={error}
          onConfirm={() => void run()}
          onClose={() => setAsked(false)}
        >
          <p>{t('consent.withdraw.text')}</p>
        </Confirm>
      ) : null}
    </>
  );
}

function Enrolled({ employee, onChanged }: { employee: Employee; onChanged: Changed }) {
  const { state, enrolledAt, speechMs } = employee.voice;
  const [isAsked, setAsked] = useState(false);
  const { run, isBusy, error } = useAction(async () => {
    onChanged(await send<Employee>('DELETE', `${pathOf(employee)}/voice`));
    setAsked(false);
    tell(t('voice.erased'));
  });
  if (state === 'recadastrar') return <Notice tone="warn">{t('voice.model')}</Notice>;
  if (state !== 'cadastrada') return null;
  return (
    <>
      <p>{t('voice.now', { at: formatDate(enrolledAt), speech: formatDuration(speechMs) })}</p>
      <div class="actions">
        <Button onClick={() => setAsked(true)}>{t('voice.erase')}</Button>
      </div>
      {isAsked ? (
        <Confirm
          title={t('voice.erase')}
          confirmLabel={t('voice.erase')}
          isBusy={isBusy}
          error={error}
          onConfirm={() => void run()}
          onClose={() => setAsked(false)}
        >
          <p>{t('voice.erase.text')}</p>
        </Confirm>
      ) : null}
    </>
  );
}
