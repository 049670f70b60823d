import { useComputed } from '@preact/signals';
import { Link } from 'wouter-preact';
import { formatDuration } from '../../lib/format.ts';
import { clientName, clients } from '../../lib/session.ts';
import { live as t } from '../../messages/live.ts';
import { memo } from './memo.ts';
import type { CounterView } from './model.ts';
import { DegradedBadge, MoodBadge, money, ruleName } from './parts.tsx';
import type { Line } from './types.ts';
import { offered, took } from './view.ts';

/** Utterances a tile has room for. */
const LINES = 3;

/** One counter among many. What changes often is text bound to its signal: the tile itself is not drawn anew for it. */
export const Tile = memo(function Tile({ counter }: { counter: CounterView }) {
  const label = counter.name.value;
  return (
    <li class="live-tile">
      <header>
        <Link href={`/ao-vivo/${encodeURIComponent(counter.id)}`}>{label}</Link>
        <span class="live-badges">
          <DegradedBadge counter={counter} />
          <MoodBadge counter={counter} />
        </span>
      </header>
      {clients.value.length > 1 ? <p class="live-client">{clientName(counter.clientId)}</p> : null}
      <Said counter={counter} />
      <LastCard counter={counter} />
      <Foot counter={counter} />
    </li>
  );
});

function Said({ counter }: { counter: CounterView }) {
  const { lines, partial } = counter;
  const shown = lines.value.slice(-LINES);
  return (
    <div class="live-said">
      {shown.length === 0 ? <p class="live-nothing">{t('line.none')}</p> : null}
      {shown.map((line) => (
        <p key={line.interactionId}>{textOf(line)}</p>
      ))}
      <p class="live-partial" aria-hidden="true">
        {partial}
      </p>
    </div>
  );
}

/** What an utterance says, or what is known of it. */
export function textOf({ utterance }: Line): string {
  if (utterance === null) return '';
  if (utterance.status === 'lost') return t('line.lost');
  if (utterance.status === 'no_provider') return t('line.no_provider');
  return utterance.text ?? t('line.figures', { duration: formatDuration(utterance.durationMs) });
}

function LastCard({ counter }: { counter: CounterView }) {
  const card = counter.lastCard.value;
  if (card === null) return <p class="live-card live-card-none" />;
  const delivery = t.of(`delivery.${card.delivery}`, card.delivery);
  return (
    <p class={`live-card${card.delivery === 'enviado' ? ' live-card-sent' : ''}`} title={delivery}>
      <b>{card.items ? offered(card) : t('card.count', { n: card.itemCount })}</b>
      <span>{delivery}</span>
    </p>
  );
}

function Foot({ counter }: { counter: CounterView }) {
  const who = useComputed(() => {
    const { session } = counter.standing.value;
    const stt = session?.providers.stt ?? counter.lines.value.at(-1)?.utterance?.provider ?? null;
    const rule = session?.rule ?? null;
    if (stt === null) return t('provider.none');
    return rule === null ? stt : `${stt} · ${ruleName(rule)}`;
  });
  const time = useComputed(() => {
    const stages = counter.lastCard.value?.waterfall ?? counter.lines.value.at(-1)?.utterance?.waterfall;
    return stages ? took(stages) : '';
  });
  const cost = useComputed(() =>
    counter.microUsd.value === null ? '' : t('cost.today', { cost: money(counter.microUsd.value) }),
  );
  const lost = counter.lostMs.value;
  return (
    <footer>
      {lost > 0 ? <span class="live-lost">{t('lost', { duration: formatDuration(lost) })}</span> : null}
      <span class="live-who">{who}</span>
      <span>{time}</span>
      <span>{cost}</span>
    </footer>
  );
}
