import { useState } from 'preact/hooks';
import { ApiError, get, request, send } from '../../lib/api.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { can, canEverywhere, clientName, oneClient } from '../../lib/session.ts';
import { routes as t } from '../../messages/routes.ts';
import { shell } from '../../messages/shell.ts';
import { AskWhy } from '../../ui/ask-why.tsx';
import { Button } from '../../ui/button.tsx';
import { Load, Notice, tell } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { OneClient } from '../../ui/one-client.tsx';
import { Card, Page } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Drafts } from '../providers/drafts.tsx';
import type { CounterInfo, Draft, HealthInfo, ProvidersAnswer, Warned } from '../providers/types.ts';
import { Explain } from './explain.tsx';
import type { Refused } from './rule-dialog.tsx';
import { RuleList } from './rule-list.tsx';
import { refusedAt, sorted } from './rules.ts';
import { RulesConflict } from './rules-conflict.tsx';
import { Simulate } from './simulate.tsx';
import type { Rule, Rules } from './types.ts';
import '../providers/providers.css';
import './routes.css';

type Tab = 'rules' | 'explain' | 'simulate';

export default function RoutesPage() {
  const isPlatform = canEverywhere('clients.read');
  const client = oneClient.value;
  return (
    <Page title={shell('page.routes')} lead={t('lead')}>
      {client === null && isPlatform ? (
        <Routes clientId={null} />
      ) : (
        <OneClient>{(clientId) => <Routes key={clientId} clientId={clientId} />}</OneClient>
      )}
    </Page>
  );
}

interface Read {
  rules: Rule[];
  etag: string | null;
}

/** The rules of a client, or of everyone. */
function Routes({ clientId }: { clientId: string | null }) {
  const [isGlobal, setGlobal] = useState(clientId === null);
  const of = isGlobal ? null : clientId;
  const url = of === null ? '/api/v1/global/routing-rules' : `/api/v1/clients/${of}/routing-rules`;
  const read = useLoad<Read>(url, async (signal) => readRules(url, signal));
  return (
    <>
      {clientId !== null && canEverywhere('clients.read') ? (
        <div class="filters">
          <SelectField
            label={t('place')}
            value={isGlobal ? 'global' : 'client'}
            onValue={(value) => setGlobal(value === 'global')}
            options={[
              { value: 'client', label: t('place.client', { name: clientName(clientId) }) },
              { value: 'global', label: t('place.global') },
            ]}
          />
        </div>
      ) : null}
      <Load of={read} lines={6}>
        {(found) => <Editor key={`${url} ${found.etag}`} {...{ url, clientId: of, read: found }} onRead={read.set} />}
      </Load>
    </>
  );
}

async function readRules(url: string, signal?: AbortSignal): Promise<Read> {
  const { data, etag } = await request<Rules>('GET', url, { signal });
  return { rules: sorted(data.rules ?? []), etag };
}

function Editor({
  url,
  clientId,
  read,
  onRead,
}: {
  url: string;
  clientId: string | null;
  read: Read;
  onRead(read: Read): void;
}) {
  const [tab, setTab] = useState<Tab>('rules');
  const [rules, setRules] = useState<readonly Rule[]>(read.rules);
  const [etag, setEtag] = useState(read.etag);
  const [asking, setAsking] = useState<'save' | 'draft' | null>(null);
  /** Counts up when the list of drafts is to be read again. */
  const [drafted, setDrafted] = useState(0);
  const [refused, setRefused] = useState<(Refused & { index: number }) | null>(null);
  const [warnings, setWarnings] = useState<Warned[]>([]);
  const [theirs, setTheirs] = useState<Read | null>(null);
  const providers = useLoad('providers', (signal) => get<ProvidersAnswer>('/api/v1/providers', undefined, signal));
  const health = useLoad('health', (signal) =>
    get<{ items: HealthInfo[] }>('/api/v1/providers/health', undefined, signal),
  );
  const counters = useLoad(clientId === null ? null : `counters ${clientId}`, (signal) =>
    get<{ items: CounterInfo[] }>(`/api/v1/clients/${clientId}/counters`, { limit: 500 }, signal),
  );
  const isEdited = JSON.stringify(rules) !== JSON.stringify(read.rules) || etag !== read.etag;
  const change = (next: readonly Rule[]) => {
    setRules(next);
    setRefused(null);
  };
  const mayWrite = clientId === null ? canEverywhere('routing.write') : can('routing.write', clientId);
  const saving = useAction(async (why: string) => {
    try {
      if (asking === 'draft') return await keep(why);
      const { data } = await request<Rules & { warnings: Warned[] }>('PUT', url, { body: { rules, why }, etag });
      setWarnings(data.warnings);
      tell(t('saved'));
      setAsking(null);
      const now = await readRules(url);
      if (data.warnings.length === 0) onRead(now);
      else {
        setRules(now.rules);
        setEtag(now.etag);
      }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const at = refusedAt(error.field);
      if (error.status === 412) setTheirs(await readRules(url));
      else if (at && at.index < rules.length) setRefused({ ...at, message: error.message });
      else throw error;
      setAsking(null);
    }
  });
  /** What is refused is put right here, and not kept. */
  const keep = async (why: string) => {
    const { draft } = await send<{ draft: Draft }>('PUT', url, { rules, why, activate: false }, { etag });
    const [wrong] = draft.validation?.errors ?? [];
    if (draft.state === 'refused' && wrong) {
      await send('POST', `/api/v1/drafts/${encodeURIComponent(draft.id)}/discard`);
      throw new ApiError(422, wrong);
    }
    tell(t('draft.kept'));
    setAsking(null);
    change(read.rules);
    setDrafted((n) => n + 1);
  };
  return (
    <>
      <Tabs<Tab>
        label={t('tabs')}
        tabs={[
          { key: 'rules', label: t('tab.rules') },
          { key: 'explain', label: t('tab.explain') },
          { key: 'simulate', label: t('tab.simulate') },
        ]}
        current={tab}
        onChange={setTab}
      >
        <Load of={providers} lines={5}>
          {({ items, exchange }) =>
            tab === 'explain' ? (
              <Explain
                clientId={clientId}
                counters={counters.data?.items ?? []}
                all={items}
                rules={isEdited ? rules : null}
              />
            ) : tab === 'simulate' ? (
              mayWrite ? (
                <Simulate {...{ clientId, rules, exchange, isEdited }} all={items} />
              ) : (
                <Notice>{t('simulate.readOnly')}</Notice>
              )
            ) : (
              <>
                <Card title={clientId === null ? t('rules.global') : t('rules.client')}>
                  <p class="hint">{t('rules.lead')}</p>
                  {warnings.map(({ field, message }) => (
                    <Notice key={field + message} tone="warn">
                      <p>{message}</p>
                    </Notice>
                  ))}
                  <RuleList
                    {...{ rules, mayWrite, refused }}
                    all={items}
                    health={health.data?.items ?? []}
                    onRules={change}
                    onSeen={() => setRefused(null)}
                  />
                  {mayWrite ? (
                    <div class="actions">
                      <Button kind="primary" disabled={!isEdited} onClick={() => setAsking('save')}>
                        {t('write.save')}
                      </Button>
                      <Button disabled={!isEdited} onClick={() => setAsking('draft')}>
                        {t('write.draft')}
                      </Button>
                      <Button onClick={() => setTab('simulate')}>{t('rules.simulate')}</Button>
                      {isEdited ? (
                        <Button kind="quiet" onClick={() => change(read.rules)}>
                          {t('reset')}
                        </Button>
                      ) : null}
                    </div>
                  ) : (
                    <Notice>{t('readOnly')}</Notice>
                  )}
                </Card>
                <Drafts
                  key={drafted}
                  section="routing"
                  all={items}
                  clientId={clientId}
                  counters={(counters.data?.items ?? []).filter(({ status }) => status !== 'revoked')}
                  onChanged={() => void readRules(url).then(onRead)}
                  onOpen={(draft) => {
                    change(sorted(draft.changes[0]?.value?.rules ?? []));
                    tell(t('draft.opened'));
                  }}
                />
              </>
            )
          }
        </Load>
      </Tabs>
      {asking ? (
        <AskWhy
          title={t(`write.${asking}`)}
          confirmLabel={t(`write.${asking}`)}
          isBusy={saving.isBusy}
          error={saving.error}
          onConfirm={(why) => void saving.run(why)}
          onClose={() => {
            setAsking(null);
            saving.clear();
          }}
        >
          <p>{t(`write.${asking}.text`)}</p>
        </AskWhy>
      ) : null}
      {theirs ? (
        <RulesConflict
          mine={rules}
          theirs={theirs.rules}
          onTheirs={() => onRead(theirs)}
          onMine={() => {
            setEtag(theirs.etag);
            setTheirs(null);
          }}
        />
      ) : null}
    </>
  );
}
