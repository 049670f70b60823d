import { send } from '../../lib/api.ts';
import { formatAgo } from '../../lib/format.ts';
import { useAction } from '../../lib/load.ts';
import { can, clientName } from '../../lib/session.ts';
import { live as t } from '../../messages/live.ts';
import { Button } from '../../ui/button.tsx';
import { Failure, tell } from '../../ui/feedback.tsx';
import { model, now } from './store.ts';
import type { AlertShown } from './types.ts';

const MOST_SHOWN = 4;

/** What somebody should look at, until somebody says that they have. */
export function Alerts() {
  const providers = model.providers.value;
  const down = new Set(providers.map(({ address }) => `provider:${address}`));
  // What is down is said already; its alert stays to be seen once it is not.
  const alerts = model.alerts.value.filter(({ subject }) => !down.has(subject));
  if (providers.length + alerts.length === 0) return null;
  const hidden = alerts.length - MOST_SHOWN;
  return (
    <section class="live-alerts" aria-label={t('alerts.title')}>
      <ul>
        {providers.map(({ kind, address, reason }) => (
          <li key={`${kind} ${address}`} class="live-alert-bad">
            <span>{t('alerts.provider', { address, reason: reason ?? '–' })}</span>
          </li>
        ))}
        {alerts.slice(0, MOST_SHOWN).map((alert) => (
          <Alert key={alert.id} alert={alert} />
        ))}
      </ul>
      {hidden > 0 ? <p class="hint">{t('alerts.more', { n: hidden })}</p> : null}
    </section>
  );
}

function Alert({ alert }: { alert: AlertShown }) {
  const { id, clientId, at } = alert;
  const { run, isBusy, error } = useAction(() => send('POST', `/api/v1/alerts/${id}/acknowledge`, {}));
  const acknowledge = async () => {
    if (!(await run())) return;
    model.take('alert', { ...alert, isOpen: false });
    tell(t('alerts.acknowledged'));
  };
  return (
    <li class="live-alert-warn">
      <span>{t('alerts.at', { what: alertText(alert), ago: formatAgo(at, now.value) })}</span>
      {can('reviews.write', clientId) ? (
        <Button kind="quiet" isSmall isBusy={isBusy} onClick={() => void acknowledge()}>
          {t('alerts.acknowledge')}
        </Button>
      ) : null}
      {error ? <Failure error={error} /> : null}
    </li>
  );
}

/** What an alert is about, with whose it is. */
export function alertText({ kind, subject, clientId }: AlertShown): string {
  const what = t.of(`alert.${kind}`, t('alert.other', { kind }));
  const counter = subject.startsWith('counter:') ? model.get(subject.slice('counter:'.length))?.name.value : undefined;
  const provider = subject.startsWith('provider:') ? subject.slice('provider:'.length) : undefined;
  return [what, counter ?? provider, clientId === null ? undefined : clientName(clientId)].filter(Boolean).join(' · ');
}
