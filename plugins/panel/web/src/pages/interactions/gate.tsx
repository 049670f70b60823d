import { formatNumber } from '../../lib/format.ts';
import { interactions as t } from '../../messages/interactions.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { attemptSentence } from './explain.ts';
import { type Detailed, listOf, member, numberOf, textOf, textsOf } from './types.ts';

/** What the filters and the gate did with the text and with every item that was thought of. */
export function Gate({ row: { gate, candidates } }: { row: Detailed }) {
  const decisions = listOf(gate, 'decisoes');
  const needs = textsOf(gate, 'necessidades');
  const doubts = textsOf(gate, 'duvidas');
  const attempts = listOf(gate, 'tentativas');
  return (
    <Card title={t('gate.title')}>
      <p class="hint">{t('gate.lead')}</p>
      {decisions.length === 0 ? (
        <p>{t('gate.none')}</p>
      ) : (
        <Table
          caption={t('gate.title')}
          rows={decisions.map((decision, index) => ({ decision, index }))}
          keyOf={({ index }) => String(index)}
          columns={[
            { key: 'item', label: t('gate.item'), show: ({ decision }) => textOf(decision, 'name') ?? '–' },
            { key: 'verdict', label: t('gate.verdict'), show: ({ decision }) => <Passed decision={decision} /> },
            { key: 'reason', label: t('gate.reason'), show: ({ decision }) => textOf(decision, 'reason') ?? '' },
            {
              key: 'line',
              label: t('gate.line'),
              isExtra: true,
              show: ({ decision }) => <code>{textOf(decision, 'ruleId') ?? textOf(decision, 'rule') ?? '–'}</code>,
            },
          ]}
        />
      )}
      {needs.length > 0 ? <p>{t('gate.needs', { list: needs.map(plain).join(', ') })}</p> : null}
      {doubts.length > 0 ? <p>{t('gate.doubts', { list: doubts.join(', ') })}</p> : null}
      <Evidence gate={gate} />
      <Filters gate={gate} />
      {attempts.length > 0 ? (
        <>
          <h3>{t('gate.attempts')}</h3>
          <ul class="ix-sentences">
            {attempts.map((attempt, index) => (
              <li key={index}>{attemptSentence(attempt)}</li>
            ))}
          </ul>
        </>
      ) : null}
      <Candidates candidates={Array.isArray(candidates) ? candidates : []} />
    </Card>
  );
}

/** Names of the lexicon, as they are read: `garganta_tosse`. */
function plain(name: string): string {
  return name.replaceAll('_', ' ');
}

function Passed({ decision }: { decision: unknown }) {
  const isAllowed = member(decision, 'allowed') === true;
  return <Badge tone={isAllowed ? 'good' : 'bad'}>{t(isAllowed ? 'gate.passed' : 'gate.kept')}</Badge>;
}

function Evidence({ gate }: { gate: unknown }) {
  const quotes = listOf(gate, 'evidencias');
  if (quotes.length === 0) return null;
  return (
    <>
      <h3>{t('gate.evidence')}</h3>
      <ul class="ix-sentences">
        {quotes.map((quote, index) => (
          <li key={index} dir="auto">
            {textOf(quote, 'trecho') ?? '–'}{' '}
            {member(quote, 'dito') === false ? <Badge tone="warn">{t('gate.evidence.absent')}</Badge> : null}
          </li>
        ))}
      </ul>
    </>
  );
}

function Filters({ gate }: { gate: unknown }) {
  const filters = listOf(gate, 'filtros');
  if (filters.length === 0) return null;
  return (
    <>
      <h3>{t('gate.filters')}</h3>
      <ul class="ix-sentences">
        {filters.map((filter, index) => (
          <li key={index} dir="auto">
            {filterSentence(filter)}
          </li>
        ))}
      </ul>
    </>
  );
}

function filterSentence(filter: unknown): string {
  const masked = member(filter, 'mascarados');
  if (masked === null || typeof masked !== 'object') {
    return t('gate.filter', { rule: textOf(filter, 'rule') ?? '', removed: textOf(filter, 'removed') ?? '…' });
  }
  const list = Object.entries(masked).map(([kind, count]) => `${kind} (${String(count)})`);
  return t('gate.masked', { list: list.join(', ') });
}

function Candidates({ candidates }: { candidates: unknown[] }) {
  if (candidates.length === 0) return null;
  return (
    <details>
      <summary>
        {t('gate.candidates')} ({formatNumber(candidates.length)})
      </summary>
      <Table
        caption={t('gate.candidates')}
        rows={candidates.map((candidate, index) => ({ candidate, index }))}
        keyOf={({ index }) => String(index)}
        columns={[
          { key: 'name', label: t('gate.candidate'), show: ({ candidate }) => textOf(candidate, 'nome') ?? '–' },
          { key: 'class', label: t('gate.class'), show: ({ candidate }) => textOf(candidate, 'classe_venda') ?? '–' },
          {
            key: 'points',
            label: t('gate.points'),
            isNumber: true,
            show: ({ candidate }) => formatNumber(numberOf(candidate, 'pontos'), 2),
          },
        ]}
      />
    </details>
  );
}
