import { useEffect, useState } from 'preact/hooks';
import { Link, useSearch } from 'wouter-preact';
import { get, send } from '../../lib/api.ts';
import { formatMoment } from '../../lib/format.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { can } from '../../lib/session.ts';
import { virtual as t } from '../../messages/virtual.ts';
import { Failure, Notice, tell } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import type { Draft } from '../providers/types.ts';

/** A draft of routing rules in force at this counter only; the page of the rules leads here with one in `rascunho`. */
export function TryDraft({ clientId, counterId }: { clientId: string; counterId: string | null }) {
  const asked = new URLSearchParams(useSearch()).get('rascunho');
  const [chosen, setChosen] = useState(asked ?? '');
  const isAllowed = can('routing.write', clientId);
  const drafts = useLoad(isAllowed ? `virtual drafts ${clientId}` : null, (signal) =>
    get<{ items: Draft[] }>('/api/v1/drafts', { clientId, limit: 50 }, signal),
  );
  const items = (drafts.data?.items ?? []).filter(
    ({ state, changes, canary }) =>
      state === 'valid' &&
      changes.every(({ section }) => section === 'routing') &&
      (canary === null || isAt({ canary }, counterId)),
  );
  const held = items.find((draft) => isAt(draft, counterId))?.id ?? '';
  const trying = useAction(async (wanted: string) => {
    if (held !== '') await send('DELETE', canaryOf(held), { why: t('try.why') });
    if (wanted !== '') await send('POST', canaryOf(wanted), { counterIds: [counterId], why: t('try.why') });
    tell(t('try.done'));
    drafts.reload();
  });
  const isKnown = drafts.data !== undefined;
  // The counter is there, and so are the drafts: what was chosen before holds now, what was left from before goes.
  useEffect(() => {
    if (counterId !== null && isKnown && chosen !== held) void trying.run(chosen);
  }, [counterId, isKnown]);
  if (!isAllowed || (items.length === 0 && chosen === '')) return null;
  return (
    <Card title={t('draft.title')}>
      <SelectField
        label={t('draft.label')}
        hint={t('draft.hint')}
        value={chosen}
        isDisabled={trying.isBusy}
        onValue={(id) => {
          setChosen(id);
          if (counterId !== null) void trying.run(id);
        }}
        options={[
          { value: '', label: t('draft.usual') },
          ...items.map(({ id, changes, createdAt }) => ({
            value: id,
            label: t('draft.one', { rules: rulesOf(changes), at: formatMoment(createdAt) }),
          })),
        ]}
      />
      {chosen !== '' && counterId === null ? <Notice>{t('draft.waiting')}</Notice> : null}
      {held !== '' ? <Notice tone="info">{t('draft.on')}</Notice> : null}
      {trying.error ? <Failure error={trying.error} /> : null}
      <p>
        <Link href="/rotas">{t('draft.back')}</Link>
      </p>
    </Card>
  );
}

function isAt({ canary }: Pick<Draft, 'canary'>, counterId: string | null): boolean {
  return counterId !== null && canary?.counterIds.includes(counterId) === true;
}

function canaryOf(draftId: string): string {
  return `/api/v1/drafts/${encodeURIComponent(draftId)}/canary`;
}

function rulesOf(changes: Draft['changes']): string {
  return changes
    .flatMap(({ value }) => value?.rules ?? [])
    .map(({ id, title }) => title ?? id)
    .join(', ');
}
