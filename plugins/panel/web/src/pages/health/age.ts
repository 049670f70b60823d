const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];
const ago = new Intl.RelativeTimeFormat('pt-BR', { numeric: 'always' });

/** `há 3 dias`: whole units, rounded down, so that an age is never said to be less than it is by much. */
export function ageText(seconds: number): string {
  for (const [unit, size] of UNITS) if (seconds >= size) return ago.format(-Math.floor(seconds / size), unit);
  return ago.format(-Math.floor(seconds), 'second');
}
