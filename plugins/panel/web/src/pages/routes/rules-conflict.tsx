import { routes as t } from '../../messages/routes.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Table } from '../../ui/table.tsx';
import { conditionsInWords } from './in-words.ts';
import { compared } from './rules.ts';
import type { Rule } from './types.ts';

/** Somebody saved other rules meanwhile: which ones differ, and the two ways on. */
export function RulesConflict({
  mine,
  theirs,
  onTheirs,
  onMine,
}: {
  mine: readonly Rule[];
  theirs: readonly Rule[];
  onTheirs(): void;
  onMine(): void;
}) {
  const shown = (rule: Rule | undefined) =>
    rule ? `${conditionsInWords(rule).join('; ') || t('is.always')} → ${rule.use.join(', ')}` : t('conflict.absent');
  return (
    <Dialog title={t('conflict.title')} onClose={onTheirs} isWide>
      <p>{t('conflict.text')}</p>
      <Table
        caption={t('conflict.difference')}
        rows={compared(mine, theirs)}
        keyOf={({ id }) => id}
        columns={[
          { key: 'id', label: t('conflict.rule'), show: ({ id }) => id },
          {
            key: 'theirs',
            label: t('conflict.theirs'),
            show: ({ id }) => shown(theirs.find((rule) => rule.id === id)),
          },
          { key: 'mine', label: t('conflict.mine'), show: ({ id }) => shown(mine.find((rule) => rule.id === id)) },
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
