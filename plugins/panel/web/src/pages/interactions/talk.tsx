import { Link } from 'wouter-preact';
import { formatMicroUsd, formatMoment } from '../../lib/format.ts';
import { chosenClient, clientName } from '../../lib/session.ts';
import { interactions as t } from '../../messages/interactions.ts';
import { Badge } from '../../ui/badge.tsx';
import type { Tone } from '../../ui/feedback.tsx';
import type { Listed } from './types.ts';

/** Characters of a text that a list shows: more is on its own page. */
const SHOWN = 400;

const TONES: Record<string, Tone> = { aceito: 'good', recusado: 'bad', perdida: 'bad', sem_provedor: 'warn' };

/** One utterance in a list. What people said is text, whatever is in it. */
export function Talk({ row }: { row: Listed }) {
  const { transcript, recommendation, employeeName } = row;
  const where = row.counterName ?? row.counterId;
  return (
    <article class="talk">
      <p class="talk-head">
        <Link class="talk-link" href={`/interacoes/${row.id}`}>
          <time dateTime={row.at}>{formatMoment(row.at)}</time> · <bdi>{shortened(where, 60)}</bdi>
        </Link>
        {employeeName ? <bdi>{shortened(employeeName, 60)}</bdi> : null}
        {chosenClient.value === null ? <bdi>{clientName(row.clientId)}</bdi> : null}
      </p>
      {transcript ? (
        <p class="talk-said" dir="auto">
          {shortened(transcript, SHOWN)}
        </p>
      ) : (
        <p class="talk-said hint">{t(row.type === 'valid' ? 'list.expired' : 'list.nothing')}</p>
      )}
      <p class="talk-meta">
        <States row={row} />
        {recommendation && recommendation !== 'Nenhuma' ? (
          <span dir="auto">
            <strong>{t('list.card')}</strong> {shortened(itemsOf(recommendation).join(' · '), 160)}
          </span>
        ) : recommendation ? (
          <span>{t('list.noCard')}</span>
        ) : null}
        {row.provider ? <code>{shortened(row.provider, 80)}</code> : null}
        {row.costMicroUsd === null ? null : <span>{formatMicroUsd(row.costMicroUsd)}</span>}
      </p>
    </article>
  );
}

/** What became of it, where that is worth a word. */
export function States({ row }: { row: Pick<Listed, 'type' | 'feedback'> }) {
  const feedback = row.feedback === null ? '' : t.of(`feedback.${row.feedback}`, '');
  return (
    <>
      {row.type === 'valid' ? null : (
        <Badge tone={TONES[row.type] ?? 'plain'}>{t.of(`type.${row.type}`, row.type)}</Badge>
      )}
      {feedback === '' ? null : <Badge tone={TONES[row.feedback ?? ''] ?? 'plain'}>{feedback}</Badge>}
    </>
  );
}

/** `S: … | S: …` as the items it names. */
export function itemsOf(recommendation: string): string[] {
  return recommendation
    .split(' | ')
    .map((item) => item.replace(/^S: /, ''))
    .filter((item) => item !== '');
}

/** Whole characters, at most so many. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${[...text.slice(0, most * 2)].slice(0, most).join('')}…`;
}
