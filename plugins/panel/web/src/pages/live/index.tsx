import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Link, useRoute } from 'wouter-preact';
import { formatAgo, formatClock, formatNumber } from '../../lib/format.ts';
import { can } from '../../lib/session.ts';
import { live as t } from '../../messages/live.ts';
import { shell } from '../../messages/shell.ts';
import { Button } from '../../ui/button.tsx';
import { Empty, Notice, Skeleton } from '../../ui/feedback.tsx';
import { SelectField, TextField } from '../../ui/field.tsx';
import { Page, Stat } from '../../ui/page.tsx';
import { Alerts, alertText } from './alerts.tsx';
import { Detail } from './detail.tsx';
import './live.css';
import { dollarsBeside, money } from './parts.tsx';
import { connection, gap, model, now, useLive } from './store.ts';
import { Tile } from './tile.tsx';
import { moodOf, needsLook, passes, type StateFilter } from './view.ts';

const FILTERS: readonly StateFilter[] = ['all', 'online', 'speaking', 'look', 'offline'];

export default function LivePage() {
  useLive();
  const [isDetail, params] = useRoute('/ao-vivo/:id');
  return (
    <Page title={shell('page.live')} lead={t('lead')} actions={<Connection />}>
      <Announcer />
      <Holes />
      <Alerts />
      {isDetail ? <Detail counterId={params.id} /> : <Overview />}
    </Page>
  );
}

/** Whether what is on the screen is what happens. */
function Connection() {
  const state = connection.state.value;
  const since = connection.lostSince.value;
  return (
    <div class={`live-connection live-connection-${state}`}>
      <span class="live-dot" aria-hidden="true" />
      {state === 'lost' ? t('connection.lost', { ago: formatAgo(since, now.value) }) : t(`connection.${state}`)}
      {state === 'lost' ? (
        <Button isSmall onClick={() => connection.resume()}>
          {t('connection.retry')}
        </Button>
      ) : null}
    </div>
  );
}

function Holes() {
  const cut = model.cutSince.value;
  return (
    <>
      {gap.value?.reason === 'slow' ? <Notice tone="warn">{t('gap.slow')}</Notice> : null}
      {gap.value?.reason === 'database' ? <Notice tone="warn">{t('gap.database')}</Notice> : null}
      {cut !== null ? <Notice>{t('gap.cut', { since: formatClock(cut) })}</Notice> : null}
      {model.isReady.value && !model.reads.value ? <Notice title={t('noText.title')}>{t('noText')}</Notice> : null}
    </>
  );
}

/** New alerts, and a connection that is lost or back, are read out once; words and counters that come and go are not. */
function Announcer() {
  const said = useSignal('');
  const newest = useRef<number | null>(null);
  const wasLost = useRef(false);
  const [alert] = model.alerts.value;
  const state = connection.state.value;
  useEffect(() => {
    if (newest.current !== null && alert && alert.id > newest.current) {
      said.value = t('announce.alert', { what: alertText(alert) });
    }
    if (model.isReady.peek()) newest.current = Math.max(newest.current ?? 0, alert?.id ?? 0);
  }, [alert?.id, model.isReady.value]);
  useEffect(() => {
    if (state === 'lost') said.value = t('announce.lost');
    if (state === 'live' && wasLost.current) said.value = t('connection.back');
    wasLost.current = state === 'lost';
  }, [state]);
  return (
    <p class="sr-only" role="status">
      {said}
    </p>
  );
}

function Overview() {
  const text = useSignal(new URLSearchParams(location.search).get('nome') ?? '');
  const state = useSignal<StateFilter>(stateIn(location.search));
  useEffect(() => {
    const search = new URLSearchParams();
    if (text.value !== '') search.set('nome', text.value);
    if (state.value !== 'all') search.set('estado', state.value);
    // A reload, by hand or for a new version, shows the same.
    history.replaceState(history.state, '', `${location.pathname}${search.size > 0 ? `?${search}` : ''}`);
  }, [text.value, state.value]);
  const clear = () => {
    text.value = '';
    state.value = 'all';
  };
  return (
    <>
      <Figures />
      <search class="filters" aria-label={t('filter.label')}>
        <TextField
          label={t('filter.name')}
          type="search"
          value={text.value}
          onValue={(value) => {
            text.value = value;
          }}
        />
        <SelectField<StateFilter>
          label={t('filter.state')}
          value={state.value}
          onValue={(value) => {
            state.value = value;
          }}
          options={FILTERS.map((value) => ({ value, label: t(`filter.${value as 'all'}`) }))}
        />
      </search>
      <Counters text={text.value} state={state.value} onClear={clear} />
    </>
  );
}

function stateIn(search: string): StateFilter {
  const asked = new URLSearchParams(search).get('estado');
  return FILTERS.find((each) => each === asked) ?? 'all';
}

function Figures() {
  const sums = useComputed(() => {
    let [online, speaking, look] = [0, 0, 0];
    for (const counter of model.counters.value) {
      const mood = moodOf(counter, now.value);
      if (mood !== 'offline') online++;
      if (mood === 'speaking') speaking++;
      if (needsLook(mood, counter)) look++;
    }
    return [online, speaking, look].join();
  });
  const [online = 0, speaking = 0, look = 0] = sums.value.split(',').map(Number);
  return (
    <div class="stats live-stats">
      <Stat label={t('figures.online')} value={formatNumber(online)} />
      <Stat label={t('figures.speaking')} value={formatNumber(speaking)} />
      <Stat label={t('figures.look')} value={formatNumber(look)} />
      <Stat label={t('figures.cost')} value={money(model.microUsd.value)} note={dollarsBeside(model.microUsd.value)} />
    </div>
  );
}

function Counters({ text, state, onClear }: { text: string; state: StateFilter; onClear(): void }) {
  const shown = model.counters.value.filter((counter) => passes(counter, { text, state }, now.value));
  if (!model.isReady.value) return <Skeleton lines={6} />;
  if (model.counters.value.length === 0) return <Nobody />;
  if (shown.length === 0) {
    return (
      <Empty title={t('filter.none')}>
        <Button onClick={onClear}>{t('filter.clear')}</Button>
      </Empty>
    );
  }
  return (
    <ul class="live-tiles" aria-label={t('counters.label')}>
      {shown.map((counter) => (
        <Tile key={counter.id} counter={counter} />
      ))}
    </ul>
  );
}

function Nobody() {
  return (
    <Empty title={t('empty.title')}>
      <p>{t('empty.text')}</p>
      {can('counters.write') ? (
        <Link class="button" href="/balcao-virtual">
          {t('empty.virtual')}
        </Link>
      ) : null}
    </Empty>
  );
}
