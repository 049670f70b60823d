/** How figures, money and moments are written: Brazilian Portuguese, the shops' own time. */
export const TIME_ZONE = 'America/Sao_Paulo';
const LOCALE = 'pt-BR';
const MISSING = '–';

const DATE: Intl.DateTimeFormatOptions = { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: TIME_ZONE };
const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', timeZone: TIME_ZONE };
const dates = new Intl.DateTimeFormat(LOCALE, DATE);
const moments = new Intl.DateTimeFormat(LOCALE, { ...DATE, ...CLOCK });
const clocks = new Intl.DateTimeFormat(LOCALE, { ...CLOCK, second: '2-digit' });
const ago = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto' });

type Moment = string | number | Date | null | undefined;

function dateOf(moment: Moment): Date | null {
  if (moment === null || moment === undefined) return null;
  const date = new Date(moment);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** `21/11/2026`. */
export function formatDate(moment: Moment): string {
  const date = dateOf(moment);
  return date ? dates.format(date) : MISSING;
}

/** `21/11/2026 14:05`. */
export function formatMoment(moment: Moment): string {
  const date = dateOf(moment);
  return date ? moments.format(date).replace(', ', ' ') : MISSING;
}

/** `14:05:09`. */
export function formatClock(moment: Moment): string {
  const date = dateOf(moment);
  return date ? clocks.format(date) : MISSING;
}

const AGES: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** `há 3 minutos`, `ontem`. */
export function formatAgo(moment: Moment, now = Date.now()): string {
  const date = dateOf(moment);
  if (!date) return MISSING;
  const ms = date.getTime() - now;
  for (const [unit, size] of AGES) if (Math.abs(ms) >= size) return ago.format(Math.round(ms / size), unit);
  return ago.format(0, 'second');
}

/** `2026-11-21` in the shops' time: what date fields and filters hold. */
export function isoDay(moment: Moment = new Date()): string {
  const date = dateOf(moment) ?? new Date();
  const parts = new Intl.DateTimeFormat('en-CA', { ...DATE }).format(date);
  return parts;
}

/** `1.234,5`; `digits` after the comma at most. */
export function formatNumber(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
  return new Intl.NumberFormat(LOCALE, { maximumFractionDigits: digits }).format(value);
}

/** A share of 0 to 1 as `87,5%`. */
export function formatShare(share: number | null | undefined, digits = 1): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return MISSING;
  return new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: digits }).format(share);
}

/** `R$ 1.234,56`. */
export function formatReais(value: number | null | undefined, digits = 2): string {
  return money(value, 'BRL', digits);
}

/** Millionths of a US dollar, the unit of every stored cost, as `US$ 0,0123`: small sums keep their figures. */
export function formatMicroUsd(micro: number | null | undefined): string {
  if (micro === null || micro === undefined) return MISSING;
  const usd = micro / 1e6;
  return money(usd, 'USD', usd !== 0 && Math.abs(usd) < 1 ? 4 : 2);
}

function money(value: number | null | undefined, currency: string, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return MISSING;
  const style = { style: 'currency', currency, minimumFractionDigits: 2, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(LOCALE, style).format(value).replace(/\u00a0/g, ' ');
}

/** `840 ms`, `1,2 s`, `3 min 05 s`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return MISSING;
  if (Math.abs(ms) < 1000) return `${formatNumber(ms)} ms`;
  if (Math.abs(ms) < 60_000) return `${formatNumber(ms / 1000, 1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${formatNumber(Math.floor(seconds / 60))} min ${String(seconds % 60).padStart(2, '0')} s`;
}

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `12,3 MB`. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return MISSING;
  const power = Math.min(SIZES.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${formatNumber(bytes / 1000 ** power, power === 0 ? 0 : 1)} ${SIZES[power]}`;
}
