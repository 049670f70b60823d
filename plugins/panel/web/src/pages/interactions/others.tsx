import { get } from '../../lib/api.ts';
import { formatDuration, formatMoment, formatShare } from '../../lib/format.ts';
import { type Loaded, useLoad } from '../../lib/load.ts';
import { interactions as t } from '../../messages/interactions.ts';
import { Badge } from '../../ui/badge.tsx';
import { Bars } from '../../ui/bars.tsx';
import { Load } from '../../ui/feedback.tsx';
import { Card } from '../../ui/page.tsx';
import type { Detailed } from './types.ts';
import { member, numberOf, textOf } from './types.ts';

interface Review {
  id: number;
  author: string;
  at: string;
  transcriptOk: boolean;
  correctedText: string | null;
  recommendation: 'util' | 'errada' | 'insegura' | null;
  note: string | null;
  replacedAt: string | null;
}

const TONES = { util: 'good', errada: 'warn', insegura: 'bad' } as const;

export type LoadedReviews = Loaded<{ items: Review[] }>;

/** What people said of one interaction, also what they said before. */
export function useReviews(interactionId: number): LoadedReviews {
  return useLoad(`reviews ${interactionId}`, (signal) =>
    get<{ items: Review[] }>('/api/v1/reviews', { interactionId, history: true, limit: 50 }, signal),
  );
}

export function Reviews({ of }: { of: LoadedReviews }) {
  return (
    <Load of={of} isEmpty={({ items }) => items.length === 0} empty={<p class="hint">{t('reviews.none')}</p>}>
      {({ items }) => (
        <ul class="ix-sentences">
          {items.map((review) => (
            <li key={review.id}>
              <span class="talk-meta">
                <Badge tone={review.transcriptOk ? 'good' : 'warn'}>
                  {t(review.transcriptOk ? 'reviews.right' : 'reviews.wrong')}
                </Badge>
                {review.recommendation ? (
                  <Badge tone={TONES[review.recommendation]}>{t(`verdict.${review.recommendation}`)}</Badge>
                ) : null}
                {review.replacedAt ? <Badge>{t('reviews.replaced')}</Badge> : null}
                <span>
                  {formatMoment(review.at)} · <bdi>{review.author}</bdi>
                </span>
              </span>
              {review.correctedText ? <p dir="auto">{t('reviews.corrected', { text: review.correctedText })}</p> : null}
              {review.note ? (
                <p dir="auto" class="hint">
                  {review.note}
                </p>
              ) : null}
            </li>
          ))}
        </ul>
      )}
    </Load>
  );
}

/** What a second provider heard of the same. */
export function Comparisons({ row: { comparisons, provider } }: { row: Detailed }) {
  if (comparisons.length === 0) return null;
  return (
    <Card title={t('compare.title')}>
      <p class="hint">{t('compare.lead')}</p>
      {comparisons.map((each) => {
        const isSame = (each.text ?? '').trim().toLowerCase() === each.answered.trim().toLowerCase();
        return (
          <div key={each.provider} class="ix-column">
            <p class="talk-meta">
              <code>{each.provider}</code>
              <Badge tone={isSame ? 'good' : 'warn'}>{t(isSame ? 'compare.same' : 'compare.other')}</Badge>
              <span>{formatDuration(each.durationMs)}</span>
              <span>{t.of(`outcome.${each.outcome}`, each.outcome)}</span>
            </p>
            <p class="ix-quote" dir="auto">
              {each.text ?? '–'}
            </p>
            <p class="hint">
              {t('compare.answered')} {provider ? <code>{provider}</code> : null}
            </p>
            <p class="ix-quote" dir="auto">
              {each.answered}
            </p>
          </div>
        );
      })}
    </Card>
  );
}

/** How alike the voice is to each employee's. */
export function Voices({ speakerData }: { speakerData: string | null }) {
  const scores = scoresOf(speakerData);
  if (scores.length === 0) return null;
  return (
    <Card title={t('voices.title')}>
      <p class="hint">{t('voices.lead')}</p>
      <Bars
        label={t('voices.title')}
        items={scores.map((each, index) => ({
          key: String(index),
          label: textOf(each, 'name') ?? '–',
          value: numberOf(each, 'score') ?? 0,
          shown:
            formatShare(numberOf(each, 'score'), 0) + (member(each, 'hint') === true ? ` (${t('voices.hint')})` : ''),
        }))}
      />
    </Card>
  );
}

/** JSON of older systems too: what is none is nothing. */
function scoresOf(speakerData: string | null): unknown[] {
  if (speakerData === null) return [];
  try {
    const scores: unknown = JSON.parse(speakerData);
    return Array.isArray(scores) ? scores : [];
  } catch {
    return []; // an imported row may hold anything here
  }
}
