import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Spool, SpooledFile } from '../../catalogue/spool.ts';
import { BaltoError } from '../../contracts/index.ts';
import { refuse } from '../problem.ts';

/** A body that lies on disk: what stands for it in comparisons is its content, not its place. */
export class Upload {
  readonly #file: SpooledFile;
  /** Beside the file, where it came in a form. */
  readonly #fields: Readonly<Record<string, string>>;
  #isTaken = false;

  constructor(file: SpooledFile, fields: Readonly<Record<string, string>> = {}) {
    this.#file = file;
    this.#fields = fields;
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
    return { bytes: this.#file.bytes, sha256: this.#file.sha256, ...this.#fields };
  }
}

/**
 * In this scope a body of any type goes to disk as it comes, and the request's `body` is an {@link Upload}. So does the one
 * file of a browser's form (`multipart/form-data`); its fields named in `fields` are taken for the query's. It runs after the
 * lock of the route: nobody who may not write fills a disk. @throws 413 before anything is read, where the length says so.
 */
export async function acceptUploads(app: FastifyInstance, spool: Spool, fields: readonly string[]): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    spool.refuseLarge(Number(request.headers['content-length'] ?? 0));
    return new Upload(await spool.take(payload));
  });
  // One byte more than is taken: the spool is who refuses, and says why.
  const limits = { fileSize: spool.maxBytes + 1, files: 1, fields: 10, parts: 12, fieldNameSize: 100, fieldSize: 1024 };
  await app.register(multipart, { limits, throwFileSizeLimit: false });
  app.addHook('preValidation', async (request) => {
    if (request.isMultipart()) await takeForm(request, spool, fields);
  });
  app.addHook('onSend', async (_request, reply) => {
    // The rest of a body that is too long is not read to its end.
    if (reply.statusCode === 413) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async ({ body }) => {
    if (body instanceof Upload) await body.discard();
  });
}

/** The boundaries and the fields of a form, beside its file. */
const FORM_BYTES = 16_384;

async function takeForm(request: FastifyRequest, spool: Spool, names: readonly string[]): Promise<void> {
  spool.refuseLarge(Number(request.headers['content-length'] ?? 0) - FORM_BYTES);
  const fields: Record<string, string> = {};
  let file: SpooledFile | null = null;
  try {
    for await (const part of request.parts()) {
      if (part.type === 'field') {
        if (names.includes(part.fieldname)) fields[part.fieldname] = asQuery(String(part.value));
        continue;
      }
      file = await spool.take(part.file);
      if (part.filename) fields['fileName'] ??= part.filename.slice(-200);
    }
  } catch (error) {
    if (file) await rm(file.path, { force: true });
    throw asRefusal(error);
  }
  if (!file) throw refuse(400, 'BALTO_HTTP_BODY', 'O formulário não traz arquivo nenhum.', 'file');
  request.body = new Upload(file, fields);
  request.query = { ...(request.query as object), ...fields };
}

/** A box that is ticked in a form is `on`. */
function asQuery(value: string): string {
  return value === 'on' ? 'true' : value;
}

function asRefusal(error: unknown): unknown {
  if (error instanceof BaltoError) return error;
  const { statusCode } = error as { statusCode?: unknown };
  if (statusCode === 413) return refuse(413, 'BALTO_HTTP_TOO_LARGE', 'O formulário tem partes ou campos demais.');
  return refuse(400, 'BALTO_HTTP_BODY', 'O corpo do pedido não é um multipart/form-data válido.');
}
