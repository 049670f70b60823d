import { useState } from 'preact/hooks';
import { get } from '../../lib/api.ts';
import { formatDate, formatNumber } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { catalogue as t } from '../../messages/catalogue.ts';
import { Badge } from '../../ui/badge.tsx';
import { Load, Notice } from '../../ui/feedback.tsx';
import { TextField } from '../../ui/field.tsx';
import { Card, Stat } from '../../ui/page.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { matchesLine } from './match.ts';
import type { Otc, OtcGroup, OtcLine } from './types.ts';

/** What may be offered over the counter today, with the sources that say so. */
export function OtcListView({ clientId }: { clientId: string }) {
  const [text, setText] = useState('');
  const list = useLoad(`otc ${clientId}`, (signal) =>
    get<Otc>(`/api/v1/clients/${encodeURIComponent(clientId)}/otc`, undefined, signal),
  );
  return (
    <Load of={list} lines={8}>
      {({ version, today, readable, lines, groups, never }) => (
        <>
          <Notice tone="warn">{t('list.review')}</Notice>
          {readable ? null : <Notice tone="bad">{t('list.unreadable')}</Notice>}
          <div class="stats">
            <Stat label={t('list.version')} value={version} />
            <Stat label={t('list.today')} value={day(today)} />
            <Stat label={t('list.count')} value={formatNumber(lines.filter(({ inForce }) => inForce).length)} />
            <Stat
              label={t('list.checked')}
              value={t('list.checkedOf', {
                checked: lines.filter(({ checked }) => checked).length,
                all: lines.length,
              })}
            />
          </div>
          <Card title={t('list.medicines')}>
            <div class="filters">
              <TextField label={t('list.search')} type="search" value={text} onValue={setText} />
            </div>
            <Table
              caption={t('list.medicines')}
              rows={lines.filter((line) => matchesLine(line, text))}
              keyOf={({ rule }) => rule}
              columns={LINES}
            />
          </Card>
          <Card title={t('list.groups')}>
            <Table caption={t('list.groups')} rows={groups} keyOf={({ rule }) => rule} columns={GROUPS} />
          </Card>
          <Card title={t('list.never')}>
            <Table
              caption={t('list.never')}
              rows={never}
              keyOf={({ rule, what }) => `${rule} ${what}`}
              columns={[
                { key: 'what', label: t('list.never.what'), show: ({ what }) => what.replaceAll('_', ' ') },
                { key: 'why', label: t('list.never.why'), show: ({ reason }) => reason },
              ]}
            />
          </Card>
        </>
      )}
    </Load>
  );
}

/** A day of the list, which has no hour and no zone. */
function day(iso: string): string {
  return formatDate(`${iso}T12:00:00-03:00`);
}

const LINES: Column<OtcLine>[] = [
  {
    key: 'substance',
    label: t('list.substance'),
    show: ({ substances, rule, checked, inForce, restrictedBy }) => (
      <>
        {substances
          .map(({ name, upTo }) => (upTo ? `${name} ${formatNumber(upTo.value, 3)} ${upTo.unit}` : name))
          .join(' + ')}
        <span class="hint catalogue-block">{rule}</span>
        {checked ? null : <Badge tone="warn">{t('list.unchecked')}</Badge>}
        {inForce ? null : <Badge>{t('list.over')}</Badge>}
        {restrictedBy.length > 0 ? <Badge tone="info">{t('list.restricted')}</Badge> : null}
      </>
    ),
  },
  { key: 'forms', label: t('list.forms'), show: ({ forms }) => forms.join(', '), isExtra: true },
  {
    key: 'for',
    label: t('list.indications'),
    show: ({ indications }) => <span class="catalogue-uses">{indications.join(', ')}</span>,
  },
  { key: 'age', label: t('list.age'), show: ({ minAgeYears }) => t('list.years', { n: minAgeYears }), isNumber: true },
  { key: 'days', label: t('list.days'), show: ({ maxDays }) => t('list.daysOf', { n: maxDays }), isNumber: true },
  {
    key: 'valid',
    label: t('list.validity'),
    show: ({ validFrom, validTo }) =>
      validTo === null
        ? t('list.since', { from: day(validFrom) })
        : t('list.until', { from: day(validFrom), to: day(validTo) }),
    isExtra: true,
  },
  {
    key: 'source',
    label: t('list.source'),
    show: ({ source }) => <span class="hint catalogue-source">{source}</span>,
    isExtra: true,
  },
];

const GROUPS: Column<OtcGroup>[] = [
  {
    key: 'rule',
    label: t('list.group'),
    show: ({ rule, restrictedBy }) => (
      <>
        {rule} {restrictedBy.length > 0 ? <Badge tone="info">{t('list.restricted')}</Badge> : null}
      </>
    ),
  },
  { key: 'tags', label: t('list.tags'), show: ({ tags }) => tags.join(', ') },
  { key: 'age', label: t('list.age'), show: ({ minAgeYears }) => t('list.years', { n: minAgeYears }), isNumber: true },
  { key: 'pregnancy', label: t('list.pregnancy'), show: ({ pregnancy }) => t(pregnancy ? 'yes' : 'no'), isExtra: true },
  { key: 'lactation', label: t('list.lactation'), show: ({ lactation }) => t(lactation ? 'yes' : 'no'), isExtra: true },
];
