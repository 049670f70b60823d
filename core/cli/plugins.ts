import { readEnvironment } from '../../config/environment.ts';
import type { Registry } from '../registry/registry.ts';
import type { Command } from './command.ts';
import { registeredApp } from './registered.ts';
import { silentLog } from './silent-log.ts';
import { table } from './table.ts';

interface Row {
  address: string;
  title: string;
  vendor: string;
  region: string;
  models: string[];
  /** Variables that hold its key; empty: none is needed. */
  keys: string[];
  hasKey: boolean;
}

export const command: Command = {
  usage: 'plugins',
  summary: 'Lista os provedores instalados, os modelos que conhecem e se a chave de cada um está no ambiente.',
  async run({ values }, io) {
    const app = await registeredApp(readEnvironment(io.env, silentLog).plugins);
    try {
      const rows = rowsOf(app.balto.registry, io.env);
      if (values['json'] === true) io.out(JSON.stringify({ ok: true, providers: rows }, null, 2));
      else for (const line of linesOf(rows)) io.out(line);
      return 0;
    } finally {
      await app.close();
    }
  },
};

function rowsOf(registry: Registry, env: Record<string, string | undefined>): Row[] {
  return registry.list().flatMap((provider) => {
    const vendor = registry.vendor(provider.vendor);
    if (!vendor) return [];
    const { title, models } = provider;
    return {
      address: `${provider.kind}/${provider.id}`,
      title,
      vendor: vendor.title,
      region: vendor.region,
      models,
      keys: vendor.env ?? [],
      hasKey: registry.credentialsFromEnv(vendor, env).length > 0,
    };
  });
}

function linesOf(rows: Row[]): string[] {
  const cells = rows.map(({ address, title, region, models, keys, hasKey }) => [
    address,
    title,
    region,
    models.join(', ') || '-',
    keys.length === 0 ? 'não precisa' : hasKey ? 'definida' : `falta ${keys[0]}`,
  ]);
  return table(['endereço', 'provedor', 'região', 'modelos', 'chave'], cells);
}
