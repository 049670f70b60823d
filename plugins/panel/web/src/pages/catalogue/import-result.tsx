import { formatNumber } from '../../lib/format.ts';
import { useList } from '../../lib/list.ts';
import { catalogue as t } from '../../messages/catalogue.ts';
import { Failure, Load, Notice } from '../../ui/feedback.tsx';
import { Card, Stat } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { ImportState, UNDER_WAY } from './imports.tsx';
import type { Import, Issue } from './types.ts';

/** What became of one import, and every row that has something to say. */
export function ImportResult({ of: one, path }: { of: Import; path: string }) {
  const isOver = !UNDER_WAY.has(one.state);
  const issues = useList<Issue>(isOver ? `${path}/${one.id}/issues` : null);
  const figures = (['read', 'valid', 'added', 'changed', 'same', 'errors'] as const).map((key) => (
    <Stat key={key} label={t(`import.${key}`)} value={formatNumber(one[key])} />
  ));
  return (
    <Card
      title={one.fileName}
      actions={
        <>
          <ImportState state={one.state} />
          {isOver ? (
            <a class="button small" href={`${path}/${one.id}/report.csv`} download>
              {t('import.report')}
            </a>
          ) : null}
        </>
      }
    >
      {isOver ? null : <p role="status">{t('import.progress', { read: one.read, valid: one.valid })}</p>}
      {one.dryRun && isOver && !one.failure ? <Notice>{t('import.dry')}</Notice> : null}
      {one.failure ? (
        <Notice tone="bad" title={t.of(`import.state.${one.state}`, one.state)}>
          <p>{one.failure.message}</p>
        </Notice>
      ) : null}
      <div class="stats">{figures}</div>
      {isOver ? (
        <>
          <h3>{t('import.issues')}</h3>
          {issues.error ? <Failure error={issues.error} /> : null}
          <Load
            of={issues.of}
            isEmpty={({ items }) => items.length === 0}
            empty={<p class="hint">{t('import.issues.none')}</p>}
          >
            {({ items }) => (
              <Table
                caption={t('import.issues')}
                rows={items}
                keyOf={({ order }) => String(order)}
                columns={COLUMNS}
                onMore={issues.more}
                isLoadingMore={issues.isLoadingMore}
              />
            )}
          </Load>
        </>
      ) : null}
    </Card>
  );
}

const COLUMNS: Column<Issue>[] = [
  { key: 'row', label: t('import.row'), show: ({ row }) => formatNumber(row), isNumber: true },
  { key: 'column', label: t('import.column'), show: ({ column }) => column ?? '–', isExtra: true },
  { key: 'item', label: t('import.item'), show: ({ item }) => item ?? '–', isExtra: true },
  { key: 'message', label: t('import.message'), show: ({ message }) => message },
  {
    key: 'kept',
    label: t('import.kept'),
    show: ({ kept, rule }) => (kept === null ? '–' : `${t(kept ? 'yes' : 'no')}${rule ? ` · ${rule}` : ''}`),
  },
];
