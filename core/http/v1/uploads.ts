import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Spool, SpooledFile } from '../../catalogue/spool.ts';

/** A body that lies on disk: what stands for it in comparisons is its content, not its place. */
export class Upload {
  readonly #file: SpooledFile;
  #isTaken = false;

  constructor(file: SpooledFile) {
    this.#file = file;
  }

  /** Gives the file away: whoever takes it removes it. */
  take(): SpooledFile {
    this.#isTaken = true;
    return this.#file;
  }

  async discard(): Promise<void> {
    if (!this.#isTaken) await rm(this.#file.path, { force: true });
  }

  toJSON(): object {
    return { bytes: this.#file.bytes, sha256: this.#file.sha256 };
  }
}

/**
 * In this scope a body of any type goes to disk as it comes, and the request's `body` is an {@link Upload}. It runs after
 * the lock of the route: nobody who may not write fills a disk. @throws 413 before anything is read, where the length says so.
 */
export function acceptUploads(app: FastifyInstance, spool: Spool): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    spool.refuseLarge(Number(request.headers['content-length'] ?? 0));
    return new Upload(await spool.take(payload));
  });
  app.addHook('onSend', async (_request, reply) => {
    // The rest of a body that is too long is not read to its end.
    if (reply.statusCode === 413) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async ({ body }) => {
    if (body instanceof Upload) await body.discard();
  });
}
