import { useEffect, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { get } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { virtual as t } from '../../messages/virtual.ts';
import { Button } from '../../ui/button.tsx';
import { Load, Notice } from '../../ui/feedback.tsx';
import { Meter } from '../../ui/meter.tsx';
import { Card } from '../../ui/page.tsx';
import type { Chosen } from '../providers/types.ts';
import { Heard } from './heard-list.tsx';
import { VirtualSession } from './session.ts';
import { Suggestion } from './suggestion.tsx';
import { TryDraft } from './try-draft.tsx';
import { TryProvider } from './try-provider.tsx';
import './virtual.css';

/** The counter that this browser is, for one client. `onCard`: a suggestion was shown. */
export function VirtualCounter({ clientId, onCard }: { clientId: string; onCard?: () => void }) {
  const [session] = useState(() => new VirtualSession(clientId));
  const chosen = useLoad(`virtual ${clientId}`, async (signal) => {
    const url = `/api/v1/clients/${clientId}/providers`;
    const [stt, llm] = await Promise.all(
      ['stt', 'llm'].map((kind) => get<Chosen>(`${url}/${kind}`, undefined, signal)),
    );
    return { stt: stt?.use ?? [], llm: llm?.use ?? [] };
  });
  useEffect(() => {
    const leave = () => void session.end();
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }, []);
  const card = session.card.value;
  useEffect(() => {
    if (card) onCard?.();
  }, [card]);
  return (
    <Load of={chosen}>
      {({ stt, llm }) =>
        stt.some(({ usable }) => usable) ? (
          <>
            {llm.some(({ usable }) => usable) ? null : <Notice>{t('model.none')}</Notice>}
            <div class="virtual">
              <div>
                <Talk session={session} />
                <Card title={t('heard.title')}>
                  <Heard lines={session.lines.value} providers={stt} />
                </Card>
              </div>
              <div>
                <Suggestion session={session} />
                <TryProvider counterId={session.counterId.value} usual={stt} />
                <TryDraft clientId={clientId} counterId={session.counterId.value} />
              </div>
            </div>
          </>
        ) : (
          <Notice tone="warn" title={t('key.title')}>
            <p>{t('key.none')}</p>
            <Link href="/provedores" class="button primary">
              {t('key.go')}
            </Link>
          </Notice>
        )
      }
    </Load>
  );
}

function Talk({ session }: { session: VirtualSession }) {
  const state = session.state.value;
  const fault = session.fault.value;
  return (
    <Card>
      <div class="talk-card">
        <p class="hint">{t('talk.hint')}</p>
        <div class="talk-row">
          {state === 'listening' ? (
            <Button kind="danger" onClick={() => session.stop()}>
              {t('talk.stop')}
            </Button>
          ) : (
            <Button
              kind="primary"
              isBusy={state === 'opening' || state === 'finishing'}
              onClick={() => void session.talk()}
            >
              {t('talk.start')}
            </Button>
          )}
          <span class="talk-state" role="status">
            <span class={`talk-dot${state === 'listening' ? ' on' : ''}`} aria-hidden="true" />
            {t(`state.${state}`)}
          </span>
          {state === 'ready' ? (
            <Button kind="quiet" onClick={() => void session.end()}>
              {t('talk.end')}
            </Button>
          ) : null}
        </div>
        <MicrophoneMeter session={session} />
        {fault ? (
          <Notice tone="bad" title={t('fault.title')}>
            <p>{t(`fault.${fault.key}` as 'fault.server', paramsOf(fault) as { message: string })}</p>
          </Notice>
        ) : null}
        {session.news.value ? (
          <Notice tone="warn" title={t('news.title')}>
            {session.news.value}
          </Notice>
        ) : null}
      </div>
    </Card>
  );
}

/** What a fault's text is filled with. */
function paramsOf(fault: object): Record<string, string | number> {
  const { key: _key, ...params } = fault as { key: string } & Record<string, string | number>;
  return params;
}

function MicrophoneMeter({ session }: { session: VirtualSession }) {
  const microphone = session.microphone.value;
  const [db, setDb] = useState<number | null>(null);
  useEffect(() => {
    if (!microphone) {
      setDb(null);
      return;
    }
    const timer = setInterval(() => setDb(microphone.level()), 90);
    return () => clearInterval(timer);
  }, [microphone]);
  return <Meter label={t('level.label')} db={db} />;
}
