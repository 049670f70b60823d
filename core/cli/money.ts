import { readEnvironment } from '../../config/environment.ts';
import { loadPrices } from '../runtime/prices.ts';
import { systemClock } from '../store/system-clock.ts';
import { silentLog } from './silent-log.ts';

/** Money at the rate in force: `USD_BRL`, else the dated one beside the prices. */
export function moneyFor(env: Record<string, string | undefined>, decimals?: number): Money {
  const { usdBrl } = readEnvironment(env, silentLog);
  const rate = usdBrl ?? loadPrices({ clock: systemClock, log: silentLog }).exchange()?.brlPerUsd;
  return new Money(rate ?? null, decimals);
}

/** Amounts as people read them: dollars as vendors bill them, and reais at a stated rate. */
export class Money {
  readonly #brlPerUsd: number | null;
  readonly #decimals: number;

  /** `brlPerUsd` null: dollars only. An utterance costs thousandths of a cent, so there are many decimals. */
  constructor(brlPerUsd: number | null, decimals = 5) {
    this.#brlPerUsd = brlPerUsd;
    this.#decimals = decimals;
  }

  /** `US$ 0,00012 (R$ 0,00064)`, from millionths of a dollar. */
  text(microUsd: number): string {
    const dollars = `US$ ${this.#amount(microUsd)}`;
    return this.#brlPerUsd === null ? dollars : `${dollars} (${this.reais(microUsd)})`;
  }

  /** `R$ 0,00064`; `R$ –` without a rate. */
  reais(microUsd: number): string {
    return this.#brlPerUsd === null ? 'R$ –' : `R$ ${this.#amount(microUsd * this.#brlPerUsd)}`;
  }

  #amount(micro: number): string {
    return (micro / 1_000_000).toFixed(this.#decimals).replace('.', ',');
  }
}
