import { useActors } from '../../lib/actors.ts';
import { get } from '../../lib/api.ts';
import { formatMoment } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { providers as t } from '../../messages/providers.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Load } from '../../ui/feedback.tsx';
import { Table } from '../../ui/table.tsx';
import { nameOf } from './names.ts';
import { differences } from './order.ts';
import type { Chosen, Place, ProviderInfo, Version } from './types.ts';

/** Somebody changed the same list meanwhile: who, what differs, and the two ways on. */
export function Conflict({
  all,
  mine,
  theirs,
  place,
  clientId,
  onTheirs,
  onMine,
}: {
  all: readonly ProviderInfo[];
  mine: readonly string[];
  theirs: Chosen;
  place: Place;
  clientId: string | null;
  /** Take what is in force. */
  onTheirs(): void;
  /** Keep the own order, on top of what is in force now. */
  onMine(): void;
}) {
  const actorName = useActors();
  const section = `providers.${theirs.kind}`;
  const versions = useLoad(`${section} ${theirs.version}`, (signal) =>
    get<{ items: Version[] }>('/api/v1/versions', { limit: 20, clientId }, signal),
  );
  const isHere = (change: Version['changes'][number]) =>
    change.section === section && (place.kind !== 'counter' || change.counterId === place.id);
  return (
    <Dialog title={t('conflict.title')} onClose={onTheirs} isWide>
      <p>{t('conflict.text')}</p>
      <Load of={versions} lines={1}>
        {({ items }) => {
          const last = items.find(({ changes }) => changes.some(isHere));
          return last ? (
            <p class="hint">
              {t('conflict.who', {
                who: actorName(last.actor),
                at: formatMoment(last.at),
                why: last.why ?? t('conflict.noWhy'),
              })}
            </p>
          ) : null;
        }}
      </Load>
      <Table
        caption={t('conflict.difference')}
        rows={differences(
          mine,
          theirs.use.map(({ address }) => address),
        ).map((row, at) => ({ ...row, at }))}
        keyOf={({ at }) => String(at)}
        columns={[
          { key: 'theirs', label: t('conflict.theirs'), show: (row) => nameOf(all, row.theirs || null) },
          { key: 'mine', label: t('conflict.mine'), show: (row) => nameOf(all, row.mine || null) },
        ]}
      />
      <div class="actions">
        <Button onClick={onTheirs}>{t('conflict.takeTheirs')}</Button>
        <Button kind="primary" onClick={onMine}>
          {t('conflict.takeMine')}
        </Button>
      </div>
    </Dialog>
  );
}
