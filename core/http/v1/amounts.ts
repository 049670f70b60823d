import { Type } from 'typebox';
import type { MoneyDoors } from '../options.ts';
import { nullable } from './schemas.ts';

/** An amount as vendors bill it, and as a shop counts it. */
export const Amount = Type.Object({
  microUsd: Type.Integer({ description: 'Milionésimos de US$' }),
  usd: Type.Number(),
  brl: nullable(Type.Number({ description: 'À taxa de exchange; null sem taxa' })),
});

/** The rate that amounts are shown at. */
export const Exchange = nullable(
  Type.Object({
    brlPerUsd: Type.Number(),
    from: nullable(Type.String({ description: 'Dia da taxa; null: de USD_BRL' })),
    source: Type.String(),
  }),
);

/** Six decimals of a dollar, and of a real. */
export function amount(microUsd: number, { exchange }: Pick<MoneyDoors, 'exchange'>) {
  const rate = exchange()?.brlPerUsd;
  return { microUsd, usd: microUsd / 1e6, brl: rate === undefined ? null : Math.round(microUsd * rate) / 1e6 };
}
