import { get } from '../../lib/api.ts';
import { formatBytes, formatClock, formatMoment, formatNumber } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { health as t } from '../../messages/health.ts';
import { Badge } from '../../ui/badge.tsx';
import { Empty, Load, type Tone } from '../../ui/feedback.tsx';
import { Card } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import type { Figures, Processes, ProviderHealth } from './types.ts';

type Process = Processes['processes'][number];

/** Every process of this installation, and which configuration it applies. */
export function ProcessTable({ turn, own }: { turn: number; own: Figures['process'] | undefined }) {
  const status = useLoad(`processes ${turn}`, (signal) => get<Processes>('/api/v1/config/status', undefined, signal));
  return (
    <Card title={t('processes.title')}>
      <Load of={status}>
        {({ processes }) => (
          <Table
            caption={t('processes.title')}
            rows={processes}
            keyOf={({ host, pid }) => `${host} ${pid}`}
            columns={PROCESS}
          />
        )}
      </Load>
      {own ? (
        <p class="hint">
          {t('processes.own', {
            memory: formatBytes(own.memoryBytes),
            node: own.node,
            counters: t('processes.counters', { n: own.counters }),
          })}
        </p>
      ) : null}
    </Card>
  );
}

const PROCESS: Column<Process>[] = [
  {
    key: 'name',
    label: t('processes.process'),
    show: ({ host, pid }) => t('processes.name', { host, pid: String(pid) }),
  },
  { key: 'version', label: t('processes.version'), show: ({ version }) => formatNumber(version), isNumber: true },
  {
    key: 'sessions',
    label: t('processes.sessions'),
    show: ({ sessions }) => formatNumber(Object.values(sessions).reduce((sum, count) => sum + count, 0)),
    isNumber: true,
  },
  { key: 'since', label: t('processes.since'), show: ({ startedAt }) => formatMoment(startedAt), isExtra: true },
  {
    key: 'state',
    label: t('processes.state'),
    show: ({ stale }) => (
      <Badge tone={stale ? 'warn' : 'good'}>{t(stale ? 'processes.stale' : 'processes.fresh')}</Badge>
    ),
  },
];

/** Who is called, and who rests. */
export function ProviderTable({ turn }: { turn: number }) {
  const health = useLoad(`providers ${turn}`, (signal) =>
    get<{ items: ProviderHealth[] }>('/api/v1/providers/health', undefined, signal),
  );
  return (
    <Card title={t('providers.title')}>
      <Load
        of={health}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <Empty title={t('providers.none')}>
            <p>{t('providers.none.text')}</p>
          </Empty>
        }
      >
        {({ items }) => (
          <Table
            caption={t('providers.title')}
            rows={items}
            keyOf={({ address, model, credential }) => `${address} ${model} ${credential}`}
            columns={PROVIDER}
          />
        )}
      </Load>
    </Card>
  );
}

const PROVIDER: Column<ProviderHealth>[] = [
  { key: 'address', label: t('providers.provider'), show: ({ address }) => address },
  {
    key: 'model',
    label: t('providers.model'),
    show: ({ model, credential }) => `${model} · ${credential}`,
    isExtra: true,
  },
  {
    key: 'state',
    label: t('providers.state'),
    show: ({ state, degraded, until }) => (
      <>
        <Badge tone={toneOf(state, degraded)}>
          {degraded ? t('providers.degraded') : t.of(`providers.state.${state}`, state)}
        </Badge>
        {until ? <span class="hint"> {t('providers.until', { time: formatClock(until) })}</span> : null}
      </>
    ),
  },
  {
    key: 'window',
    label: t('providers.window'),
    show: ({ window: { attempts, failed } }) => t('providers.attempts', { failed, attempts }),
    isExtra: true,
  },
  {
    key: 'error',
    label: t('providers.error'),
    show: ({ lastError, lastErrorAt }) => (lastError ? `${lastError} · ${formatClock(lastErrorAt)}` : '–'),
  },
];

function toneOf(state: string, degraded: boolean): Tone {
  if (degraded) return 'warn';
  if (state === 'closed') return 'good';
  return state === 'open' ? 'bad' : 'warn';
}
