import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { type ActorNames, useActors } from '../../lib/actors.ts';
import { get, send } from '../../lib/api.ts';
import { formatMoment, formatNumber } from '../../lib/format.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { can, canEverywhere } from '../../lib/session.ts';
import { providers as t } from '../../messages/providers.ts';
import { AskWhy } from '../../ui/ask-why.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty, Load, tell } from '../../ui/feedback.tsx';
import { CheckField, NumberField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import { changeInWords } from './names.ts';
import { Warnings } from './preview.tsx';
import type { CounterInfo, Draft, ProviderInfo } from './types.ts';

type Step = 'canary' | 'endCanary' | 'activate' | 'discard';

/** Drafts that are not in force for all: kept, or tried at some counters. */
export function Drafts({
  all,
  clientId,
  counters,
  onChanged,
  section,
  onOpen,
}: {
  all: readonly ProviderInfo[];
  clientId: string | null;
  counters: readonly CounterInfo[];
  onChanged(): void;
  /** Only drafts of this section. */
  section?: 'routing';
  /** Takes a draft to where it can be edited. */
  onOpen?(draft: Draft): void;
}) {
  const drafts = useLoad(`drafts ${clientId}`, (signal) =>
    get<{ items: Draft[] }>('/api/v1/drafts', { clientId, limit: 50 }, signal),
  );
  const [asked, setAsked] = useState<{ step: Step; draft: Draft } | null>(null);
  const nameOf = useActors();
  const [percent, setPercent] = useState<number | null>(20);
  const [named, setNamed] = useState<readonly string[]>([]);
  const doing = useAction(async ({ step, draft }: { step: Step; draft: Draft }, why: string) => {
    const url = `/api/v1/drafts/${encodeURIComponent(draft.id)}`;
    const where = named.length > 0 ? { counterIds: named } : { share: (percent ?? 20) / 100 };
    if (step === 'canary') await send('POST', `${url}/canary`, { ...where, why });
    else if (step === 'endCanary') await send('DELETE', `${url}/canary`, { why });
    else if (step === 'activate') await send('POST', `${url}/activate`, { why });
    else await send('POST', `${url}/discard`);
    setAsked(null);
    setNamed([]);
    tell(t(`draft.done.${step}`));
    drafts.reload();
    onChanged();
  });
  const may = ({ changes }: Draft) =>
    changes.every((change) => {
      const needed = change.section === 'routing' ? 'routing.write' : 'providers.write';
      return clientId === null ? canEverywhere(needed) : can(needed, clientId);
    });
  const waiting = (items: readonly Draft[]) =>
    items.filter(
      (draft) =>
        ['open', 'valid', 'refused'].includes(draft.state) &&
        draft.clientId === clientId &&
        draft.changes.length > 0 &&
        (section === undefined || draft.changes.every((change) => change.section === section)),
    );
  return (
    <Card title={t('drafts.title')}>
      <p class="hint">{t('drafts.lead')}</p>
      <Load
        of={drafts}
        isEmpty={({ items }) => waiting(items).length === 0}
        empty={
          <Empty title={t('drafts.none')}>
            <p>{section === 'routing' ? t('drafts.none.rules') : t('drafts.none.text')}</p>
          </Empty>
        }
      >
        {({ items }) => (
          <ul class="providers-drafts">
            {waiting(items).map((draft) => (
              <li key={draft.id}>
                <DraftItem {...{ all, draft, counters, nameOf }} />
                {may(draft) ? (
                  <div class="actions">
                    {onOpen ? <Button onClick={() => onOpen(draft)}>{t('draft.open')}</Button> : null}
                    {isTriable(draft) ? (
                      <>
                        <Button onClick={() => setAsked({ step: 'canary', draft })}>{t('draft.canary')}</Button>
                        {clientId !== null && isOfRules(draft) && can('counters.write', clientId) ? (
                          <Link href={`/balcao-virtual?rascunho=${encodeURIComponent(draft.id)}`} class="button">
                            {t('draft.virtual')}
                          </Link>
                        ) : null}
                      </>
                    ) : null}
                    {draft.canary ? (
                      <Button onClick={() => setAsked({ step: 'endCanary', draft })}>{t('draft.endCanary')}</Button>
                    ) : null}
                    {draft.state === 'valid' ? (
                      <Button kind="primary" onClick={() => setAsked({ step: 'activate', draft })}>
                        {t('draft.activate')}
                      </Button>
                    ) : null}
                    <Button kind="quiet" onClick={() => setAsked({ step: 'discard', draft })}>
                      {t('draft.discard')}
                    </Button>
                  </div>
                ) : null}
              </li>
            ))}
          </ul>
        )}
      </Load>
      {asked ? (
        <AskWhy
          title={t(`draft.ask.${asked.step}`)}
          confirmLabel={t(`draft.${asked.step}`)}
          kind={asked.step === 'discard' ? 'danger' : 'primary'}
          isBusy={doing.isBusy}
          error={doing.error}
          onConfirm={(why) => void doing.run(asked, why)}
          onClose={() => {
            setAsked(null);
            setNamed([]);
            doing.clear();
          }}
        >
          <p>{t(`draft.ask.${asked.step}.text`)}</p>
          {asked.step === 'canary' && counters.length > 0 ? (
            <fieldset>
              <legend>{t('draft.counters')}</legend>
              {counters.map(({ id, name }) => (
                <CheckField
                  key={id}
                  label={name}
                  isChecked={named.includes(id)}
                  onChecked={(isOn) => setNamed(isOn ? [...named, id] : named.filter((each) => each !== id))}
                />
              ))}
            </fieldset>
          ) : null}
          {asked.step === 'canary' && named.length === 0 ? (
            <NumberField
              label={t('draft.share')}
              unit="%"
              hint={t('draft.share.hint')}
              min={1}
              max={100}
              step={1}
              value={percent}
              onValue={setPercent}
            />
          ) : null}
        </AskWhy>
      ) : null}
    </Card>
  );
}

function isOfRules({ changes }: Draft): boolean {
  return changes.every(({ section }) => section === 'routing');
}

/** Providers of one client, and rules of anyone, may be tried at counters first. */
function isTriable(draft: Draft): boolean {
  const { state, canary, clientId, counterId } = draft;
  return state === 'valid' && canary === null && counterId === null && (clientId !== null || isOfRules(draft));
}

function DraftItem({
  all,
  draft,
  counters,
  nameOf,
}: {
  all: readonly ProviderInfo[];
  draft: Draft;
  counters: readonly CounterInfo[];
  nameOf: ActorNames;
}) {
  const { changes, canary, author, createdAt, state, validation } = draft;
  const counterName = (id: string) => counters.find((each) => each.id === id)?.name ?? id;
  return (
    <div class="providers-draft">
      {changes.map((change) => (
        <strong key={`${change.counterId} ${change.section}`}>
          {changeInWords(all, { section: change.section, after: change.value })}
        </strong>
      ))}
      <p class="providers-badges">
        <Badge tone={state === 'refused' ? 'bad' : 'plain'}>{t.of(`draft.state.${state}`, state)}</Badge>
        {canary ? (
          <Badge tone="info">{t('draft.tried', { n: canary.counterIds.length, of: formatNumber(canary.of) })}</Badge>
        ) : null}
      </p>
      {canary ? (
        <p class="hint">
          {t('draft.triedAt', { counters: canary.counterIds.map(counterName).join(', '), at: formatMoment(canary.at) })}
        </p>
      ) : null}
      <p class="hint">{t('draft.by', { who: nameOf(author), at: formatMoment(createdAt) })}</p>
      <Warnings errors={validation?.errors ?? []} warnings={validation?.warnings ?? []} />
    </div>
  );
}
