import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import tar from 'tar-stream';
import { BaltoError } from '../contracts/index.ts';

export interface UnpackRequest {
  /** The verified file. */
  file: string;
  /** What it was called where it came from: a single file keeps that name. */
  fileName: string;
  /** An empty folder. */
  into: string;
  maxBytes: number;
  signal: AbortSignal;
}

const MAX_ENTRIES = 20_000;
const MAX_DEPTH = 16;

/**
 * Unpacks a `.tar`, `.tar.gz` or `.tar.bz2`, told by its first bytes, or puts a single `.onnx` into the folder. Only
 * files and folders below `into` are made: an archive with a link, a device, an absolute path or a `..` is refused whole.
 * @throws BaltoError BALTO_MODELS_ARCHIVE, _SIZE, _BZIP2 (no program to unpack it with).
 */
export async function unpack(request: UnpackRequest): Promise<void> {
  const format = await formatOf(request.file);
  if (format === 'other') return placeSingle(request);
  const source = createReadStream(request.file);
  try {
    if (format === 'tar') await extract([source], request);
    else if (format === 'gzip') await extract([source, createGunzip()], request);
    else await extractBzip2(source, request);
  } catch (error) {
    throw failure(error, request.signal);
  } finally {
    source.destroy();
  }
}

/** What stopped the unpacking: the caller, the disk, or the archive itself. */
function failure(error: unknown, signal: AbortSignal): BaltoError {
  if (signal.aborted) {
    return new BaltoError({ code: 'BALTO_MODELS_ABORTED', message: 'Interrompido. O download foi guardado.' });
  }
  if (error instanceof BaltoError) return error;
  const code = (error as { code?: unknown }).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = 'Faltou espaço para abrir o modelo. O download foi guardado.';
    return new BaltoError({ code: 'BALTO_MODELS_DISK', message, cause: error });
  }
  return refused('está quebrado ou cortado', error);
}

async function formatOf(file: string): Promise<'gzip' | 'bzip2' | 'tar' | 'other'> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(263);
    await handle.read(head, 0, head.length, 0);
    if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
    if (head.toString('latin1', 0, 3) === 'BZh') return 'bzip2';
    return head.toString('latin1', 257, 262) === 'ustar' ? 'tar' : 'other';
  } finally {
    await handle.close();
  }
}

async function placeSingle({ file, fileName, into }: UnpackRequest): Promise<void> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*\.onnx$/.test(fileName)) {
    throw refused('não é .tar, .tar.gz, .tar.bz2 nem um arquivo .onnx');
  }
  await copyFile(file, join(into, fileName));
}

/** Node cannot read bzip2: the program of that name does, from its standard input to its standard output. */
async function extractBzip2(source: Readable, request: UnpackRequest): Promise<void> {
  const program = spawn('bzip2', ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const closed = once(program, 'close');
  closed.catch(() => {}); // awaited below, unless reading fails first
  const missing = once(program, 'error').then(([error]) => Promise.reject(error));
  missing.catch(() => {});
  pipeline(source, program.stdin).catch(() => {}); // its exit says whether it got everything
  try {
    await Promise.race([extract([program.stdout], request), missing]);
    const [code] = (await closed) as [number | null];
    if (code !== 0) throw refused('está quebrado ou cortado');
  } catch (error) {
    throw (error as { code?: unknown }).code === 'ENOENT' ? withoutBzip2() : error;
  } finally {
    program.kill('SIGKILL');
  }
}

async function extract(source: (Readable | Transform)[], request: UnpackRequest): Promise<void> {
  const entries = tar.extract();
  // Not one after the other: when the source breaks off, the entry being read may never end.
  await Promise.all([pipeline([...source, entries], { signal: request.signal }), place(entries, request)]);
}

async function place(entries: tar.Extract, { into, maxBytes }: UnpackRequest): Promise<void> {
  let count = 0;
  let bytes = 0;
  for await (const entry of entries) {
    const { name, type, size } = entry.header;
    const parts = safeParts(name);
    count += 1;
    bytes += size ?? 0;
    if (count > MAX_ENTRIES) throw refused('tem arquivos demais');
    if (bytes > maxBytes) throw tooBig(maxBytes);
    const path = join(into, ...parts);
    if (type === 'directory') {
      await mkdir(path, { recursive: true, mode: 0o755 });
      entry.resume();
    } else if (type === 'file' || type === 'contiguous-file') {
      if (parts.length === 0) throw refused('tem um arquivo sem nome');
      await mkdir(dirname(path), { recursive: true, mode: 0o755 });
      await pipeline(entry, createWriteStream(path, { flags: 'wx', mode: 0o644 }));
    } else throw refused(`traz um item que não é arquivo nem pasta (${type === 'symlink' ? 'atalho' : String(type)})`);
  }
  if (count === 0) throw refused('está vazio');
}

/** The parts of an entry's name; throws for one that could lead anywhere else. */
function safeParts(name: string): string[] {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  const isAbsolute = name.startsWith('/') || /^[A-Za-z]:/.test(name);
  const isOdd = name.includes('\\') || name.includes('\0') || parts.length > MAX_DEPTH;
  if (isAbsolute || isOdd || parts.includes('..')) throw refused('tem um caminho que sai da pasta do modelo');
  return parts;
}

/** The name a file had at its address. */
export function fileNameOf(url: URL): string {
  try {
    return basename(decodeURIComponent(url.pathname));
  } catch {
    return basename(url.pathname); // a stray %: then as it is written
  }
}

function refused(what: string, cause?: unknown): BaltoError {
  const message = `O arquivo do modelo ${what}: nada foi instalado.`;
  return new BaltoError({ code: 'BALTO_MODELS_ARCHIVE', message, cause });
}

function tooBig(maxBytes: number): BaltoError {
  const message = `Aberto, o modelo passa do limite de ${Math.round(maxBytes / 1_048_576)} MB: nada foi instalado.`;
  return new BaltoError({ code: 'BALTO_MODELS_SIZE', message });
}

function withoutBzip2(): BaltoError {
  return new BaltoError({
    code: 'BALTO_MODELS_BZIP2',
    message: 'Para abrir .tar.bz2 é preciso o programa bzip2 (apt install bzip2). O download foi guardado.',
  });
}
