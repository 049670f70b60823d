import { formatDuration } from '../../lib/format.ts';
import { interactions as t } from '../../messages/interactions.ts';
import { attemptsOf } from './timeline.ts';
import { listOf, member, numberOf, textOf, textsOf } from './types.ts';

/** Who was left out, and why. */
export interface Rejected {
  address: string;
  reason: string;
}

/** A routing decision in sentences. */
export interface Explained {
  sentences: string[];
  rejected: Rejected[];
  attempts: string[];
}

/** Ids that name no rule of anybody's. */
const LISTS = ['lista', 'lista-global', 'ambiente'] as const;

/** What `decisao` says, to somebody who never saw one; null: nothing was decided. */
export function explained(decision: unknown): Explained | null {
  const rule = textOf(decision, 'rule');
  if (rule === null) return null;
  const version = numberOf(decision, 'version') ?? '–';
  const list = LISTS.find((each) => each === rule);
  const order = textsOf(decision, 'candidates');
  const mode = textOf(decision, 'mode') === 'stream' ? 'stream' : 'segment';
  const thrift = textOf(decision, 'thrift');
  const lostMs = numberOf(decision, 'lostMs') ?? 0;
  return {
    sentences: [
      rule === 'orcamento'
        ? t('why.orcamento')
        : list
          ? t(`why.${list}`, { version })
          : t('why.rule', { rule, version }),
      ...(order.length > 0 ? [t('why.order', { list: order.join(', ') }), t(`why.${mode}`)] : [t('why.noOrder')]),
      ...(textOf(decision, 'draft') === null ? [] : [t('why.draft')]),
      ...(thrift === 'lista' || thrift === 'preco' ? [t(`why.thrift.${thrift}`)] : []),
      ...(lostMs > 0 ? [t('why.lost', { time: formatDuration(lostMs) })] : []),
    ],
    rejected: listOf(decision, 'rejected').map((each) => ({
      address: textOf(each, 'address') ?? '',
      reason: textOf(each, 'reason') ?? '',
    })),
    attempts: attemptsOf(decision).map(attemptSentence),
  };
}

/** One attempt at a provider, as it ended. */
export function attemptSentence(attempt: unknown): string {
  const address = textOf(attempt, 'address') ?? '';
  const time = formatDuration(numberOf(attempt, 'durationMs'));
  const outcome = textOf(attempt, 'outcome');
  const error = member(attempt, 'error');
  const blame = textOf(error, 'blame') ?? '';
  const told =
    outcome === 'failed'
      ? t('why.attempt.failed', {
          address,
          time,
          code: textOf(error, 'code') ?? '',
          blame: t.of(`blame.${blame}`, blame),
        })
      : outcome === 'empty'
        ? t('why.attempt.empty', { address, time })
        : outcome === 'aborted'
          ? t('why.attempt.aborted', { address, time })
          : t('why.attempt.answered', { address, time });
  const replayedMs = numberOf(attempt, 'replayedMs') ?? 0;
  return replayedMs > 0 ? `${told} ${t('why.replayed', { time: formatDuration(replayedMs) })}` : told;
}
