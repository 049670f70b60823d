import { useEffect, useState } from 'preact/hooks';
import { get, send } from '../../lib/api.ts';
import { formatMoment, formatNumber } from '../../lib/format.ts';
import { useList } from '../../lib/list.ts';
import { useAction, useLoad } from '../../lib/load.ts';
import { actorText, usePeople } from '../../lib/people.ts';
import { can } from '../../lib/session.ts';
import { catalogue as t } from '../../messages/catalogue.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Empty, Failure, Load, tell } from '../../ui/feedback.tsx';
import { Card } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { ImportForm } from './import-form.tsx';
import { ImportResult } from './import-result.tsx';
import type { Import } from './types.ts';

/** States that something else follows by itself. */
export const UNDER_WAY: ReadonlySet<string> = new Set(['lendo', 'ativando', 'desfazendo']);
/** How often an import under way is asked about. */
const ASK_MS = 700;

/** A file is tried, imported, and can be taken out again. */
export function Imports({ clientId }: { clientId: string }) {
  const path = `/api/v1/clients/${encodeURIComponent(clientId)}/catalogue/imports`;
  const mayWrite = can('lists.write', clientId);
  const [current, setCurrent] = useState<number | null>(null);
  const [turn, setTurn] = useState(0);
  usePeople();
  const [undoing, setUndoing] = useState<Import | null>(null);
  const list = useList<Import>(path, {}, turn);
  const shown = useLoad(current === null ? null : `${path}/${current}`, (signal) =>
    get<Import>(`${path}/${current}`, undefined, signal),
  );
  const isUnderWay = shown.data !== undefined && UNDER_WAY.has(shown.data.state);
  useEffect(() => {
    if (!isUnderWay) {
      if (shown.data) setTurn((before) => before + 1);
      return;
    }
    const ask = setInterval(shown.reload, ASK_MS);
    return () => clearInterval(ask);
    // An undo may be over before it is asked about: the state itself changes then, not that it is under way.
  }, [isUnderWay, shown.data?.id, shown.data?.state]);
  const undo = useAction(async (each: Import) => {
    await send('POST', `${path}/${each.id}/undo`);
    tell(t('import.undone'), 'info');
    setUndoing(null);
    setCurrent(each.id);
    shown.reload();
  });
  return (
    <>
      {mayWrite ? <ImportForm path={path} onBegun={(begun) => setCurrent(begun.id)} isBusy={isUnderWay} /> : null}
      {current === null ? null : <Load of={shown}>{(one) => <ImportResult of={one} path={path} />}</Load>}
      <Card title={t('import.history')}>
        {list.error ? <Failure error={list.error} /> : null}
        <Load
          of={list.of}
          isEmpty={({ items }) => items.length === 0}
          empty={<Empty title={t('import.history.none')} />}
        >
          {({ items }) => (
            <Table
              caption={t('import.history')}
              rows={items}
              keyOf={({ id }) => String(id)}
              columns={columns((each) => setCurrent(each.id), mayWrite ? setUndoing : null)}
              onMore={list.more}
              isLoadingMore={list.isLoadingMore}
            />
          )}
        </Load>
      </Card>
      {undoing ? (
        <Confirm
          title={t('import.undo.title')}
          confirmLabel={t('import.undo')}
          isBusy={undo.isBusy}
          error={undo.error}
          onConfirm={() => void undo.run(undoing)}
          onClose={() => setUndoing(null)}
        >
          <p>{t('import.undo.text', { name: undoing.fileName })}</p>
        </Confirm>
      ) : null}
    </>
  );
}

function columns(see: (each: Import) => void, undo: ((each: Import) => void) | null): Column<Import>[] {
  return [
    { key: 'file', label: t('import.file'), show: ({ fileName }) => fileName },
    { key: 'at', label: t('import.at'), show: ({ createdAt }) => formatMoment(createdAt) },
    { key: 'by', label: t('import.by'), show: ({ author }) => actorText(author), isExtra: true },
    { key: 'added', label: t('import.added'), show: ({ added }) => formatNumber(added), isNumber: true, isExtra: true },
    {
      key: 'errors',
      label: t('import.errors'),
      show: ({ errors }) => formatNumber(errors),
      isNumber: true,
      isExtra: true,
    },
    { key: 'state', label: t('import.stateLabel'), show: ({ state }) => <ImportState state={state} /> },
    {
      key: 'action',
      label: t('import.action'),
      show: (each) => (
        <div class="actions">
          <Button
            isSmall
            kind="quiet"
            aria-label={t('import.seeOf', { name: each.fileName })}
            onClick={() => see(each)}
          >
            {t('import.see')}
          </Button>
          {undo && each.canUndo ? (
            <Button isSmall aria-label={t('import.undoOf', { name: each.fileName })} onClick={() => undo(each)}>
              {t('import.undo')}
            </Button>
          ) : null}
        </div>
      ),
    },
  ];
}

const TONES: Record<string, 'good' | 'bad' | 'info' | 'plain'> = {
  concluida: 'good',
  conferida: 'info',
  recusada: 'bad',
  falhou: 'bad',
};

/** In what state an import is. */
export function ImportState({ state }: { state: string }) {
  return <Badge tone={TONES[state] ?? 'plain'}>{t.of(`import.state.${state}`, state)}</Badge>;
}
