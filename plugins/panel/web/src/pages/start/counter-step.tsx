import { useEffect } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { start as t } from '../../messages/start.ts';
import { Button } from '../../ui/button.tsx';
import { PairCode } from '../counters/pair-code.tsx';

/** How often it is asked whether a device has come. */
const LOOK_MS = 3000;

/** A device with this client's code; or none yet. */
export function CounterStep({ clientId, onPaired, onSkip }: { clientId: string; onPaired(): void; onSkip(): void }) {
  useEffect(() => {
    const timer = setInterval(() => {
      get<{ items: unknown[] }>(`/api/v1/clients/${clientId}/counters`, { limit: 1 }).then(
        ({ items }) => items.length > 0 && onPaired(),
        () => undefined, // the banner says that the server is away
      );
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [clientId]);
  return (
    <>
      <PairCode clientId={clientId} />
      <div class="actions">
        <Button kind="primary" onClick={onSkip}>
          {t('counter.skip')}
        </Button>
      </div>
    </>
  );
}
