/** Time on a wall: minutes since midnight, and the day, 0 = Monday … 6 = Sunday. */
export interface WallTime {
  minute: number;
  weekday: number;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
/** Offsets change at quarters of an hour only. */
const STEP_MS = 15 * MINUTE_MS;

/** Wall times of one zone. Remembers the offset of the last quarter of an hour: asking again costs no formatting. */
export class WallClock {
  readonly #format: Intl.DateTimeFormat;
  #step = Number.NaN;
  #offset = 0;

  /** Throws RangeError for a zone that does not exist. */
  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  }

  at(atMs: number): WallTime {
    const minutes = Math.floor(atMs / MINUTE_MS) + this.offsetMinutes(atMs);
    const day = Math.floor(minutes / DAY_MINUTES);
    // 1970-01-01 was a Thursday: day 3.
    return { minute: minutes - day * DAY_MINUTES, weekday: (((day + 3) % 7) + 7) % 7 };
  }

  /** The calendar's day, `YYYY-MM-DD`. */
  dayAt(atMs: number): string {
    return new Date(atMs + this.offsetMinutes(atMs) * MINUTE_MS).toISOString().slice(0, 10);
  }

  /** By how many minutes the wall is ahead of UTC then. */
  offsetMinutes(atMs: number): number {
    const step = Math.floor(atMs / STEP_MS);
    if (step !== this.#step) {
      this.#offset = this.#offsetAt(atMs);
      this.#step = step;
    }
    return this.#offset;
  }

  /** `GMT-03:00`, or `GMT` alone for none. */
  #offsetAt(atMs: number): number {
    const name = this.#format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const match = /([+-])(\d{2}):(\d{2})/.exec(name);
    return match ? Number(`${match[1]}1`) * (Number(match[2]) * 60 + Number(match[3])) : 0;
  }
}

const clocks = new Map<string, WallClock>();
const MOST_CLOCKS = 100;

/** The clock of a zone, made once; of an unknown zone, São Paulo's. */
export function wallClock(timeZone: string): WallClock {
  const known = clocks.get(timeZone);
  if (known) return known;
  const made = isZone(timeZone) ? new WallClock(timeZone) : new WallClock(DEFAULT_TIME_ZONE);
  if (clocks.size < MOST_CLOCKS) clocks.set(timeZone, made);
  return made;
}

/** Times are of this zone unless the client says otherwise. */
export const DEFAULT_TIME_ZONE = 'America/Sao_Paulo';

/** The calendar's day there, `YYYY-MM-DD`: what is meant where nobody's own zone is. */
export function localDay(at: Date): string {
  return wallClock(DEFAULT_TIME_ZONE).dayAt(at.getTime());
}

/** The first moment of such a day there; `day` as `YYYY-MM-DD`. */
export function startOfDay(day: string): Date {
  const clock = wallClock(DEFAULT_TIME_ZONE);
  const asUtc = Date.parse(`${day}T00:00:00Z`);
  // The offset is looked up where the moment would be if it were UTC, and once more there: right also near a change.
  const near = asUtc - clock.offsetMinutes(asUtc) * MINUTE_MS;
  let at = asUtc - clock.offsetMinutes(near) * MINUTE_MS;
  while (clock.dayAt(at) < day) at += STEP_MS; // a day without midnight
  return new Date(at);
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}
