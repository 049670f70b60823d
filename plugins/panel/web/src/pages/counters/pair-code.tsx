import { useState } from 'preact/hooks';
import { send } from '../../lib/api.ts';
import { useAction } from '../../lib/load.ts';
import { can } from '../../lib/session.ts';
import { counters as t } from '../../messages/counters.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/feedback.tsx';
import './counters.css';

/** The client's code for devices, large enough to be read across a room. It is made when somebody asks: the one before ends. */
export function PairCode({ clientId }: { clientId: string }) {
  const [made, setMade] = useState<{ code: string; expiresInHours: number } | null>(null);
  const { run, isBusy, error } = useAction(async () =>
    setMade(await send<{ code: string; expiresInHours: number }>('POST', `/api/v1/clients/${clientId}/code`)),
  );
  if (!can('clients.write', clientId)) return null;
  return (
    <div class="pair">
      <p>{t('pair.text')}</p>
      {made ? (
        <>
          <p class="pair-code" role="status" aria-label={t('pair.spoken', { code: [...made.code].join(' ') })}>
            {`${made.code.slice(0, 3)} ${made.code.slice(3)}`}
          </p>
          <p class="hint">{t('pair.lives', { hours: made.expiresInHours })}</p>
          <p role="status">{t('pair.waiting')}</p>
        </>
      ) : null}
      {error ? <Failure error={error} /> : null}
      <div class="actions">
        <Button onClick={() => void run()} isBusy={isBusy}>
          {made ? t('pair.again') : t('pair.make')}
        </Button>
      </div>
    </div>
  );
}
