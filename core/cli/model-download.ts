import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BaltoError } from '../contracts/index.ts';
import { followRedirects } from './model-redirects.ts';

export interface DownloadRequest {
  url: URL;
  /** Lower-case hex. Also the name of the unfinished file: the same content is continued, from whatever address. */
  sha256: string;
  /** Where the unfinished file is kept. */
  folder: string;
  maxBytes: number;
  signal: AbortSignal;
  /** Called once per answer, before a byte is written: throws when there is no room for it. */
  checkRoom(bytesToCome: number | null): Promise<void>;
  onProgress(done: number, total: number | null): void;
  /** Silence after which a connection is given up, in ms. Default 30 s. */
  stallMs?: number;
}

const STALL_MS = 30_000;
/** Connections in one go, as long as each brings something. */
const MAX_CONNECTIONS = 20;

/** A connection that ended too soon: what came is kept. */
class Interrupted extends Error {}

/**
 * Fetches a file, going on where an earlier attempt stopped (`Range`), and checks it whole against its checksum.
 * @returns path of the verified file. Nothing is left behind when the checksum does not hold.
 * @throws BaltoError BALTO_MODELS_HTTP, _INTERRUPTED, _CHECKSUM, _SIZE, _REDIRECT, _ABORTED.
 */
export async function download(request: DownloadRequest): Promise<string> {
  const path = join(request.folder, `${request.sha256}.part`);
  for (let connections = 1; ; connections++) {
    const before = await sizeOf(path);
    try {
      await connection(request, path);
      break;
    } catch (error) {
      if (request.signal.aborted) throw aborted();
      if (!(error instanceof Interrupted)) throw error;
      if ((await sizeOf(path)) <= before || connections >= MAX_CONNECTIONS) throw interrupted(error.cause);
    }
  }
  const found = await checksumOf(path);
  if (found === request.sha256) return path;
  await rm(path, { force: true });
  throw new BaltoError({
    code: 'BALTO_MODELS_CHECKSUM',
    message: `O arquivo não é o esperado: SHA-256 ${found}, esperado ${request.sha256}. Nada foi instalado.`,
  });
}

async function connection(request: DownloadRequest, path: string): Promise<void> {
  const have = await sizeOf(path);
  const stall = stallTimer(request);
  try {
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (have > 0) headers['range'] = `bytes=${have}-`;
    const response = await followRedirects(request.url, { headers, signal: stall.signal });
    if (response.status === 416 && have > 0) {
      await response.body?.cancel();
      return; // nothing is missing; whether it is too much, the checksum tells
    }
    const head = readHead(response, have);
    if (!head) {
      await rm(path, { force: true });
      throw httpError('continuou do lugar errado; rode o comando de novo');
    }
    const { start, total } = head;
    tooBig(request, total ?? start);
    await request.checkRoom(total === null ? null : total - start);
    const done = await write(request, response, path, { start, total }, stall.restart);
    if (total !== null && done < total) throw new Interrupted('short', { cause: 'resposta incompleta' });
  } catch (error) {
    if (error instanceof BaltoError || error instanceof Interrupted) throw error;
    throw new Interrupted('cut', { cause: reasonOf(error, stall.isOver()) });
  } finally {
    stall.end();
  }
}

/** Where the body begins and how long the file is: a server without `Range` begins again at 0. Null: somewhere else. */
function readHead(response: Response, have: number): { start: number; total: number | null } | null {
  const { status, headers } = response;
  if (status === 206) {
    const [, from, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
    if (from === undefined || Number(from) !== have) return null;
    return { start: have, total: size === '*' ? null : Number(size) };
  }
  if (status !== 200) throw httpError(`respondeu ${status}`);
  const length = headers.get('content-length');
  return { start: 0, total: length === null ? null : Number(length) };
}

async function write(
  request: DownloadRequest,
  response: Response,
  path: string,
  { start, total }: { start: number; total: number | null },
  alive: () => void,
): Promise<number> {
  let file: FileHandle | undefined;
  let done = start;
  try {
    file = await open(path, start > 0 ? 'r+' : 'w', 0o600);
    for await (const chunk of response.body ?? []) {
      alive();
      tooBig(request, done + chunk.length);
      await writeAll(file, chunk, done);
      done += chunk.length;
      request.onProgress(done, total);
    }
    return done;
  } finally {
    await file?.close();
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  try {
    for (let at = 0; at < chunk.length; )
      at += (await file.write(chunk, at, chunk.length - at, position + at)).bytesWritten;
  } catch (cause) {
    const code = String((cause as { code?: unknown }).code ?? 'erro');
    throw new BaltoError({ code: 'BALTO_MODELS_DISK', message: `O arquivo não pôde ser gravado (${code}).`, cause });
  }
}

/** Fires when nothing came for a while, or when the caller stops. */
function stallTimer({ signal, stallMs = STALL_MS }: DownloadRequest) {
  const controller = new AbortController();
  const stop = () => controller.abort();
  const timer = setTimeout(stop, stallMs);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return {
    signal: controller.signal,
    restart: () => void timer.refresh(),
    isOver: () => controller.signal.aborted,
    end() {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    },
  };
}

/** SHA-256 of a file, lower-case hex. */
export async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function tooBig({ maxBytes }: DownloadRequest, bytes: number): void {
  if (bytes <= maxBytes) return;
  const limit = Math.round(maxBytes / 1_048_576);
  throw new BaltoError({
    code: 'BALTO_MODELS_SIZE',
    message: `O arquivo tem mais que o limite de ${limit} MB; aumente-o com --max-mb se for isso mesmo.`,
  });
}

function reasonOf(error: unknown, stalled: boolean): string {
  if (stalled) return 'o servidor se calou';
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : 'conexão interrompida';
}

function httpError(what: string): BaltoError {
  return new BaltoError({ code: 'BALTO_MODELS_HTTP', message: `O servidor do modelo ${what}.`, statusCode: 502 });
}

function interrupted(cause: unknown): BaltoError {
  return new BaltoError({
    code: 'BALTO_MODELS_INTERRUPTED',
    message: `O download parou (${String(cause)}). O que veio foi guardado: rode o mesmo comando para continuar.`,
    statusCode: 502,
  });
}

function aborted(): BaltoError {
  return new BaltoError({
    code: 'BALTO_MODELS_ABORTED',
    message: 'Interrompido. O que veio foi guardado: rode o mesmo comando para continuar.',
  });
}
