import { chmod, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { BaltoError, type Log } from '../contracts/index.ts';

/** What the running server does for the command line, by name. Answers are JSON. */
export type Operations = Record<string, (args: unknown) => Promise<unknown>>;

/** Longest request or answer, in bytes. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Silent or slow callers are let go. */
const IDLE_MS = 60_000;
const MAX_CALLERS = 16;
/** Longest path of a Unix socket that every system takes. */
const MAX_PATH = 100;

type Answer = { ok: true; result: unknown } | { ok: false; code: string; message: string; field?: string };

/**
 * While the server holds the embedded database, the command line asks it through `<dataDir>/balto.sock`: one JSON request
 * a line, `{op, args}`, one answer a line, in order. Only the same user can open the file (0600).
 * @returns a function that stops listening and removes the file.
 */
export async function serveCommands(dataDir: string, operations: Operations, log: Log): Promise<() => Promise<void>> {
  const path = socketPath(dataDir);
  // Whoever gets here holds the folder's lock: a file that is there was left by a process that died.
  await rm(path, { force: true });
  const callers = new Set<Socket>();
  const server = createServer((socket) => {
    callers.add(socket);
    socket.on('close', () => callers.delete(socket));
    socket.on('error', (error) => log.warn({ error: error.message }, 'command connection failed'));
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    serve(socket, operations, log);
  });
  server.maxConnections = MAX_CALLERS;
  const mask = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(mask);
  }
  await chmod(path, 0o600);
  return async () => {
    for (const caller of callers) caller.destroy();
    await new Promise((resolve) => server.close(resolve));
    await rm(path, { force: true });
  };
}

/**
 * Asks the server that holds `dataDir` to run `op`.
 * @throws BaltoError `BALTO_SERVER_NOT_RUNNING`, or the error the operation ended with, as it was.
 */
export async function callServer(dataDir: string, op: string, args: unknown = {}): Promise<unknown> {
  const socket = connect(socketPath(dataDir));
  const line = await new Promise<string>((resolve, reject) => {
    onLine(socket, resolve);
    socket.once('error', (cause) => reject(notRunning(cause)));
    socket.once('close', () => reject(notRunning()));
    socket.once('connect', () => socket.write(`${JSON.stringify({ op, args })}\n`));
  });
  socket.destroy();
  const answer = JSON.parse(line) as Answer;
  if (answer.ok) return answer.result;
  throw new BaltoError({
    code: answer.code,
    message: answer.message,
    ...(answer.field !== undefined && { field: answer.field }),
  });
}

function socketPath(dataDir: string): string {
  const path = join(dataDir, 'balto.sock');
  if (Buffer.byteLength(path) <= MAX_PATH) return path;
  throw new BaltoError({
    code: 'BALTO_CONFIG_DATA_DIR_TOO_LONG',
    field: 'BALTO_DATA_DIR',
    message: `O caminho da pasta de dados é longo demais: use até ${MAX_PATH - 11} caracteres.`,
  });
}

function serve(socket: Socket, operations: Operations, log: Log): void {
  let queue = Promise.resolve();
  onLine(socket, (line) => {
    queue = queue.then(async () => {
      // A long operation is not a silent caller.
      socket.setTimeout(0);
      const answer = JSON.stringify(await answerTo(line, operations, log));
      socket.setTimeout(IDLE_MS);
      if (!socket.destroyed) socket.write(`${answer}\n`);
    });
  });
}

async function answerTo(line: string, operations: Operations, log: Log): Promise<Answer> {
  try {
    const { op, args } = JSON.parse(line) as { op?: unknown; args?: unknown };
    const operation = typeof op === 'string' && Object.hasOwn(operations, op) ? operations[op] : undefined;
    if (!operation)
      return { ok: false, code: 'BALTO_COMMAND_UNKNOWN', message: 'O servidor não conhece este comando.' };
    return { ok: true, result: (await operation(args)) ?? null };
  } catch (error) {
    if (error instanceof BaltoError) {
      const field = error.field === undefined ? {} : { field: error.field };
      return { ok: false, code: error.code, message: error.message, ...field };
    }
    const name = error instanceof Error ? error.name : 'unknown';
    log.error({ name }, 'command failed');
    return { ok: false, code: 'BALTO_COMMAND_FAILED', message: 'O comando falhou no servidor; veja o registro dele.' };
  }
}

/** Calls back with each line; a line past the bound ends the connection. */
function onLine(socket: Socket, take: (line: string) => void): void {
  let held: Buffer[] = [];
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      take(Buffer.concat([...held, rest.subarray(0, end)]).toString());
      rest = rest.subarray(end + 1);
      held = [];
      bytes = 0;
    }
    bytes += rest.length;
    if (bytes > MAX_MESSAGE_BYTES) socket.destroy();
    else held.push(rest);
  });
}

function notRunning(cause?: unknown): BaltoError {
  return new BaltoError({
    code: 'BALTO_SERVER_NOT_RUNNING',
    message: 'Nenhum servidor do Balto está em execução nesta pasta de dados.',
    statusCode: 503,
    cause,
  });
}
