/** The filters of a list, as the address holds them: text, or `''` where one is not set. */
export interface Filters {
  q: string;
  counterId: string;
  employeeId: string;
  provider: string;
  from: string;
  to: string;
  type: string;
  feedback: string;
  card: string;
  reviewed: string;
  verdict: string;
  doubt: string;
}

const NAMES = [
  ...['q', 'counterId', 'employeeId', 'provider', 'from', 'to', 'type', 'feedback', 'card', 'reviewed', 'verdict'],
  'doubt',
] as (keyof Filters)[];

/** The same filters under the names that the export takes. */
const OLD_NAMES: Record<keyof Filters | 'clientId', string> = {
  clientId: 'cliente_id',
  q: 'busca',
  counterId: 'balcao_id',
  employeeId: 'funcionario_id',
  provider: 'provedor',
  from: 'inicio',
  to: 'fim',
  type: 'tipo',
  feedback: 'feedback',
  card: 'cartao',
  reviewed: 'avaliada',
  verdict: 'parecer',
  doubt: 'duvida',
};

export function filtersOf(search: string): Filters {
  const params = new URLSearchParams(search);
  return Object.fromEntries(NAMES.map((name) => [name, params.get(name) ?? ''])) as unknown as Filters;
}

/** The address' query for these filters; a page further on only with its cursor. */
export function searchOf(filters: Filters, cursor?: string | null): string {
  const params = new URLSearchParams();
  for (const name of NAMES) if (filters[name] !== '') params.set(name, filters[name]);
  if (cursor) params.set('cursor', cursor);
  return params.toString();
}

/** What the API is asked. The last day is meant whole: the API's end is not included. */
export function queryOf(filters: Filters, clientId: string | null): Record<string, string> {
  const asked = { ...filters, to: filters.to === '' ? '' : dayAfter(filters.to), clientId: clientId ?? '' };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== ''));
}

/** What the export is asked: the very same rows. */
export function exportUrl(format: 'xlsx' | 'csv', filters: Filters, clientId: string | null): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(queryOf(filters, clientId))) {
    params.set(OLD_NAMES[name as keyof Filters], value);
  }
  return `/api/export/${format}?${params}`;
}

/** Filters that are set, the words searched apart. */
export function countOf({ q: _q, ...filters }: Filters): number {
  return Object.values(filters).filter((value) => value !== '').length;
}

export function dayAfter(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}
