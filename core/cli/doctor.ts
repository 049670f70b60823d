import { existsSync } from 'node:fs';
import { type Environment, readEnvironment } from '../../config/environment.ts';
import { BaltoError } from '../contracts/index.ts';
import type { Command, Io } from './command.ts';
import { type Check, checkClock, checkDatabase, checkDisk, checkNode, checkPort } from './doctor-checks.ts';
import { withStoredConfig } from './doctor-config.ts';
import { checkProviders } from './doctor-providers.ts';
import { registeredApp } from './registered.ts';
import { silentLog } from './silent-log.ts';

export const command: Command = {
  usage: 'doctor',
  summary:
    'Confere Node, configuração, porta, disco, banco e migrações, relógio e cada chave (com uma chamada que não custa). Sai com 1 se há erro.',
  async run({ values }, io) {
    const checks = await diagnose(io);
    const ok = checks.every(({ status }) => status !== 'erro');
    if (values['json'] === true) io.out(JSON.stringify({ ok, checks }, null, 2));
    else for (const line of checks.flatMap(linesOf)) io.out(line);
    return ok ? 0 : 1;
  },
};

async function diagnose({ env }: Pick<Io, 'env'>): Promise<Check[]> {
  const first = [checkNode(), checkClock()];
  let environment: Environment;
  try {
    environment = readEnvironment(env, silentLog);
  } catch (error) {
    if (!(error instanceof BaltoError)) throw error;
    const remedy = 'corrija no .env (ver .env.example); o resto não pôde ser conferido';
    return [...first, { name: 'Configuração', status: 'erro', detail: error.message, remedy }];
  }
  const [port, disk, database] = await Promise.all([
    checkPort(environment),
    checkDisk(environment),
    checkDatabase(environment),
  ]);
  // After the database's own check: the embedded one is opened by one at a time.
  const vendors = await checkVendors(environment, env);
  return [...first, configuration(environment), port, disk, ...database, ...vendors];
}

function configuration({ notices }: Environment): Check {
  const source = existsSync('.env') ? '.env e ambiente' : 'ambiente, sem arquivo .env';
  const name = 'Configuração';
  if (notices.length === 0) return { name, status: 'ok', detail: source };
  const remedy = notices.map(({ variable, message }) => `${variable} ${message}`).join('\n');
  return { name, status: 'aviso', detail: `${source}: há variáveis sem efeito`, remedy };
}

async function checkVendors(environment: Environment, env: Io['env']): Promise<Check[]> {
  try {
    const app = await registeredApp(environment.plugins);
    try {
      const { registry } = app.balto;
      return await withStoredConfig(await checkProviders(registry, environment, env), registry, environment, env);
    } finally {
      await app.close();
    }
  } catch (error) {
    if (!(error instanceof BaltoError)) throw error;
    return [
      {
        name: 'Plugins',
        status: 'erro',
        detail: error.message,
        remedy: 'confira BALTO_PLUGINS e as listas BALTO_STT, BALTO_LLM, BALTO_VAD e BALTO_CLEANER',
      },
    ];
  }
}

function linesOf({ name, status, detail, remedy }: Check): string[] {
  const remedies = remedy?.split('\n').map((line) => `       → ${line}`) ?? [];
  return [`${status.padEnd(6)} ${name}: ${detail}`, ...remedies];
}
