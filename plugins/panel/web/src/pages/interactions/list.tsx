import { useRef } from 'preact/hooks';
import { Link, useLocation, useSearch } from 'wouter-preact';
import { get } from '../../lib/api.ts';
import { useLoad } from '../../lib/load.ts';
import { chosenClient } from '../../lib/session.ts';
import { interactions as t } from '../../messages/interactions.ts';
import { shell } from '../../messages/shell.ts';
import { Empty, Load, Notice } from '../../ui/feedback.tsx';
import { Page } from '../../ui/page.tsx';
import { FilterBar } from './filter-bar.tsx';
import { countOf, exportUrl, type Filters, filtersOf, queryOf, searchOf } from './filters.ts';
import { Readable } from './readable.tsx';
import { Talk } from './talk.tsx';
import type { ListPage } from './types.ts';

const PAGE = 50;

/** The list. Filters and place stand in the address: it can be sent, and the browser's back goes back. */
export function List() {
  return (
    <Page title={shell('page.interactions')} lead={t('lead')} actions={<Exports />}>
      <Readable>
        <Found />
      </Readable>
    </Page>
  );
}

function Exports() {
  const filters = filtersOf(useSearch());
  return (
    <>
      {(['xlsx', 'csv'] as const).map((format) => (
        <a key={format} class="button" href={exportUrl(format, filters, chosenClient.value)} download>
          {t(`export.${format}`)}
        </a>
      ))}
    </>
  );
}

function Found() {
  const search = useSearch();
  const [, navigate] = useLocation();
  const filters = filtersOf(search);
  const cursor = new URLSearchParams(search).get('cursor');
  const client = chosenClient.value;
  const query = { ...queryOf(filters, client), limit: String(PAGE), ...(cursor ? { cursor } : {}) };
  const key = JSON.stringify(query);
  const page = useLoad(key, (signal) => get<ListPage>('/api/v1/interactions', query, signal));
  // Of the browser's back: another search is another place, a filter is not.
  const go = (next: Filters) => navigate(`/interacoes?${searchOf(next)}`, { replace: next.q === filters.q });
  const isFiltered = countOf(filters) > 0 || filters.q !== '';
  return (
    <>
      <FilterBar filters={filters} clientId={client} onFilters={go} />
      <Load
        of={page}
        lines={12}
        isEmpty={({ items }) => items.length === 0}
        empty={
          isFiltered ? (
            <Empty title={t('list.none')}>
              <p>{t('list.none.text')}</p>
            </Empty>
          ) : (
            <Empty title={t('list.empty')}>
              <p>{t('list.empty.text')}</p>
            </Empty>
          )
        }
      >
        {(shown) => (
          <>
            {shown.corrected === null ? null : <Notice>{t('list.corrected', { text: shown.corrected })}</Notice>}
            <Talks page={shown} />
            <div class="ix-pager">
              {cursor ? (
                <Link class="button" href={`/interacoes?${searchOf(filters)}`}>
                  {t('list.newest')}
                </Link>
              ) : null}
              {shown.next ? (
                <Link class="button" href={`/interacoes?${searchOf(filters, shown.next)}`}>
                  {t('list.older')}
                </Link>
              ) : null}
            </div>
          </>
        )}
      </Load>
    </>
  );
}

function Talks({ page }: { page: ListPage }) {
  const list = useRef<HTMLUListElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const links = [...(list.current?.querySelectorAll<HTMLElement>('a.talk-link') ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    if (step === undefined || at < 0) return;
    event.preventDefault();
    links[at + step]?.focus();
  };
  return (
    <>
      <p class="hint ix-keys-hint">{t('list.keys')}</p>
      <ul class="talks" aria-label={t('list.label')} ref={list} onKeyDown={move}>
        {page.items.map((row) => (
          <li key={row.id}>
            <Talk row={row} />
          </li>
        ))}
      </ul>
    </>
  );
}
