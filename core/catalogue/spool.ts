import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BaltoError } from '../contracts/index.ts';
import { isProcessGone, processMark } from '../store/folder-lock.ts';

/** A file that lies on this machine's disk until it is read. */
export interface SpooledFile {
  path: string;
  bytes: number;
  /** Hex. */
  sha256: string;
  /** Written by us, and to be removed by us. */
  isOurs: boolean;
}

/** Where files to import wait; never more than so many bytes of each. */
export class Spool {
  readonly #root: string;
  /** This process's own. */
  readonly folder: string;
  readonly maxBytes: number;

  /** `root`: a folder that the processes of this machine may share; each has one of its own in it. */
  constructor(root: string, maxBytes: number) {
    this.#root = root;
    this.folder = join(root, processMark());
    this.maxBytes = maxBytes;
  }

  /** Makes this process's folder; those of processes that died go. */
  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#root)) {
      if (isProcessGone(name) === true) await rm(join(this.#root, name), { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Takes a stream to disk. @throws BaltoError `BALTO_IMPORT_TOO_LARGE` (413) as soon as it is too long. */
  async take(stream: Readable): Promise<SpooledFile> {
    const path = join(this.folder, randomUUID());
    const hash = createHash('sha256');
    let bytes = 0;
    const refuse = (): void => this.refuseLarge(bytes);
    async function* counted(): AsyncGenerator<Buffer> {
      // A stream that is too long is not destroyed: over its connection goes the answer that says so.
      for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        refuse();
        hash.update(chunk);
        yield chunk;
      }
    }
    try {
      await pipeline(counted, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    return { path, bytes, sha256: hash.digest('hex'), isOurs: true };
  }

  /** A file that is somebody's own: it is read where it lies. */
  async own(path: string): Promise<SpooledFile> {
    const found = await stat(path).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    if (!found.isFile()) throw unreadable(path);
    this.refuseLarge(found.size);
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    return { path, bytes: found.size, sha256: hash.digest('hex'), isOurs: false };
  }

  /** @throws BaltoError `BALTO_IMPORT_TOO_LARGE` (413). */
  refuseLarge(bytes: number): void {
    if (bytes <= this.maxBytes) return;
    throw new BaltoError({
      code: 'BALTO_IMPORT_TOO_LARGE',
      message: `O arquivo é grande demais: no máximo ${Math.floor(this.maxBytes / 1048576)} MB (CATALOGO_IMPORT_MAX_MB).`,
      statusCode: 413,
    });
  }
}

function unreadable(path: string, cause?: unknown): BaltoError {
  const code = String((cause as { code?: unknown } | undefined)?.code ?? 'não é um arquivo');
  return new BaltoError({
    code: 'BALTO_IMPORT_FILE',
    message: `O arquivo ${path} não pôde ser lido (${code}).`,
    cause,
  });
}
