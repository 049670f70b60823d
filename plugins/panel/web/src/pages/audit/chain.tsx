import { useState } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { formatClock, formatMoment } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { audit as t } from '../../messages/audit.ts';
import { Button } from '../../ui/button.tsx';
import { Load, Notice } from '../../ui/feedback.tsx';
import { Card } from '../../ui/page.tsx';
import { type ChainReport, woundsOf } from './wounds.ts';

/** Whether anybody touched the audit, and where. */
export function Chain() {
  const [turn, setTurn] = useState(0);
  const chain = useLoad(`chain ${turn}`, (signal) =>
    get<ChainReport>('/api/v1/audit/chain', { again: turn > 0 }, signal),
  );
  return (
    <Card
      title={t('chain.title')}
      actions={
        <Button isBusy={chain.isLoading} onClick={() => setTurn((before) => before + 1)}>
          {t('chain.again')}
        </Button>
      }
    >
      {chain.isLoading && chain.data === undefined ? <p class="hint">{t('chain.checking')}</p> : null}
      <Load of={chain} lines={2}>
        {(report) => (
          <>
            <Notice
              tone={report.ok ? 'good' : 'bad'}
              title={report.ok ? t('chain.ok', { n: report.rows }) : t('chain.bad')}
            >
              <ul class="audit-wounds">
                {woundsOf(report).map((wound) => (
                  <li key={wound}>{wound}</li>
                ))}
                {report.retired ? (
                  <li>{t('retired', { n: report.retired.rows, date: formatMoment(report.retired.newestAt) })}</li>
                ) : null}
                {report.restores.map(({ seq, at }) => (
                  <li key={seq}>{t('restored', { seq: String(seq), date: formatMoment(at) })}</li>
                ))}
              </ul>
              <p class="hint">{t('chain.at', { time: formatClock(report.checkedAt) })}</p>
            </Notice>
            {report.end ? (
              <p class="hint">
                {t('chain.end')} <code>{`${report.end.seq}:${report.end.hash}`}</code>
              </p>
            ) : null}
          </>
        )}
      </Load>
    </Card>
  );
}
