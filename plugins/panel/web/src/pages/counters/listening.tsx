import { useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { can } from '../../lib/session.ts';
import { counters as t } from '../../messages/counters.ts';
import { tell } from '../../ui/feedback.tsx';
import { Form } from '../../ui/form.tsx';
import { LiveLevel } from './level.tsx';
import { PRESETS, type PresetName, presetOf } from './presets.ts';
import { type Counter, etagOf } from './types.ts';

const NAMES: readonly PresetName[] = ['quiet', 'normal', 'noisy'];

/** How the counter listens: its sound now, against the line, and the presets that move the line. */
export function Listening({ counter, onChanged }: { counter: Counter; onChanged(counter: Counter): void }) {
  const current = presetOf(counter.vad);
  const [chosen, setChosen] = useState<PresetName | null>(current);
  const { run, isBusy, error } = useAction(async (name: PresetName) => {
    const why = t('vad.why', { name: t(`vad.${name}`) });
    const options = { etag: etagOf(counter) };
    onChanged(await send<Counter>('PUT', `/api/v1/counters/${counter.id}/vad`, { vad: PRESETS[name], why }, options));
    tell(t('done.vad'));
  });
  const values = Object.entries(counter.vad)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  return (
    <>
      <h3>{t('level.title')}</h3>
      <LiveLevel counterId={counter.id} />
      <Form
        submit={t('vad.save')}
        {...{ isBusy, error }}
        isDisabled={chosen === null || chosen === current}
        onSubmit={() => {
          if (chosen) void run(chosen);
        }}
      >
        <h3>{t('vad.title')}</h3>
        <fieldset class="presets" disabled={!can('counters.write', counter.clientId)}>
          <legend>{t('vad.label')}</legend>
          {NAMES.map((name) => (
            <label key={name} class="preset">
              <input
                type="radio"
                name="preset"
                value={name}
                checked={chosen === name}
                onChange={() => setChosen(name)}
              />
              <span>{t(`vad.${name}`)}</span>
              <span class="hint">{t(`vad.${name}.hint`)}</span>
            </label>
          ))}
          {current === null ? (
            <label class="preset">
              <input
                type="radio"
                name="preset"
                value="own"
                checked={chosen === null}
                onChange={() => setChosen(null)}
              />
              <span>{t('vad.own')}</span>
              <span class="hint">{t('vad.own.hint', { values })}</span>
            </label>
          ) : null}
        </fieldset>
      </Form>
    </>
  );
}
