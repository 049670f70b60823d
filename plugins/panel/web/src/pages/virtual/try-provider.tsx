import { useEffect, useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { can } from '../../lib/session.ts';
import { virtual as t } from '../../messages/virtual.ts';
import { Failure, Notice, tell } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import type { Chosen, ProvidersAnswer, UsedProvider } from '../providers/types.ts';

/** Another provider for this counter only: its own choice, over the client's, taken back when it ends. */
export function TryProvider({ counterId, usual }: { counterId: string | null; usual: readonly UsedProvider[] }) {
  const [chosen, setChosen] = useState('');
  const [missing, setMissing] = useState<string | null>(null);
  const all = useLoad(can('providers.write') ? 'providers stt' : null, (signal) =>
    get<ProvidersAnswer>('/api/v1/providers', { kind: 'stt' }, signal),
  );
  const url = `/api/v1/counters/${counterId}/providers/stt`;
  const why = t('try.why');
  const choosing = useAction(async (address: string) => {
    if (address === '') {
      await send<Chosen>('DELETE', url, { why });
      setMissing(null);
    } else {
      const now = await send<Chosen>('PUT', url, { use: [address], why });
      setMissing(now.use.find((each) => !each.usable)?.missing ?? null);
    }
    tell(t('try.done'));
  });
  // A counter that is opened anew may still have what was tried on it before.
  const opening = useAction(async () => {
    if (chosen === '') await send('DELETE', url, { why });
    else await send('PUT', url, { use: [chosen], why });
  });
  useEffect(() => {
    if (counterId !== null && can('providers.write')) void opening.run();
  }, [counterId]);
  const error = choosing.error ?? opening.error;
  if (!can('providers.write') || counterId === null) return null;
  const usualTitles = usual.filter(({ usable }) => usable).map(({ title }) => title);
  return (
    <Card title={t('try.title')}>
      <SelectField
        label={t('try.label')}
        hint={t('try.hint')}
        value={chosen}
        isDisabled={choosing.isBusy || opening.isBusy}
        onValue={(address) => {
          setChosen(address);
          void choosing.run(address);
        }}
        options={[
          { value: '', label: t('try.usual', { list: usualTitles.join(', ') }) },
          ...(all.data?.items ?? []).map(({ address, title }) => ({ value: address, label: title })),
        ]}
      />
      {missing ? <Notice tone="warn">{missing}</Notice> : null}
      {error ? <Failure error={error} /> : null}
    </Card>
  );
}
