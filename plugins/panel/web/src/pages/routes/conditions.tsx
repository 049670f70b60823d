import { routes as t } from '../../messages/routes.ts';
import { CheckField, NumberField, TextField } from '../../ui/field.tsx';
import { listOf, withEnd, withPart } from './rules.ts';
import type { Rule } from './types.ts';

const CLASSES = ['fala', 'fala_com_ruido', 'ruido', 'silencio_com_ruido'] as const;
const DAYS = [0, 1, 2, 3, 4, 5, 6] as const;

type When = Rule['when'];

/** When a rule holds: every condition that is given must be true. */
export function Conditions({
  when,
  onWhen,
  errorOf,
}: {
  when: When;
  onWhen(when: When): void;
  errorOf(field: string): string | null;
}) {
  const end = (name: 'durationMs' | 'snrDb' | 'budgetLeft', at: 'min' | 'max', scale: number) => ({
    value: when[name]?.[at] === undefined ? null : Number(((when[name]?.[at] ?? 0) / scale).toFixed(4)),
    onValue: (value: number | null) =>
      onWhen(withPart(when, name, withEnd(when[name], at, value === null ? null : value * scale))),
    error: at === 'min' ? errorOf(`when.${name}`) : null,
  });
  const list = (name: 'language' | 'counterTags' | 'usable') => ({
    value: (when[name] ?? []).join(', '),
    onValue: (text: string) => onWhen(withPart(when, name, listOf(text))),
    error: errorOf(`when.${name}`),
  });
  const [hours] = when.hours ?? [];
  const setHours = (part: 'from' | 'to', value: string) => {
    const next = { from: hours?.from ?? '', to: hours?.to ?? '', [part]: value };
    const others = (when.hours ?? []).slice(1);
    onWhen(withPart(when, 'hours', next.from === '' && next.to === '' ? others : [next, ...others]));
  };
  const toggled = <T,>(all: readonly T[] | undefined, one: T, isOn: boolean): T[] =>
    isOn ? [...(all ?? []), one] : (all ?? []).filter((each) => each !== one);
  return (
    <>
      <div class="row">
        <NumberField label={t('form.duration.min')} unit="s" min={0} {...end('durationMs', 'min', 1000)} />
        <NumberField label={t('form.duration.max')} unit="s" min={0} {...end('durationMs', 'max', 1000)} />
      </div>
      <div class="row">
        <NumberField label={t('form.snr.min')} unit="dB" min={-10} max={60} {...end('snrDb', 'min', 1)} />
        <NumberField label={t('form.snr.max')} unit="dB" min={-10} max={60} {...end('snrDb', 'max', 1)} />
      </div>
      <fieldset>
        <legend>{t('form.class')}</legend>
        <div class="routes-checks">
          {CLASSES.map((each) => (
            <CheckField
              key={each}
              label={t(`class.${each}`)}
              isChecked={when.class?.includes(each) ?? false}
              onChecked={(isOn) => onWhen(withPart(when, 'class', toggled(when.class, each, isOn)))}
            />
          ))}
        </div>
        {errorOf('when.class') ? <p class="field-error">{errorOf('when.class')}</p> : null}
      </fieldset>
      <div class="row">
        <TextField
          label={t('form.hours.from')}
          type="time"
          value={hours?.from ?? ''}
          onValue={(value) => setHours('from', value)}
          error={errorOf('when.hours')}
        />
        <TextField
          label={t('form.hours.to')}
          hint={t('form.hours.hint')}
          type="time"
          value={hours?.to ?? ''}
          onValue={(value) => setHours('to', value)}
        />
      </div>
      <fieldset>
        <legend>{t('form.weekdays')}</legend>
        <div class="routes-checks">
          {DAYS.map((day) => (
            <CheckField
              key={day}
              label={t(`day.${day}`)}
              isChecked={when.weekdays?.includes(day) ?? false}
              onChecked={(isOn) => onWhen(withPart(when, 'weekdays', toggled(when.weekdays, day, isOn).sort()))}
            />
          ))}
        </div>
        {errorOf('when.weekdays') ? <p class="field-error">{errorOf('when.weekdays')}</p> : null}
      </fieldset>
      <TextField label={t('form.tags')} hint={t('form.tags.hint')} {...list('counterTags')} />
      <div class="row">
        <NumberField label={t('form.budget.min')} unit="%" min={0} max={100} {...end('budgetLeft', 'min', 0.01)} />
        <NumberField label={t('form.budget.max')} unit="%" min={0} max={100} {...end('budgetLeft', 'max', 0.01)} />
      </div>
      <div class="row">
        <TextField label={t('form.language')} hint={t('form.language.hint')} {...list('language')} />
        <TextField label={t('form.usable')} hint={t('form.usable.hint')} {...list('usable')} />
      </div>
    </>
  );
}
