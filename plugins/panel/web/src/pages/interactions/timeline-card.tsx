import { formatDuration } from '../../lib/format.ts';
import { interactions as t } from '../../messages/interactions.ts';
import { Card } from '../../ui/page.tsx';
import { barsOf, placed } from './timeline.ts';
import type { Detailed } from './types.ts';

/** Where the time went: all of it in one bar, then each step and each attempt on one line of time. */
export function Timeline({ row }: { row: Detailed }) {
  const bars = placed(barsOf(row));
  return (
    <Card title={t('time.title')}>
      {bars.length === 0 ? (
        <p>{t('time.none')}</p>
      ) : (
        <>
          <p>{t('time.total', { total: formatDuration(Math.max(...bars.map(endOf))) })}</p>
          <p class="hint">{t('time.lead')}</p>
          <ul class="ix-gantt" aria-label={t('time.title')}>
            {bars.map((bar) => (
              <li key={bar.key}>
                <span class={`ix-gantt-name ${bar.kind}`} aria-hidden="true">
                  {nameOf(bar)}
                </span>
                <span class="ix-gantt-track" aria-hidden="true">
                  <span
                    class={`${bar.kind} ${bar.outcome ?? ''} stage-${bar.kind === 'stage' ? bar.name : ''}`}
                    style={{ left: `${bar.left * 100}%`, width: `${bar.width * 100}%` }}
                  />
                </span>
                <span class="ix-gantt-time" aria-hidden="true">
                  {formatDuration(bar.durationMs)}
                </span>
                <span class="sr-only">{spoken(bar)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

function endOf({ startMs, durationMs }: { startMs: number; durationMs: number }): number {
  return startMs + durationMs;
}

function nameOf({ kind, name }: { kind: string; name: string }): string {
  return kind === 'stage' ? t.of(`stage.${name}`, name) : name;
}

function spoken(bar: ReturnType<typeof barsOf>[number]): string {
  const said = { name: nameOf(bar), start: formatDuration(bar.startMs), duration: formatDuration(bar.durationMs) };
  if (bar.outcome === null) return t('time.bar', said);
  return t('time.bar.outcome', { ...said, outcome: t.of(`outcome.${bar.outcome}`, bar.outcome) });
}
