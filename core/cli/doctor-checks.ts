import { constants, existsSync } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import type { Environment } from '../../config/environment.ts';
import type { BaltoError } from '../contracts/index.ts';
import { openDatabase } from '../store/database.ts';
import { DEFAULT_TIME_ZONE } from '../wall-clock.ts';
import { silentLog } from './silent-log.ts';

/** One line of the doctor. `remedy` says what to do; pt-BR. */
export interface Check {
  name: string;
  status: 'ok' | 'aviso' | 'erro';
  detail: string;
  remedy?: string;
}

const MEGABYTE = 1_048_576;
/** A clock before this version was made is wrong. */
const NOT_BEFORE = Date.UTC(2026, 10, 1);
const MOST_SKEW_MS = 2000;

export function checkNode(version = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = major > 22 || (major === 22 && minor >= 18);
  const detail = `Node ${version}`;
  if (fits) return { name: 'Node', status: 'ok', detail };
  return { name: 'Node', status: 'erro', detail, remedy: 'use o Node 22.18 ou mais novo (npm ci instala um)' };
}

/** Whether the port is free, already Balto's, or somebody else's. */
export async function checkPort({ port, host }: Pick<Environment, 'port' | 'host'>): Promise<Check> {
  const name = 'Porta';
  const code = await bindError(port, host);
  if (code === null) return { name, status: 'ok', detail: `${port} livre em ${host}` };
  if (code !== 'EADDRINUSE') {
    return {
      name,
      status: 'erro',
      detail: `${host}:${port} não pode ser aberta (${code})`,
      remedy: 'corrija HOST ou PORT',
    };
  }
  if (await isBalto(port)) return { name, status: 'ok', detail: `${port}: um Balto já atende nela` };
  if (port === 8765)
    return {
      name,
      status: 'aviso',
      detail: '8765 ocupada por outro programa',
      remedy: 'a 8766 será usada; aponte os balcões para ela',
    };
  return {
    name,
    status: 'erro',
    detail: `${port} ocupada por outro programa`,
    remedy: 'pare esse programa ou mude PORT',
  };
}

function bindError(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'erro'));
    server.listen({ port, host }, () => server.close(() => resolve(null)));
  });
}

async function isBalto(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/health/live`, { signal: AbortSignal.timeout(1000) });
    return ((await answer.json()) as { status?: unknown }).status === 'ok';
  } catch {
    return false; // whatever holds the port, it does not answer as Balto does
  }
}

export async function checkDisk({ dataDir }: Pick<Environment, 'dataDir'>): Promise<Check> {
  const name = 'Disco';
  try {
    const folder = existing(resolve(dataDir));
    await access(folder, constants.W_OK);
    const { bavail, bsize } = await statfs(folder);
    const free = Math.floor((bavail * bsize) / MEGABYTE);
    const detail = `${free} MB livres em ${dataDir}`;
    if (free < 200) return { name, status: 'erro', detail, remedy: 'libere espaço ou mude BALTO_DATA_DIR' };
    if (free < 1024) return { name, status: 'aviso', detail, remedy: 'libere espaço: menos de 1 GB acaba depressa' };
    return { name, status: 'ok', detail };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'erro';
    return {
      name,
      status: 'erro',
      detail: `${dataDir}: ${code}`,
      remedy: 'dê ao usuário do Balto direito de escrever em BALTO_DATA_DIR',
    };
  }
}

/** The folder itself, or the nearest one above it that is there: the doctor makes nothing. */
function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
}

/** The database and its migrations; for a real Postgres also the difference between its clock and ours. */
export async function checkDatabase(environment: Pick<Environment, 'dataDir' | 'databaseUrl'>): Promise<Check[]> {
  const name = 'Banco';
  const { dataDir, databaseUrl: url } = environment;
  if (url === undefined && !existsSync(join(dataDir, 'postgres'))) {
    return [{ name, status: 'ok', detail: `embutido, será criado em ${dataDir} na primeira partida` }];
  }
  try {
    const database = await openDatabase({ url, dataDir, log: silentLog, maxConnections: 1 });
    try {
      const { kind, state, error, migration } = database.status();
      if (state !== 'ready')
        return [
          {
            name,
            status: 'erro',
            detail: `Postgres não responde (${error})`,
            remedy: 'confira POSTGRES_* ou DATABASE_URL, e se o servidor está no ar',
          },
        ];
      const which = kind === 'embedded' ? 'embutido' : 'Postgres';
      const found: Check = { name, status: 'ok', detail: `${which}, migração ${migration}` };
      return kind === 'embedded' ? [found] : [found, await checkSkew(database)];
    } finally {
      await database.close();
    }
  } catch (error) {
    const { code, message } = error as BaltoError;
    if (code === 'BALTO_STORE_LOCKED') return [{ name, status: 'ok', detail: 'embutido, em uso por um Balto no ar' }];
    return [{ name, status: 'erro', detail: message, remedy: 'corrija o que a mensagem diz e rode de novo' }];
  }
}

async function checkSkew(database: Awaited<ReturnType<typeof openDatabase>>): Promise<Check> {
  const before = Date.now();
  const at = await database.system((trx) =>
    trx.selectNoFrom((from) => from.fn<Date>('clock_timestamp', []).as('at')).executeTakeFirstOrThrow(),
  );
  const skewMs = Math.abs(at.at.getTime() - (before + Date.now()) / 2);
  const name = 'Relógio do banco';
  if (skewMs <= MOST_SKEW_MS) return { name, status: 'ok', detail: `${Math.round(skewMs)} ms de diferença` };
  return {
    name,
    status: 'aviso',
    detail: `${Math.round(skewMs / 1000)} s de diferença`,
    remedy: 'acerte os relógios das duas máquinas (NTP)',
  };
}

export function checkClock(now = new Date()): Check {
  const name = 'Relógio';
  const local = now.toLocaleString('pt-BR', { timeZone: DEFAULT_TIME_ZONE });
  if (now.getTime() >= NOT_BEFORE) return { name, status: 'ok', detail: `${local} em São Paulo` };
  return {
    name,
    status: 'erro',
    detail: `${local}: anterior a esta versão`,
    remedy: 'acerte o relógio (NTP): chaves e sessões dependem dele',
  };
}
