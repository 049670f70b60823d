/** A dose in one of a few base units, so that doses written differently can be compared. */
interface BaseDose {
  value: number;
  /** `mg`, `mg/ml`, `mg/g`, `%`, `ui`, `ui/ml`, … */
  unit: string;
}

/** Factors to the base unit of a mass, volume or activity. */
const UNITS: Readonly<Record<string, readonly [base: string, factor: number]>> = {
  kg: ['mg', 1e6],
  g: ['mg', 1000],
  mg: ['mg', 1],
  mcg: ['mg', 1e-3],
  ug: ['mg', 1e-3],
  l: ['ml', 1000],
  ml: ['ml', 1],
  ui: ['ui', 1],
  u: ['ui', 1],
};

/** Rounding of figures that went through a division. */
const SLACK = 1e-9;

/**
 * Whether a dose is at most `limit`; null: the two cannot be compared (an unknown unit, or a dose per tablet against one
 * per millilitre). A per cent is a gram in 100 ml or 100 g, as Brazilian labels write it.
 */
export function isAtMost(
  dose: { value: number; unit: string },
  limit: { value: number; unit: string },
): boolean | null {
  const given = toBase(dose);
  const most = toBase(limit);
  if (!given || !most) return null;
  const comparable = given.unit === most.unit || (isShare(given.unit) && isShare(most.unit) && bothShare(given, most));
  if (!comparable) return null;
  return given.value <= most.value * (1 + SLACK);
}

function isShare(unit: string): boolean {
  return unit === '%' || unit === 'mg/ml' || unit === 'mg/g';
}

/** Milligrams per millilitre and per gram are the same only where one of them was written as a per cent. */
function bothShare(a: BaseDose, b: BaseDose): boolean {
  return a.unit === '%' || b.unit === '%';
}

function toBase({ value, unit }: { value: number; unit: string }): BaseDose | null {
  if (!Number.isFinite(value) || value <= 0) return null;
  const written = unit.toLowerCase().replace(/\s+/gu, '').replace('µ', 'u').replace('μ', 'u').replace(',', '.');
  if (written === '%') return { value: value * 10, unit: '%' };
  const [above = '', below, more] = written.split('/');
  const mass = UNITS[above];
  if (!mass || more !== undefined) return null;
  if (below === undefined) return { value: value * mass[1], unit: mass[0] };
  const per = /^(\d+(?:\.\d+)?)?([a-z]+)$/u.exec(below);
  const volume = per?.[2] === 'g' ? (['g', 1] as const) : UNITS[per?.[2] ?? ''];
  const amount = Number(per?.[1] ?? 1);
  if (!volume || !['ml', 'g'].includes(volume[0]) || amount <= 0) return null;
  return { value: (value * mass[1]) / (amount * volume[1]), unit: `${mass[0]}/${volume[0]}` };
}
