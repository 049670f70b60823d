import { useEffect, useState } from 'preact/hooks';
import { formatShare } from '../../lib/format.ts';
import { counters as t } from '../../messages/counters.ts';
import { Meter } from '../../ui/meter.tsx';

interface Level {
  db: number;
  noiseDb: number;
  thresholdDb: number;
  probability: number | null;
  spoken: boolean;
}

/** What the server hears at a counter, for as long as somebody looks. */
export function LiveLevel({ counterId }: { counterId: string }) {
  const [level, setLevel] = useState<Level | null>(null);
  const [state, setState] = useState<{ connected: boolean; here: boolean } | null>(null);
  const [isFailed, setFailed] = useState(false);
  useEffect(() => {
    const events = new EventSource(`/api/v1/counters/${counterId}/level`);
    events.addEventListener('state', ({ data }) => {
      setState(JSON.parse(String(data)));
      setFailed(false);
    });
    events.addEventListener('level', ({ data }) => setLevel(JSON.parse(String(data))));
    // Every minute it ends and begins again by itself: that is no failure.
    events.addEventListener('error', () => setFailed(events.readyState === EventSource.CLOSED));
    return () => events.close();
  }, [counterId]);
  const isHeard = state?.connected === true && state.here;
  const shown = isHeard ? level : null;
  return (
    <div class="pair">
      <Meter
        label={t('level.label')}
        db={shown?.db ?? null}
        thresholdDb={shown?.thresholdDb ?? null}
        noiseDb={shown?.noiseDb ?? null}
      />
      <p class="hint">{t('level.legend')}</p>
      <p role="status">
        {isFailed
          ? t('level.failed')
          : state === null || isHeard
            ? shown && shown.probability !== null
              ? t('level.speech', { share: formatShare(shown.probability, 0) })
              : t('level.shut')
            : t(state.connected ? 'level.elsewhere' : 'level.away')}
      </p>
    </div>
  );
}
