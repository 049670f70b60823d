import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import { BaltoError, type Log } from '../contracts/index.ts';
import type { ConfigVersions } from '../store/config-versions.ts';
import { AddressText, type RoutingSection, type Rule } from './rule.ts';

const SeedData = Type.Object(
  { note: Type.String(), first: AddressText, economical: AddressText },
  { additionalProperties: false },
);
/** Who takes what under the seeded rules, as `config/seed-rules.json` holds it. */
export type SeedData = Static<typeof SeedData>;

/** What the environment says of smart routing. */
export interface SeedSettings {
  /** `SMART_ROUTING_ENABLE`; off: always the last rule. */
  smartRouting: boolean;
  /** Seconds from which the economical one serves. */
  smartRoutingMinDuration: number;
  /** dB from which it serves. */
  smartRoutingSnrThreshold: number;
}

/** Variables that seed the rules. */
const SEED_VARIABLES = ['SMART_ROUTING_ENABLE', 'SMART_ROUTING_MIN_DURATION', 'SMART_ROUTING_SNR_THRESHOLD'];

/** The variable with which an operator chooses the list, and with it whether the seeded vendors are wanted. */
const LIST_VARIABLE = 'BALTO_STT';

/**
 * The global rules of a first start. They hold only where both vendors can be used, else the list decides; an operator
 * whose own list leaves one of them out has chosen otherwise, and gets none.
 * @param listed addresses of the environment's list: who is not named by the rules stands behind them.
 */
export function seedRules(
  seed: SeedData,
  settings: SeedSettings,
  listed: readonly string[],
  env: Record<string, string | undefined>,
): RoutingSection {
  const asListed = (address: string) => listed.find((each) => each === address || each.startsWith(`${address}:`));
  const [first, economical] = [asListed(seed.first), asListed(seed.economical)];
  if (env[LIST_VARIABLE]?.trim() && !(first && economical)) return { rules: [] };
  const named = { first: first ?? seed.first, economical: economical ?? seed.economical };
  const others = listed.filter((each) => each !== first && each !== economical);
  return { rules: settings.smartRouting ? byUtterance(named, settings, others) : [alwaysFirst(named, others)] };
}

/** Writes the seeded rules where nobody has edited them; where somebody has, says which variables have no effect. */
export async function seedRouting(
  versions: Pick<ConfigVersions, 'seed'>,
  section: RoutingSection,
  env: Record<string, string | undefined>,
  log: Log,
): Promise<void> {
  if ((await versions.seed('routing', section)) !== 'kept') return;
  for (const variable of SEED_VARIABLES.filter((name) => env[name]?.trim())) {
    const notice = 'sem efeito: as regras de roteamento foram mudadas depois de semeadas, e vale o banco';
    log.warn({ variable, notice }, 'environment notice');
  }
}

/** Reads and checks the data of `config/`. Throws BALTO_ROUTING_SEED naming the field. */
export function loadSeed(file: string | URL = new URL('../../config/seed-rules.json', import.meta.url)): SeedData {
  const data: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (Value.Check(SeedData, data)) return data;
  const field = `seed-rules.json${(Value.Errors(SeedData, data)[0]?.instancePath ?? '').replaceAll('/', '.')}`;
  throw new BaltoError({ code: 'BALTO_ROUTING_SEED', message: `regras semeadas inválidas em "${field}"`, field });
}

type Named = Pick<SeedData, 'first' | 'economical'>;

function byUtterance({ first, economical }: Named, settings: SeedSettings, others: readonly string[]): Rule[] {
  const ms = Math.round(settings.smartRoutingMinDuration * 1000);
  const usable = [first, economical];
  const short = seeded('padrao-curta', 'Fala curta', 10, { usable, durationMs: { max: ms } }, [...usable, ...others]);
  const clean = { durationMs: { min: ms }, snrDb: { min: settings.smartRoutingSnrThreshold } };
  const long = [economical, first, ...others];
  return [
    ...(ms > 0 ? [short] : []),
    seeded('padrao-longa-limpa', 'Fala longa e limpa', 20, { usable, ...clean }, long),
    seeded('padrao', 'As outras falas', 30, { usable }, [...usable, ...others]),
  ];
}

function alwaysFirst({ first, economical }: Named, others: readonly string[]): Rule {
  return seeded('padrao', 'Todas as falas', 30, { usable: [first] }, [first, economical, ...others]);
}

function seeded(id: string, title: string, priority: number, when: Rule['when'], use: string[]): Rule {
  return { id, title, priority, when, use, mode: 'segment' };
}
