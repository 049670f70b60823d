import { useState } from 'preact/hooks';
import { amountOf, type Exchange, formatAmount, formatBoth } from '../../lib/amount.ts';
import { request, send } from '../../lib/api.ts';
import { formatMicroUsd, formatShare } from '../../lib/format.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { can, canEverywhere } from '../../lib/session.ts';
import { costs as t } from '../../messages/costs.ts';
import { shell } from '../../messages/shell.ts';
import { AskWhy } from '../../ui/ask-why.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Empty, Load, Notice, type Tone, tell } from '../../ui/feedback.tsx';
import { CheckField, errorAt, NumberField, SelectField, TextField } from '../../ui/field.tsx';
import { Form } from '../../ui/form.tsx';
import { Card, Stat } from '../../ui/page.tsx';
import { showDay } from './days.ts';
import type { Budget, BudgetAnswer } from './types.ts';

const TONES: Record<string, Tone> = { ok: 'good', warned: 'warn', cheaper: 'warn', spent: 'bad', stopped: 'bad' };
const [WARN_BELOW, CHEAPER_BELOW] = [0.2, 0.1];

/** What a client may spend in a day or a month, how it stands, and what happens as it runs out. */
export function BudgetCard({ clientId, exchange }: { clientId: string | null; exchange: Exchange | null }) {
  const url = clientId === null ? '/api/v1/global/budget' : `/api/v1/clients/${clientId}/budget`;
  const read = useLoad(url, (signal) => request<BudgetAnswer>('GET', url, { signal }));
  const [isEditing, setEditing] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  const removing = useAction(async (why: string) => {
    await send('DELETE', url, { why }, { etag: read.data?.etag ?? null });
    setRemoving(false);
    tell(t('budget.removed'));
    read.reload();
  });
  const mayWrite = clientId === null ? canEverywhere('limits.write') : can('limits.write', clientId);
  const own = read.data?.data.own ?? null;
  return (
    <Card
      title={clientId === null ? t('budget.global') : t('budget.title')}
      actions={
        mayWrite && read.data ? (
          <>
            <Button onClick={() => setEditing(true)}>{own ? t('budget.change') : t('budget.set')}</Button>
            {own ? (
              <Button kind="quiet" onClick={() => setRemoving(true)}>
                {t('budget.remove')}
              </Button>
            ) : null}
          </>
        ) : null
      }
    >
      <Load of={read} lines={2}>
        {({ data }) => <Standing answer={data} isGlobal={clientId === null} exchange={exchange} />}
      </Load>
      {isEditing && read.data ? (
        <BudgetDialog
          {...{ url, own, exchange }}
          etag={read.data.etag}
          onClose={() => setEditing(false)}
          onSaved={() => {
            setEditing(false);
            tell(t('budget.saved'));
            read.reload();
          }}
        />
      ) : null}
      {isRemoving ? (
        <AskWhy
          title={t('budget.remove')}
          confirmLabel={t('budget.remove')}
          kind="danger"
          isBusy={removing.isBusy}
          error={removing.error}
          onConfirm={(why) => void removing.run(why)}
          onClose={() => {
            setRemoving(false);
            removing.clear();
          }}
        >
          <p>{t('budget.remove.text')}</p>
        </AskWhy>
      ) : null}
    </Card>
  );
}

function Standing({
  answer: { now, own },
  isGlobal,
  exchange,
}: {
  answer: BudgetAnswer;
  isGlobal: boolean;
  exchange: Exchange | null;
}) {
  if (isGlobal && own) {
    return (
      <p>
        {t('budget.each', {
          amount: formatBoth(amountOf(own.microUsd, exchange)),
          period: t(`period.${own.period}`),
        })}
      </p>
    );
  }
  if (!now) {
    return (
      <Empty title={t('budget.none')}>
        <p>{t('budget.none.text')}</p>
      </Empty>
    );
  }
  const { budget, state, since, spent, of, left } = now;
  return (
    <>
      <p>
        <Badge tone={TONES[state] ?? 'plain'}>{t.of(`state.${state}`, state)}</Badge> {own ? '' : t('budget.fromAll')}
      </p>
      <div class="stats">
        <Stat label={t('budget.spent')} value={formatAmount(spent)} note={t('budget.since', { day: showDay(since) })} />
        <Stat
          label={t('budget.of')}
          value={formatAmount(of)}
          note={t('budget.of.note', { usd: formatMicroUsd(of.microUsd), period: t(`period.${budget.period}`) })}
        />
        <Stat label={t('budget.left')} value={formatShare(left)} note={<Meter left={left} />} />
      </div>
      <p class="hint">
        {t('budget.rules', {
          warn: formatShare(budget.warnBelow ?? WARN_BELOW, 0),
          cheaper: formatShare(budget.cheaperBelow ?? CHEAPER_BELOW, 0),
        })}{' '}
        {budget.stop ? t('budget.stops') : t('budget.goesOn')}
      </p>
    </>
  );
}

function Meter({ left }: { left: number }) {
  return (
    <span class="costs-meter" aria-hidden="true">
      <span style={{ width: `${Math.max(0, Math.min(1, left)) * 100}%` }} />
    </span>
  );
}

function BudgetDialog({
  url,
  own,
  etag,
  exchange,
  onSaved,
  onClose,
}: {
  url: string;
  own: Budget | null;
  etag: string | null;
  exchange: Exchange | null;
  onSaved(): void;
  onClose(): void;
}) {
  const [usd, setUsd] = useState<number | null>(own ? own.microUsd / 1e6 : null);
  const [period, setPeriod] = useState<Budget['period']>(own?.period ?? 'month');
  const [warn, setWarn] = useState<number | null>(Math.round((own?.warnBelow ?? WARN_BELOW) * 100));
  const [cheaper, setCheaper] = useState<number | null>(Math.round((own?.cheaperBelow ?? CHEAPER_BELOW) * 100));
  const [isStop, setStop] = useState(own?.stop ?? false);
  const [why, setWhy] = useState('');
  const [isChecked, setChecked] = useState(false);
  const saving = useAction(async () => {
    const body = {
      microUsd: Math.round((usd ?? 0) * 1e6),
      period,
      warnBelow: (warn ?? 0) / 100,
      cheaperBelow: (cheaper ?? 0) / 100,
      ...(own?.cheaper ? { cheaper: own.cheaper } : {}),
      stop: isStop,
      why: why.trim(),
    };
    await send('PUT', url, body, { etag });
    onSaved();
  });
  const { error } = saving;
  return (
    <Dialog title={t('budget.title')} onClose={onClose}>
      <Form
        submit={shell('form.save')}
        isBusy={saving.isBusy}
        error={error?.status === 412 ? null : error}
        shown={['microUsd', 'warnBelow', 'cheaperBelow']}
        others={<Button onClick={onClose}>{shell('dialog.cancel')}</Button>}
        noValidate
        onSubmit={() => {
          setChecked(true);
          if (usd !== null && usd > 0 && why.trim() !== '') void saving.run();
        }}
      >
        <div class="row">
          <NumberField
            label={t('budget.amount')}
            unit="US$"
            hint={
              usd === null || !exchange
                ? undefined
                : t('budget.inReais', { reais: formatAmount(amountOf(usd * 1e6, exchange)) })
            }
            min={0}
            value={usd}
            onValue={setUsd}
            isRequired
            error={isChecked && !(usd !== null && usd > 0) ? t('budget.amount.missing') : errorAt(error, 'microUsd')}
          />
          <SelectField<Budget['period']>
            label={t('budget.period')}
            value={period}
            onValue={setPeriod}
            options={[
              { value: 'month', label: t('period.month') },
              { value: 'day', label: t('period.day') },
            ]}
          />
        </div>
        <div class="row">
          <NumberField
            label={t('budget.warn')}
            unit="%"
            min={0}
            max={100}
            value={warn}
            onValue={setWarn}
            error={errorAt(error, 'warnBelow')}
          />
          <NumberField
            label={t('budget.cheaper')}
            unit="%"
            min={0}
            max={100}
            value={cheaper}
            onValue={setCheaper}
            error={errorAt(error, 'cheaperBelow')}
          />
        </div>
        <CheckField label={t('budget.stop')} hint={t('budget.stop.hint')} isChecked={isStop} onChecked={setStop} />
        <TextField
          label={shell('why.label')}
          hint={shell('why.hint')}
          value={why}
          onValue={setWhy}
          maxLength={500}
          error={isChecked && why.trim() === '' ? shell('why.missing') : null}
        />
        {error?.status === 412 ? (
          <Notice tone="warn" title={t('budget.conflict')}>
            <p>{t('budget.conflict.text')}</p>
          </Notice>
        ) : null}
      </Form>
    </Dialog>
  );
}
