import { DEFAULT_TIME_ZONE } from '../wall-clock.ts';

const SHAPE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/;

/** Times as people and reports read them, in one zone. */
export class LocalTime {
  readonly #format: Intl.DateTimeFormat;

  /** Without a zone, São Paulo's. */
  constructor(timeZone: string = DEFAULT_TIME_ZONE) {
    const digits = '2-digit';
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      year: 'numeric',
      month: digits,
      day: digits,
      hour: digits,
      minute: digits,
      second: digits,
      hourCycle: 'h23',
    });
  }

  /** `21/11/2026 05:06:07` */
  dateTime(date: Date): string {
    const { day, month, year, clock } = this.#parts(date);
    return `${day}/${month}/${year} ${clock}`;
  }

  /** `05:06:07.089`; `-` for no time. */
  time(date: Date | null): string {
    return date ? `${this.#parts(date).clock}.${milliseconds(date)}` : '-';
  }

  /** ISO 8601 with a numeric offset, never `Z`: `2026-11-21T05:06:07.089-03:00`. */
  iso(date: Date): string {
    const wall = this.#wall(date);
    const minutes = offsetMinutes(wall, date);
    const size = Math.abs(minutes);
    return `${wall}${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  }

  /** ISO 8601 as a moment; without an offset it is a time of this zone, a bare date its midnight. Null: no such time. */
  parse(text: string): Date | null {
    const match = SHAPE.exec(text.trim());
    if (!match) return null;
    const [, day, clock = '00:00', offset] = match;
    const moment = new Date(`${day}T${clock}${offset ?? 'Z'}`);
    if (Number.isNaN(moment.getTime())) return null;
    if (offset !== undefined) return moment;
    // The offset is looked up where the moment would be if it were UTC, and once more there: right also near a change.
    const guess = new Date(moment.getTime() - this.#offsetMs(moment));
    return new Date(moment.getTime() - this.#offsetMs(guess));
  }

  #offsetMs(date: Date): number {
    return offsetMinutes(this.#wall(date), date) * 60_000;
  }

  #wall(date: Date): string {
    const { day, month, year, clock } = this.#parts(date);
    return `${year}-${month}-${day}T${clock}.${milliseconds(date)}`;
  }

  #parts(date: Date): { day: string; month: string; year: string; clock: string } {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(date)) parts[type] = value;
    const { day = '', month = '', year = '', hour, minute, second } = parts;
    return { day, month, year: year.padStart(4, '0'), clock: `${hour}:${minute}:${second}` };
  }
}

/** Minutes by which the clock on the wall is ahead of UTC. */
function offsetMinutes(wall: string, date: Date): number {
  return Math.round((Date.parse(`${wall}Z`) - date.getTime()) / 60_000);
}

function milliseconds(date: Date): string {
  return String(date.getUTCMilliseconds()).padStart(3, '0');
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
