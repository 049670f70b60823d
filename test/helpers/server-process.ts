import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const ENTRY = new URL('../../core/cli/balto.js', import.meta.url).pathname;

/** `balto start` in a process of its own, as a person starts it; to be killed at any moment. */
export interface ServerProcess {
  url: string;
  ws: string;
  /** What it said so far, summary and log. */
  output: string[];
  /** Resident memory, in bytes; 0 once it is gone. */
  rssBytes(): number;
  /** Whether it still runs. */
  alive(): boolean;
  /** Resolves when it says a line after which `holds`; at once when it does already. Rejects when it is gone. */
  until(holds: () => boolean): Promise<void>;
  /** Asks it to end, as a service manager does, and gives its exit code. */
  stop(): Promise<number | null>;
  /** Ends it without a chance to do anything; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Registers a client and a counter of it by the real routes; the counter's key and id. */
export async function registerCounter(
  url: string,
  email = 'dona@farmacia.com.br',
): Promise<{ apiKey: string; counterId: string }> {
  const post = async (path: string, body: object) =>
    (await fetch(url + path, { method: 'POST', body: JSON.stringify(body) })).json() as Promise<Record<string, string>>;
  const { codigo } = await post('/cadastro/cliente', { email, razao_social: 'Farmácia' });
  const { api_key = '', balcao_id = '' } = await post('/cadastro/balcao', {
    nome_balcao: 'Caixa 1',
    user_codigo: codigo,
  });
  return { apiKey: api_key, counterId: balcao_id };
}

/**
 * Resolves once it listens. `folder` is its working folder: no `.env` of the developer is read. `entry` is another Balto
 * than this one, such as an installed package.
 */
export async function startServer(
  env: Record<string, string>,
  folder: string,
  entry: string = ENTRY,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [entry, 'start'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  const alive = () => child.exitCode === null && child.signalCode === null;
  const url = await listening(child, output);
  return {
    url,
    ws: `${url.replace('http', 'ws')}/ws`,
    output,
    rssBytes: () => (alive() ? Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)])) * 1024 : 0),
    alive,
    until: (holds) =>
      new Promise((resolve, reject) => {
        const look = () => holds() && resolve();
        child.stdout?.on('data', () => setImmediate(look));
        child.once('exit', () => reject(new Error(`gone: ${output.join('\n')}`)));
        look();
      }),
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      return ((await gone) as [number | null])[0];
    },
    async kill() {
      if (!alive()) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function listening(child: ChildProcess, output: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`ended (${code ?? signal}): ${output.join('\n')}`)));
    child.stderr?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
    if (!child.stdout) return;
    createInterface(child.stdout).on('line', (line) => {
      output.push(line);
      const port = /escuta em http:\/\/localhost:(\d+)/u.exec(line)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
  });
}
