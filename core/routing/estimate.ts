/** A figure, with its 95 % interval where it comes from a sample. */
export interface Estimate {
  value: number;
  interval: [number, number] | null;
}

/** What a sample found in one stratum of a quantity `y` that some of its rows have. */
export interface StratumSums {
  /** Rows there are, and rows drawn. */
  rows: number;
  drawn: number;
  sum: number;
  squares: number;
}

/** Two sides, 95 times in 100. */
const Z = 1.96;

/** The total of `y` over all rows there are, by strata, with the finite population's correction. */
export function total(strata: readonly StratumSums[], isSample: boolean): Estimate {
  let value = 0;
  let variance = 0;
  const spare = pooledVariance(strata);
  for (const { rows, drawn, sum, squares } of strata) {
    if (drawn === 0) continue;
    value += (rows * sum) / drawn;
    // One row says nothing of how rows differ: the others' spread stands in.
    const spread = drawn > 1 ? Math.max(0, (squares - (sum * sum) / drawn) / (drawn - 1)) : spare;
    variance += (rows * rows * (1 - drawn / rows) * spread) / drawn;
  }
  return withInterval(value, variance, isSample);
}

/** What of each stratum's rows counts, and what of those is of the kind that is asked for. */
export interface StratumShare {
  rows: number;
  drawn: number;
  counted: number;
  ofKind: number;
}

/** The share of rows of a kind among those that count: a ratio, its variance by linearisation. */
export function share(strata: readonly StratumShare[], isSample: boolean): Estimate {
  const sums = (of: 'counted' | 'ofKind') =>
    strata.reduce((sum, each) => sum + (each.drawn > 0 ? (each.rows * each[of]) / each.drawn : 0), 0);
  const counted = sums('counted');
  if (counted <= 0) return { value: 0, interval: isSample ? [0, 0] : null };
  const value = sums('ofKind') / counted;
  const residuals = strata.map(({ rows, drawn, counted: n, ofKind }) => ({
    rows,
    drawn,
    sum: ofKind - value * n,
    squares: ofKind * (1 - value) ** 2 + (n - ofKind) * value ** 2,
  }));
  const { interval } = total(residuals, true);
  if (!isSample || !interval) return { value, interval: null };
  const half = (interval[1] - interval[0]) / 2 / counted;
  return { value, interval: [Math.max(0, value - half), Math.min(1, value + half)] };
}

function withInterval(value: number, variance: number, isSample: boolean): Estimate {
  const half = Z * Math.sqrt(Math.max(0, variance));
  return { value, interval: isSample ? [value - half, value + half] : null };
}

/** Spread within strata, of all that have more than one row drawn. */
function pooledVariance(strata: readonly StratumSums[]): number {
  let squares = 0;
  let freedom = 0;
  for (const { drawn, sum, squares: own } of strata) {
    if (drawn < 2) continue;
    squares += Math.max(0, own - (sum * sum) / drawn);
    freedom += drawn - 1;
  }
  return freedom > 0 ? squares / freedom : 0;
}
