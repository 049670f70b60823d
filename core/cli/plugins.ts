import { readEnvironment } from '../../config/environment.ts';
import { type Kind, SPEC_VERSION, type VendorManifest } from '../contracts/index.ts';
import type { Tier } from '../kit/check.ts';
import type { Label, Labels } from '../kit/label.ts';
import type { Registry } from '../registry/registry.ts';
import type { Command } from './command.ts';
import { labelReader } from './plugin-label.ts';
import { registeredApp } from './registered.ts';
import { silentLog } from './silent-log.ts';
import { table } from './table.ts';

interface Row {
  kind: Kind;
  id: string;
  vendor: string;
  /** What its own `quality.json` claims for these contracts; null: nothing, or not even bronze. */
  tier: Tier | null;
  /** Checks of the kit that concerned it, the failed ones included; 0: never proven. */
  checks: number;
  failed: number;
  exempt: number;
  /** What the kit was not shown; null: nothing is left. */
  unproven: string | null;
  address: string;
  title: string;
  region: string;
  models: string[];
  /** Variables that hold its key; empty: none is needed. */
  keys: string[];
  hasKey: boolean;
  /** `optional`: none is set, and it works without one. */
  key: 'none' | 'set' | 'optional' | 'missing';
}

export const command: Command = {
  usage: 'plugins',
  summary:
    'Lista os provedores instalados: nível provado pelo kit, modelos que conhecem e se a chave de cada um está no ambiente.',
  async run({ values }, io) {
    const app = await registeredApp(readEnvironment(io.env, silentLog).plugins);
    try {
      const rows = rowsOf(app.balto.registry, io.env, labelReader(io.error));
      if (values['json'] === true) io.out(JSON.stringify({ ok: true, plugins: rows }, null, 2));
      else for (const line of linesOf(rows)) io.out(line);
      return 0;
    } finally {
      await app.close();
    }
  },
};

function rowsOf(
  registry: Registry,
  env: Record<string, string | undefined>,
  labelsOf: (entry: string | undefined) => Labels,
): Row[] {
  return registry.list().flatMap((provider) => {
    const vendor = registry.vendor(provider.vendor);
    if (!vendor) return [];
    const { kind, id, title, models } = provider;
    const address = `${kind}/${id}`;
    const key = keyOf(registry, vendor, env);
    return {
      kind,
      id,
      vendor: vendor.id,
      ...claimOf(labelsOf(registry.entryOf(vendor.id))[address]),
      address,
      title,
      region: vendor.region,
      models,
      keys: vendor.env ?? [],
      hasKey: key !== 'missing',
      key,
    };
  });
}

function keyOf(registry: Registry, vendor: VendorManifest, env: Record<string, string | undefined>): Row['key'] {
  if ((vendor.env ?? []).length === 0) return 'none';
  const [first] = registry.credentialsFromEnv(vendor, env);
  if (!first) return 'missing';
  return Object.keys(first).length > 0 ? 'set' : 'optional';
}

function keyCell(keys: readonly string[], key: Row['key']): string {
  if (key === 'missing') return `falta ${keys[0]}`;
  return { none: 'não precisa', set: 'definida', optional: `opcional (${keys[0]})` }[key];
}

/** A label of other contracts claims nothing here. */
function claimOf(label: Label | undefined): Pick<Row, 'tier' | 'checks' | 'failed' | 'exempt' | 'unproven'> {
  if (label?.contract !== SPEC_VERSION) return { tier: null, checks: 0, failed: 0, exempt: 0, unproven: null };
  const failed = Object.keys(label.fails).length;
  return {
    tier: label.tier,
    checks: label.passes.length + failed,
    failed,
    exempt: Object.keys(label.exempt).length,
    unproven: label.unproven ?? null,
  };
}

function linesOf(rows: Row[]): string[] {
  const cells = rows.map(({ address, title, tier, checks, failed, unproven, region, models, keys, key }) => [
    address,
    title,
    `${tier === null ? '-' : TIER_NAMES[tier]}${unproven === null ? '' : '*'}`,
    checks === 0 ? '-' : `${checks - failed}/${checks}`,
    region,
    keyCell(keys, key),
    models.join(', ') || '-',
  ]);
  const open = rows.flatMap(({ address, unproven }) =>
    unproven === null ? [] : `* ${address}: falta provar ${unproven}`,
  );
  return [...table(['endereço', 'provedor', 'nível', 'provas', 'região', 'chave', 'modelos'], cells), ...open];
}

const TIER_NAMES: Record<Tier, string> = { bronze: 'bronze', silver: 'prata', gold: 'ouro', platinum: 'platina' };
