import { useComputed } from '@preact/signals';
import { Link } from 'wouter-preact';
import { formatClock, formatDuration, formatMoment, formatNumber } from '../../lib/format.ts';
import { can, clientName } from '../../lib/session.ts';
import { live as t } from '../../messages/live.ts';
import { Badge } from '../../ui/badge.tsx';
import { Empty, Skeleton } from '../../ui/feedback.tsx';
import { Card, Facts } from '../../ui/page.tsx';
import { Waterfall } from '../../ui/waterfall.tsx';
import type { CounterView } from './model.ts';
import { DegradedBadge, dollarsBeside, MoodBadge, money, ruleName } from './parts.tsx';
import { model } from './store.ts';
import { textOf } from './tile.tsx';
import type { AttemptShown, CardShown, Line, UtteranceShown } from './types.ts';

/** One counter, large. */
export function Detail({ counterId }: { counterId: string }) {
  // Looked up again whenever somebody comes or goes.
  const counter = useComputed(() => (model.counters.value ? model.get(counterId) : undefined)).value;
  return (
    <>
      <p>
        <Link href="/ao-vivo">{t('detail.back')}</Link>
      </p>
      {counter ? (
        <Found counter={counter} />
      ) : model.isReady.value ? (
        <Empty title={t('detail.gone')}>
          <p>{t('detail.gone.text')}</p>
        </Empty>
      ) : (
        <Skeleton lines={6} />
      )}
    </>
  );
}

function Found({ counter }: { counter: CounterView }) {
  return (
    <div class="live-detail">
      <Card title={counter.name.value} actions={<State counter={counter} />}>
        <Now counter={counter} />
      </Card>
      <Card title={t('detail.transcript')}>
        <Transcript counter={counter} />
      </Card>
    </div>
  );
}

function State({ counter }: { counter: CounterView }) {
  return (
    <span class="live-badges">
      <DegradedBadge counter={counter} />
      <MoodBadge counter={counter} />
    </span>
  );
}

function Now({ counter }: { counter: CounterView }) {
  const { session } = counter.standing.value;
  return (
    <>
      <Facts
        of={[
          [t('detail.client'), clientName(counter.clientId)],
          [t('detail.since'), formatMoment(session?.since)],
          [t('detail.protocol'), session?.protocol ?? '–'],
          [t('detail.stt'), session?.providers.stt ?? '–'],
          [t('detail.llm'), session?.providers.llm ?? '–'],
          [t('detail.rule'), session?.rule ? ruleName(session.rule) : '–'],
          [
            t('detail.cost'),
            [money(counter.microUsd.value), dollarsBeside(counter.microUsd.value)].filter(Boolean).join(' · '),
          ],
        ]}
      />
      {session && !session.isOwn ? <p class="hint">{t('detail.other')}</p> : null}
    </>
  );
}

/** Finished utterances are read out as they come; what is being said is not. */
function Transcript({ counter }: { counter: CounterView }) {
  const lines = counter.lines.value;
  return (
    <div class="live-transcript">
      <div role="log" aria-label={t('detail.transcript')}>
        <ol>
          {lines.map((line) => (
            <Spoken key={line.interactionId} line={line} />
          ))}
        </ol>
      </div>
      {lines.length === 0 ? <p class="live-nothing">{t('line.none')}</p> : null}
      <Partial counter={counter} />
    </div>
  );
}

function Partial({ counter }: { counter: CounterView }) {
  return (
    <p class="live-partial" aria-hidden="true">
      {counter.partial}
    </p>
  );
}

function Spoken({ line }: { line: Line }) {
  const { utterance, card } = line;
  const stages = card?.waterfall ?? utterance?.waterfall;
  return (
    <li>
      <p class="live-line">
        <time dateTime={utterance?.at ?? card?.at}>{formatClock(utterance?.at ?? card?.at)}</time>
        <span>
          {utterance?.speaker ? <b>{`${t('detail.speaker', { name: utterance.speaker })} `}</b> : null}
          {textOf(line)}
        </span>
      </p>
      {card ? <CardShownAs card={card} /> : null}
      {utterance || stages ? (
        <details>
          <summary>{t('detail.why')}</summary>
          {stages ? <Waterfall stages={stages} /> : null}
          {utterance ? <Why utterance={utterance} card={card} /> : null}
        </details>
      ) : null}
    </li>
  );
}

const SENT = new Set(['enviado', 'nada_a_sugerir']);

function CardShownAs({ card }: { card: CardShown }) {
  const tone = card.delivery === 'enviado' ? 'good' : SENT.has(card.delivery) ? 'plain' : 'warn';
  return (
    <div class="live-offer">
      <p>
        <Badge tone={tone}>{t.of(`delivery.${card.delivery}`, card.delivery)}</Badge>{' '}
        {card.blockedCount > 0 ? <span class="hint">{t('card.blocked', { n: card.blockedCount })}</span> : null}
      </p>
      {card.items ? (
        <ul aria-label={t('card.label')}>
          {card.items.map(({ sugestao, explicacao }) => (
            <li key={sugestao}>
              <b>{sugestao}</b> {explicacao}
            </li>
          ))}
        </ul>
      ) : card.itemCount > 0 ? (
        <p>{t('card.count', { n: card.itemCount })}</p>
      ) : null}
      {card.warning ? <p class="hint">{card.warning}</p> : null}
    </div>
  );
}

function Why({ utterance, card }: { utterance: UtteranceShown; card: CardShown | null }) {
  const { decision, attempts, snrDb, durationMs } = utterance;
  const snr = snrDb === null ? '–' : formatNumber(snrDb, 0);
  const all = [...attempts, ...(card?.attempts ?? [])];
  return (
    <>
      <p class="hint">
        {decision.rule === null ? '' : `${utterance.provider ?? ''} · ${ruleName(decision.rule)} · `}
        {t('detail.snr', { duration: formatDuration(durationMs), snr })}
      </p>
      <Named title={t('detail.attempts')} of={all.map(attemptText)} />
      <Named
        title={t('detail.rejected')}
        of={decision.rejected.map(({ address, reason }) => `${address}: ${reason}`)}
      />
      <Named
        title={t('card.why')}
        of={(card?.gate ?? []).map(
          ({ name, allowed, reason }) => `${name ?? '–'} · ${t(allowed ? 'card.allowed' : 'card.denied')}: ${reason}`,
        )}
      />
      {can('interactions.read', utterance.clientId) ? (
        <p>
          <Link href={`/interacoes/${utterance.interactionId}`}>{t('detail.open')}</Link>
        </p>
      ) : null}
    </>
  );
}

function Named({ title, of }: { title: string; of: readonly string[] }) {
  if (of.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul>
        {of.map((text, at) => (
          <li key={`${at} ${text}`}>{text}</li>
        ))}
      </ul>
    </div>
  );
}

function attemptText({ address, outcome, error, durationMs }: AttemptShown): string {
  const duration = formatDuration(durationMs);
  if (error !== null) return t('detail.failed', { address, error, duration });
  return t('detail.attempt', { address, outcome: t.of(`outcome.${outcome}`, outcome), duration });
}
