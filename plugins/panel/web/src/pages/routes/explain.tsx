import { useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { routes as t } from '../../messages/routes.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Failure, type Tone } from '../../ui/feedback.tsx';
import { NumberField, SelectField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import { nameOf } from '../providers/names.ts';
import type { CounterInfo, ProviderInfo } from '../providers/types.ts';
import type { Explained, Rule } from './types.ts';

const CLASSES = ['fala', 'fala_com_ruido', 'ruido', 'silencio_com_ruido'] as const;
const TONES: Record<string, Tone> = { taken: 'good', no: 'plain', after: 'plain', excluded: 'warn', void: 'warn' };

/** Which provider an utterance would get now, and why not the others: asked of the code that decides. */
export function Explain({
  clientId,
  counters,
  all,
  rules,
}: {
  clientId: string | null;
  counters: readonly CounterInfo[];
  all: readonly ProviderInfo[];
  /** As they were left; null: as they are in force. */
  rules: readonly Rule[] | null;
}) {
  const [kind, setKind] = useState<'stt' | 'llm'>('stt');
  const [counterId, setCounterId] = useState('');
  const [seconds, setSeconds] = useState<number | null>(4);
  const [snrDb, setSnrDb] = useState<number | null>(18);
  const [heardAs, setHeardAs] = useState('fala');
  const [answer, setAnswer] = useState<Explained | null>(null);
  const asking = useAction(async () =>
    setAnswer(
      await send<Explained>('POST', '/api/v1/routing/explain', {
        kind,
        ...(clientId === null ? {} : { clientId }),
        ...(counterId === '' ? {} : { counterId }),
        ...(seconds === null ? {} : { durationMs: Math.round(seconds * 1000) }),
        ...(snrDb === null ? {} : { snrDb }),
        ...(heardAs === '' ? {} : { class: heardAs }),
        ...(rules === null ? {} : { rules }),
      }),
    ),
  );
  return (
    <Card title={t('explain.title')}>
      <p class="hint">{rules === null ? t('explain.lead') : t('explain.lead.edited')}</p>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          void asking.run();
        }}
      >
        <SelectField<'stt' | 'llm'>
          label={t('form.kind')}
          value={kind}
          onValue={setKind}
          options={[
            { value: 'stt', label: t('kind.stt') },
            { value: 'llm', label: t('kind.llm') },
          ]}
        />
        <SelectField
          label={t('explain.counter')}
          value={counterId}
          onValue={setCounterId}
          options={[
            { value: '', label: t('explain.anyCounter') },
            ...counters.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
        <NumberField label={t('explain.duration')} unit="s" min={0} value={seconds} onValue={setSeconds} />
        <NumberField label={t('explain.snr')} unit="dB" min={-10} max={60} value={snrDb} onValue={setSnrDb} />
        <SelectField
          label={t('form.class')}
          value={heardAs}
          onValue={setHeardAs}
          options={[
            { value: '', label: t('explain.unknown') },
            ...CLASSES.map((each) => ({ value: each, label: t(`class.${each}`) })),
          ]}
        />
        <Button type="submit" kind="primary" isBusy={asking.isBusy}>
          {t('explain.ask')}
        </Button>
      </form>
      {asking.error ? <Failure error={asking.error} /> : null}
      {answer ? <Answer answer={answer} all={all} /> : null}
    </Card>
  );
}

function Answer({ answer, all }: { answer: Explained; all: readonly ProviderInfo[] }) {
  const { decision, candidates, steps, text } = answer;
  const inTurn = [...candidates].sort((a, b) => a.turn - b.turn);
  return (
    <div class="routes-explained" aria-live="polite">
      <p class="routes-verdict">
        {decision.candidates.length === 0
          ? t('explain.nobody')
          : t('explain.first', {
              name: nameOf(all, inTurn[0]?.address ?? decision.candidates[0] ?? null),
              rule: decision.rule,
            })}
      </p>
      <p>{text}</p>
      {decision.rejected.length > 0 ? (
        <>
          <h3>{t('explain.rejected')}</h3>
          <ul>
            {decision.rejected.map(({ address, reason }) => (
              <li key={address}>{t('explain.reject', { name: nameOf(all, address), reason })}</li>
            ))}
          </ul>
        </>
      ) : null}
      <h3>{t('explain.steps')}</h3>
      <ol class="routes-steps">
        {steps.map((step) => (
          <li key={`${step.layer} ${step.id}`}>
            <p>
              <Badge tone={TONES[step.fate] ?? 'info'}>{t.of(`fate.${step.fate}`, step.fate)}</Badge>{' '}
              <strong>{step.title ?? step.id}</strong> · {t.of(`layer.${step.layer}`, step.layer)}
            </p>
            <p>{step.text}</p>
            {step.conditions.length > 0 ? (
              <ul>
                {step.conditions.map(({ condition, stated, value, holds }) => (
                  <li key={condition}>
                    {t('explain.condition', { stated, value })} <Badge>{t(`holds.${holds}`)}</Badge>
                  </li>
                ))}
              </ul>
            ) : null}
          </li>
        ))}
      </ol>
    </div>
  );
}
