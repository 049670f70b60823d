import { useState } from 'preact/hooks';
import { type Answer, request, send } from '../../lib/api.ts';
import { formatDate, formatMoment } from '../../lib/format.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { actorText, usePeople } from '../../lib/people.ts';
import { privacy as t } from '../../messages/privacy.ts';
import { Button } from '../../ui/button.tsx';
import { Failure, Load, Notice, tell } from '../../ui/feedback.tsx';
import { errorAt, NumberField, SelectField, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Card } from '../../ui/page.tsx';
import { BASES, type Basis, type Protection } from './types.ts';

/** How long things are kept, and whether voices are. */
export function Keeping({ path, isWritable }: { path: string; isWritable: boolean }) {
  usePeople();
  const url = `${path}/data-protection`;
  const protection = useLoad(url, (signal) => request<Protection>('GET', url, { signal }));
  return (
    <Load of={protection} lines={5}>
      {(answer) => (
        <>
          <Retention key={answer.etag} of={answer} url={url} isWritable={isWritable} onDone={protection.reload} />
          <Audio of={answer.data} url={url} isWritable={isWritable} onDone={protection.reload} />
        </>
      )}
    </Load>
  );
}

interface PartProps {
  url: string;
  isWritable: boolean;
  onDone(): void;
}

function Retention({ of: { data, etag }, url, isWritable, onDone }: PartProps & { of: Answer<Protection> }) {
  const [transcriptDays, setTranscript] = useState<number | null>(data.retention.transcriptDays);
  const [metricsMonths, setMetrics] = useState<number | null>(data.retention.metricsMonths);
  const [audioDays, setAudio] = useState<number | null>(data.retention.audioDays);
  const [why, setWhy] = useState('');
  const { run, isBusy, error } = useAction(() =>
    send('PUT', `${url}/retention`, { transcriptDays, metricsMonths, audioDays, why: why.trim() }, { etag }),
  );
  const submit = async () => {
    if (!(await run())) return;
    tell(t('retention.saved'));
    onDone();
  };
  const isWhole = [transcriptDays, metricsMonths, audioDays].every((each) => each !== null);
  const fields = ['transcriptDays', 'metricsMonths', 'audioDays'].map((field) => errorAt(error, field));
  return (
    <Card title={t('retention.title')}>
      <form
        class="form privacy-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div class="row">
          <NumberField
            label={t('retention.transcript')}
            unit={t('retention.days')}
            value={transcriptDays}
            onValue={setTranscript}
            min={1}
            max={365}
            step={1}
            error={fields[0]}
            isDisabled={!isWritable}
          />
          <NumberField
            label={t('retention.metrics')}
            unit={t('retention.months')}
            value={metricsMonths}
            onValue={setMetrics}
            min={1}
            max={60}
            step={1}
            error={fields[1]}
            isDisabled={!isWritable}
          />
          <NumberField
            label={t('retention.audio')}
            unit={t('retention.days')}
            hint={t('retention.audio.hint')}
            value={audioDays}
            onValue={setAudio}
            min={0}
            max={366}
            step={1}
            error={fields[2]}
            isDisabled={!isWritable}
          />
        </div>
        <p class="hint">{t('retention.audit', { n: data.auditYears })}</p>
        {isWritable ? (
          <>
            <TextField label={t('why')} hint={t('why.hint')} value={why} onValue={setWhy} isRequired maxLength={500} />
            {error && fields.every((each) => each === null) ? <Failure error={error} /> : null}
            <div class="actions">
              <Button type="submit" kind="primary" isBusy={isBusy} disabled={!isWhole || why.trim() === ''}>
                {t('save')}
              </Button>
            </div>
          </>
        ) : null}
      </form>
    </Card>
  );
}

function Audio({ of: { audio }, url, isWritable, onDone }: PartProps & { of: Protection }) {
  const isOn = audio !== null && new Date(audio.until).getTime() > Date.now();
  return (
    <Card title={t('audio.title')}>
      {isOn && audio ? (
        <Notice tone="warn" title={t('audio.on', { until: formatMoment(audio.until) })}>
          <p>
            {t('audio.onText', {
              since: formatDate(audio.since),
              by: actorText(audio.by),
              basis: t.of(`basis.${audio.basis}`, audio.basis),
              reason: audio.reason,
            })}
          </p>
        </Notice>
      ) : (
        <>
          <p>{t('audio.off')}</p>
          {audio ? <p class="hint">{t('audio.over', { until: formatMoment(audio.until) })}</p> : null}
        </>
      )}
      {isWritable ? isOn ? <StopAudio url={url} onDone={onDone} /> : <StartAudio url={url} onDone={onDone} /> : null}
    </Card>
  );
}

function StartAudio({ url, onDone }: Pick<PartProps, 'url' | 'onDone'>) {
  const [why, setWhy] = useState('');
  const [basis, setBasis] = useState<Basis>('consentimento');
  const [until, setUntil] = useState('');
  const { run, isBusy, error } = useAction(() => send('PUT', `${url}/audio`, { why: why.trim(), basis, until }));
  const submit = async () => {
    if (!(await run())) return;
    tell(t('audio.started'));
    onDone();
  };
  const atUntil = errorAt(error, 'until');
  return (
    <Form
      class="privacy-form"
      submit={t('audio.start')}
      kind="plain"
      {...{ isBusy, error }}
      isDisabled={why.trim() === '' || until === ''}
      shown={['until']}
      onSubmit={() => void submit()}
    >
      <div class="row">
        <TextField
          label={t('audio.reason')}
          hint={t('audio.reason.hint')}
          value={why}
          onValue={setWhy}
          isRequired
          maxLength={500}
        />
        <SelectField<Basis>
          label={t('basis')}
          value={basis}
          onValue={setBasis}
          options={BASES.map((value) => ({ value, label: t(`basis.${value}`) }))}
        />
        <TextField
          label={t('audio.until')}
          hint={t('audio.until.hint')}
          type="date"
          value={until}
          onValue={setUntil}
          isRequired
          error={atUntil}
        />
      </div>
    </Form>
  );
}

function StopAudio({ url, onDone }: Pick<PartProps, 'url' | 'onDone'>) {
  const [why, setWhy] = useState('');
  const { run, isBusy, error } = useAction(() => send('DELETE', `${url}/audio`, { why: why.trim() }));
  const submit = async () => {
    if (!(await run())) return;
    tell(t('audio.stopped'));
    onDone();
  };
  return (
    <Form
      submit={t('audio.stop')}
      kind="danger"
      {...{ isBusy, error }}
      isDisabled={why.trim() === ''}
      onSubmit={() => void submit()}
    >
      <p class="hint">{t('audio.stop.text')}</p>
      <TextField label={t('why')} hint={t('why.hint')} value={why} onValue={setWhy} isRequired maxLength={500} />
    </Form>
  );
}
