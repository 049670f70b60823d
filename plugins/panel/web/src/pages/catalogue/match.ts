import type { OtcLine } from './types.ts';

/** Lower case, without accents: how people type. */
function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Whether a line of the list has every word that was typed, in its substances, uses, forms or name. */
export function matchesLine({ rule, substances, indications, forms }: OtcLine, text: string): boolean {
  const whole = folded([rule, ...substances.map(({ name }) => name), ...indications, ...forms].join(' '));
  return folded(text)
    .split(/\s+/)
    .every((word) => whole.includes(word));
}
