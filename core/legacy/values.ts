import Value from 'typebox/value';
import { VadSettings } from '../audio/settings.ts';
import { cleanText } from '../store/text.ts';
import { fromVadConfig } from '../store/vad-config.ts';
import type { WallClock } from '../wall-clock.ts';

/** Says what was wrong with a field of the row being read. */
export type Complain = (field: string, code: string, message: string) => void;

const MINUTE_MS = 60_000;
/** `2025-01-31 10:20:30.123456`, with or without a zone. */
const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/;
const MOST_INTEGER = 2_147_483_647;
/** Largest `real`. */
const MOST_REAL = 3.4e38;

/** Text as our database holds it, cut to `most` characters; what was taken away is said. Null stays null. */
export function textOf(
  value: string | null | undefined,
  field: string,
  complain: Complain,
  most: number,
): string | null {
  if (value === null || value === undefined) return null;
  const clean = cleanText(value);
  if (clean !== value || clean.includes('\ufffd')) {
    complain(field, 'BALTO_LEGACY_ENCODING', 'o texto tem caracteres nulos, ou que não são da codificação do banco');
  }
  if (clean.length <= most) return clean;
  complain(field, 'BALTO_LEGACY_TOO_LONG', `o texto passa de ${most} caracteres e foi cortado`);
  return clean.slice(0, most).toWellFormed();
}

/** Whole numbers as a column of ours holds them; a fraction is rounded. */
export function integerOf(value: string | null | undefined, field: string, complain: Complain): number | null {
  const number = numberOf(value, field, complain);
  if (number === null || Math.abs(number) <= MOST_INTEGER) return number === null ? null : Math.round(number);
  complain(field, 'BALTO_LEGACY_NUMBER', 'o número não cabe na coluna');
  return null;
}

export function numberOf(value: string | null | undefined, field: string, complain: Complain): number | null {
  if (value === null || value === undefined || value.trim() === '') return null;
  const number = Number(value);
  if (Number.isFinite(number) && Math.abs(number) <= MOST_REAL) return number;
  // What the original's numerical library writes for "none": no fault of the row.
  if (!/^-?(nan|inf(inity)?)$/i.test(value.trim())) complain(field, 'BALTO_LEGACY_NUMBER', 'não é um número');
  return null;
}

/** A moment; without a zone of its own it is a time of `clock`'s. */
export function momentOf(
  value: string | null | undefined,
  clock: WallClock,
  field: string,
  complain: Complain,
): Date | null {
  if (value === null || value === undefined || value.trim() === '') return null;
  const [, day, time = '00:00', fraction = '', zone] = MOMENT.exec(value.trim()) ?? [];
  const local = Date.parse(`${day}T${time}${fraction === '' ? '' : `.${fraction.slice(0, 3)}`}Z`);
  if (day === undefined || Number.isNaN(local)) {
    complain(field, 'BALTO_LEGACY_TIME', 'não é uma data e hora');
    return null;
  }
  if (zone !== undefined) return new Date(local - zoneMinutes(zone) * MINUTE_MS);
  // The offset is looked up where the moment would be if it were UTC, and once more there: right also near a change.
  const guess = local - clock.offsetMinutes(local) * MINUTE_MS;
  return new Date(local - clock.offsetMinutes(guess) * MINUTE_MS);
}

function zoneMinutes(zone: string): number {
  if (zone === 'Z') return 0;
  const [hours = 0, minutes = 0] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))];
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/** `08:00:00` or `08:00` as a shift's column holds it. */
export function clockTimeOf(value: string | null | undefined): string | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d+)?)?$/.exec(value?.trim() ?? '');
  return match ? `${match[1]}:${match[2]}:${match[3] ?? '00'}` : null;
}

/** What the original calls differently. */
const ALIASES: Record<string, string> = { min_energy: 'min_energy_threshold', pre_roll_len: 'pre_roll_frames' };
/** In its presets, and of no detector of ours. */
const WITHOUT_MEANING = new Set(['vad_aggressiveness', 'aggressiveness', 'sample_rate', 'frame_ms']);

/**
 * A counter's preset as ours. Both count frames of 30 ms; what is out of range, unknown or no number is left out and said.
 */
export function vadOf(value: string | null | undefined, complain: Complain): Partial<VadSettings> {
  const given = presetOf(value, complain);
  const settings: Partial<VadSettings> = {};
  for (const [name, raw] of Object.entries(given)) {
    const field = `vad_config.${cleanText(name).slice(0, 60)}`;
    if (raw === null || WITHOUT_MEANING.has(name)) continue;
    const number = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
    const [known] = Object.entries(
      typeof number === 'number' ? fromVadConfig({ [ALIASES[name] ?? name]: number }) : {},
    );
    if (!known) complain(field, 'BALTO_LEGACY_VAD', 'o ajuste não é conhecido, ou não é um número');
    else if (Value.Check(VadSettings.properties[known[0] as keyof VadSettings], known[1])) {
      // Its documented name wins over an alias of it, whichever comes first.
      if (!(name in ALIASES) || !(known[0] in settings)) Object.assign(settings, { [known[0]]: known[1] });
    } else complain(field, 'BALTO_LEGACY_VAD', 'o ajuste está fora dos limites, e fica o padrão');
  }
  return settings;
}

function presetOf(value: string | null | undefined, complain: Complain): Record<string, unknown> {
  if (value === null || value === undefined || value.trim() === '' || value.trim() === 'null') return {};
  try {
    const parsed: unknown = JSON.parse(value);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // said below, like every other thing that is no preset
  }
  complain('vad_config', 'BALTO_LEGACY_JSON', 'não é um objeto JSON; o balcão fica com os ajustes padrão');
  return {};
}
