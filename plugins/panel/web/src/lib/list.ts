import { useState } from 'preact/hooks';
import { type ApiError, get, urlOf } from './api.ts';
import { type Loaded, useAction, useLoad } from './load.ts';

interface Page<Row> {
  items: Row[];
  next: string | null;
}

/** A list that is read page by page: `of` is for `Load`, `more` reads on (undefined: this is all). */
export interface List<Row> {
  of: Loaded<Page<Row>>;
  more: (() => void) | undefined;
  isLoadingMore: boolean;
  /** Of reading on. */
  error: ApiError | null;
}

/** Reads a list of the API by its cursor; begins anew when `query` changes. `path` null reads nothing. */
export function useList<Row>(path: string | null, query: Parameters<typeof urlOf>[1] = {}, turn = 0): List<Row> {
  const key = path === null ? null : `${urlOf(path, query)} ${turn}`;
  const of = useLoad(key, (signal) => get<Page<Row>>(path ?? '', query, signal));
  const [askedFor, setAskedFor] = useState<string | null>(null);
  const { run, isBusy, error } = useAction(async (cursor: string, before: Page<Row>) => {
    setAskedFor(key);
    const page = await get<Page<Row>>(path ?? '', { ...query, cursor });
    of.set({ items: [...before.items, ...page.items], next: page.next });
  });
  const { data } = of;
  const next = data?.next ?? null;
  return {
    of,
    more: data && next !== null ? () => void run(next, data) : undefined,
    isLoadingMore: isBusy,
    error: askedFor === key ? error : null,
  };
}
