import { formatMicroUsd, formatReais } from './format.ts';

/** An amount as the API gives it: as vendors bill it, and in reais at the rate it names; null where it has none. */
export interface Amount {
  microUsd: number;
  usd: number;
  brl: number | null;
}

/** The rate that amounts are shown at. */
export interface Exchange {
  brlPerUsd: number;
  /** Day of the rate; null: the operator's own. */
  from: string | null;
  source: string;
}

/** `R$ 1.234,56`, or dollars where the API knows no rate; sums under a real keep four figures. */
export function formatAmount(amount: Amount | null | undefined): string {
  if (!amount) return formatReais(null);
  if (amount.brl === null) return formatMicroUsd(amount.microUsd);
  return formatReais(amount.brl, amount.brl !== 0 && Math.abs(amount.brl) < 1 ? 4 : 2);
}

/** `R$ 0,0413 (US$ 0,0077)`: both, where there is a rate. */
export function formatBoth(amount: Amount | null | undefined): string {
  if (!amount || amount.brl === null) return formatAmount(amount);
  return `${formatAmount(amount)} (${formatMicroUsd(amount.microUsd)})`;
}

/** Millionths of a dollar at a rate, where the API gives only those. */
export function amountOf(microUsd: number, exchange: Exchange | null | undefined): Amount {
  return { microUsd, usd: microUsd / 1e6, brl: exchange ? (microUsd * exchange.brlPerUsd) / 1e6 : null };
}
