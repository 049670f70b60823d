import { useEffect, useRef, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { get } from '../../lib/api.ts';
import { formatMoment } from '../../lib/format.ts';
import { useLoad } from '../../lib/load.ts';
import { chosenClient, clientName } from '../../lib/session.ts';
import { interactions } from '../../messages/interactions.ts';
import { review as t } from '../../messages/review.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty, Load } from '../../ui/feedback.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Card } from '../../ui/page.tsx';
import { itemsOf } from '../interactions/talk.tsx';
import type { Listed } from '../interactions/types.ts';
import { type Command, commandOf, KEYS } from './draft.ts';
import { hasCard, ReviewForm } from './form.tsx';

const REASONS = ['card', 'doubt', 'shadow', 'reported'] as const;
type Reason = (typeof REASONS)[number];
type Waiting = Listed & { reason: Reason };

/** Asked for at once: enough to go on without waiting, few enough to be still true. */
const AHEAD = 20;

/** One utterance after the other, by keyboard or by pointer. */
export function Queue() {
  const [reason, setReason] = useState<'' | Reason>('');
  const [done, setDone] = useState(0);
  return (
    <>
      <div class="filters">
        <SelectField
          label={t('reason.label')}
          value={reason}
          onValue={(value) => setReason(value)}
          options={[
            { value: '' as const, label: t('reason.all') },
            ...REASONS.map((value) => ({ value, label: t(`reason.${value}`) })),
          ]}
        />
        <p class="hint review-count" role="status">
          {done > 0 ? t('queue.done', { n: done }) : ''}
        </p>
      </div>
      <Line key={`${reason} ${chosenClient.value}`} reason={reason} onDone={() => setDone((before) => before + 1)} />
    </>
  );
}

function Line({ reason, onDone }: { reason: '' | Reason; onDone(): void }) {
  const client = chosenClient.value;
  const [place, setPlace] = useState<{ cursor: string | null; at: number }>({ cursor: null, at: 0 });
  const query = { reason, clientId: client, limit: AHEAD, cursor: place.cursor };
  const page = useLoad(JSON.stringify(query), (signal) =>
    get<{ items: Waiting[]; next: string | null }>('/api/v1/reviews/queue', query, signal),
  );
  const again = () => {
    setPlace({ cursor: null, at: 0 });
    page.reload();
  };
  return (
    <Load
      of={page}
      lines={10}
      isEmpty={({ items }) => items.length <= place.at}
      empty={
        <Empty title={t('queue.empty')}>
          <p>{t('queue.empty.text')}</p>
          <Button onClick={again}>{t('queue.reload')}</Button>
        </Empty>
      }
    >
      {({ items, next }) => {
        const row = items[place.at];
        const go = () =>
          setPlace(
            place.at + 1 < items.length || next === null ? { ...place, at: place.at + 1 } : { cursor: next, at: 0 },
          );
        if (!row) return null;
        const saved = () => {
          onDone();
          go();
        };
        return <One key={row.id} row={row} onSaved={saved} onSkip={go} />;
      }}
    </Load>
  );
}

/** Text fields, and what Enter presses by itself, keep their keys. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function One({ row, onSaved, onSkip }: { row: Waiting; onSaved(): void; onSkip(): void }) {
  const region = useRef<HTMLElement>(null);
  const obey = useRef<(command: Command) => void>(() => {});
  useEffect(() => region.current?.focus({ preventScroll: true }), []);
  const press = (event: KeyboardEvent) => {
    const { target, key } = event;
    if (event.altKey || event.metaKey || event.isComposing) return;
    if (isTyping(target)) {
      if (key === 'Escape') region.current?.focus();
      else if (key === 'Enter' && event.ctrlKey) obey.current({ do: 'save' });
      else return;
      event.preventDefault();
      return;
    }
    const isControl = target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement;
    if (event.ctrlKey || (isControl && key === 'Enter')) return;
    const command = commandOf(key, hasCard(row));
    if (command === null) return;
    event.preventDefault();
    obey.current(command);
  };
  return (
    <section
      class="review-one"
      ref={region}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: takes the focus when the next one comes, so that it is read out
      tabIndex={0}
      aria-label={t('queue.label')}
      aria-keyshortcuts="C E 1 2 3 O Enter P"
      onKeyDown={press}
    >
      <div class="ix-column">
        <Shown row={row} />
        <Keys />
      </div>
      <Card>
        <ReviewForm
          row={row}
          onSaved={onSaved}
          onSkip={onSkip}
          obey={(take) => {
            obey.current = take;
          }}
        />
      </Card>
    </section>
  );
}

function Shown({ row }: { row: Waiting }) {
  const items = hasCard(row) ? itemsOf(row.recommendation ?? '') : [];
  return (
    <Card>
      <p class="review-head">
        <Badge tone="info">{t(`why.${row.reason}`)}</Badge>
        <span>{formatMoment(row.at)}</span>
        <bdi>{row.counterName ?? row.counterId}</bdi>
        {chosenClient.value === null ? <bdi>{clientName(row.clientId)}</bdi> : null}
        {row.provider ? <code>{row.provider}</code> : null}
      </p>
      <h2>{t('queue.said')}</h2>
      <p class="review-said" dir="auto">
        {row.transcript ?? interactions('list.nothing')}
      </p>
      <h2>{t('queue.card')}</h2>
      {items.length > 0 ? (
        <ul class="review-offer">
          {items.map((item) => (
            <li key={item} dir="auto">
              {item}
            </li>
          ))}
        </ul>
      ) : (
        <p class="hint">{t('queue.noCard')}</p>
      )}
      <p>
        <Link href={`/interacoes/${row.id}`}>{t('queue.open')}</Link>
      </p>
    </Card>
  );
}

function Keys() {
  return (
    <details class="review-keys" open>
      <summary>{t('keys.title')}</summary>
      <dl>
        {KEYS.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key.length === 1 ? key.toUpperCase() : key}</kbd>
            </dt>
            <dd>{t(`keys.${text}`)}</dd>
          </div>
        ))}
      </dl>
      <p class="hint">{t('keys.hint')}</p>
    </details>
  );
}
