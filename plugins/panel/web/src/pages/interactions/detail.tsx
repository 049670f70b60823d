import { Link } from 'wouter-preact';
import { get } from '../../lib/api.ts';
import { formatDuration, formatMicroUsd, formatMoment, formatNumber } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { can, clientName } from '../../lib/session.ts';
import { interactions as t } from '../../messages/interactions.ts';
import { Load } from '../../ui/feedback.tsx';
import { Card, Facts, Page } from '../../ui/page.tsx';
import { ReviewForm } from '../review/form.tsx';
import { Costs } from './costs.tsx';
import { Decision } from './decision.tsx';
import { Gate } from './gate.tsx';
import { Comparisons, Reviews, useReviews, Voices } from './others.tsx';
import { Said } from './said.tsx';
import { itemsOf, States } from './talk.tsx';
import { Timeline } from './timeline-card.tsx';
import { type Detailed, textOf } from './types.ts';

/** One interaction: what was heard, offered, by which rules, and what it cost. */
export function Detail({ id }: { id: string }) {
  const row = useLoad(`interaction ${id}`, (signal) => get<Detailed>(`/api/v1/interactions/${id}`, undefined, signal));
  return (
    <Page
      title={t('detail.title', { id })}
      actions={
        <Link class="button" href="/interacoes">
          {t('detail.back')}
        </Link>
      }
    >
      <Load of={row} lines={14}>
        {(found) => <Whole row={found} />}
      </Load>
    </Page>
  );
}

function Whole({ row }: { row: Detailed }) {
  const reviews = useReviews(row.id);
  return (
    <>
      <Card>
        <Head row={row} />
      </Card>
      <div class="ix-columns">
        <div class="ix-column">
          <Said row={row} />
          <Suggested row={row} />
          <Timeline row={row} />
          <Gate row={row} />
        </div>
        <div class="ix-column">
          {can('reviews.write', row.clientId) ? (
            <Card title={t('reviews.title')}>
              <ReviewForm key={row.id} row={row} onSaved={reviews.reload} />
              <Reviews of={reviews} />
            </Card>
          ) : (
            <Card title={t('reviews.title')}>
              <Reviews of={reviews} />
            </Card>
          )}
          <Decision decision={row.decision} />
          <Costs row={row} />
          <Comparisons row={row} />
          <Voices speakerData={row.speakerData} />
          <Card title={t('versions.title')}>
            <Facts
              of={[
                [t('versions.config'), row.configVersion ?? '–'],
                [t('versions.prompt'), row.promptVersion ?? '–'],
                [t('versions.list'), row.listVersion ?? '–'],
              ]}
            />
            {row.modelAnswer ? (
              <details>
                <summary>{t('model.show')}</summary>
                <p class="ix-raw" dir="auto">
                  {row.modelAnswer}
                </p>
              </details>
            ) : null}
          </Card>
        </div>
      </div>
    </>
  );
}

function Head({ row }: { row: Detailed }) {
  const { cutReason, audioClass, snrDb } = row;
  return (
    <Facts
      of={[
        [
          t('detail.at'),
          <span key="at">
            {formatMoment(row.at)} <States row={row} />
          </span>,
        ],
        [t('detail.counter'), <bdi key="counter">{row.counterName ?? row.counterId}</bdi>],
        [t('detail.client'), <bdi key="client">{clientName(row.clientId)}</bdi>],
        [t('detail.employee'), <bdi key="employee">{row.employeeName ?? t('detail.nobody')}</bdi>],
        [t('detail.duration'), formatDuration(row.durationMs)],
        [t('detail.snr'), snrDb === null ? '–' : t('detail.noise', { db: formatNumber(snrDb, 1) })],
        [t('detail.sound'), audioClass === null ? '–' : t.of(`sound.${audioClass}`, audioClass)],
        [t('detail.cut'), cutReason === null ? '–' : t.of(`cut.${cutReason}`, cutReason)],
        [t('detail.cost'), formatMicroUsd(row.costMicroUsd)],
      ]}
    />
  );
}

function Suggested({ row }: { row: Detailed }) {
  const { recommendation, feedback } = row;
  const items = recommendation === null || recommendation === 'Nenhuma' ? [] : itemsOf(recommendation);
  const delivery = textOf(row.gate, 'entrega');
  const source = textOf(row.gate, 'fonte');
  const told = feedback === null ? '' : t.of(`feedback.${feedback}`, '');
  return (
    <Card title={t('card.title')}>
      {items.length > 0 ? (
        <ul class="ix-offer">
          {items.map((item) => (
            <li key={item} dir="auto">
              {item}
            </li>
          ))}
        </ul>
      ) : (
        <p>{t(recommendation === null ? 'card.none' : 'card.nothing')}</p>
      )}
      {recommendation === null ? null : (
        <p class="hint">
          {[
            source === null ? '' : t('card.source', { text: t.of(`source.${source}`, source) }),
            delivery === null ? '' : t('card.delivery', { text: t.of(`delivery.${delivery}`, delivery) }),
            told === '' ? '' : t('card.feedback', { text: told }),
          ]
            .filter((part) => part !== '')
            .join(' · ')}
        </p>
      )}
    </Card>
  );
}
