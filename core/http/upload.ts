import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { BaltoError } from '../contracts/index.ts';
import { refuse } from './problem.ts';

/** An uploaded form: its fields, and its one file. */
export interface Upload {
  fields: Record<string, string>;
  file: { name: string | null; bytes: Buffer } | null;
}

/** Of a voice: a minute of 48 kHz stereo PCM. */
export const UPLOAD_BYTES = 12 * 1024 * 1024;
/** Files kept in memory at the same time, in one scope of routes. */
const AT_ONCE = 4;
const NAME_CHARS = 200;

/** What `@fastify/multipart` is registered with. */
export const UPLOAD_LIMITS = {
  limits: { fileSize: UPLOAD_BYTES, files: 1, fields: 10, parts: 12, fieldNameSize: 100, fieldSize: 1024 },
};

/** Reads forms with one file, a few at a time. */
export class Uploads {
  #reading = 0;

  /**
   * Reads the form; `beforeFile` may refuse it by what came before its file, which then is not kept.
   * @throws 400 for what is no form, 413 for a file above the limit, 503 with enough to do.
   */
  async read(
    request: FastifyRequest,
    fileField: string,
    beforeFile: (fields: Record<string, string>) => Promise<void> = async () => {},
  ): Promise<Upload> {
    if (!request.isMultipart()) throw refuse(400, 'BALTO_HTTP_BODY', 'O corpo do pedido deve ser multipart/form-data.');
    if (this.#reading >= AT_ONCE) {
      throw refuse(503, 'BALTO_HTTP_BUSY', 'Envios demais ao mesmo tempo; tente de novo em instantes.');
    }
    this.#reading += 1;
    try {
      return await readForm(request, fileField, beforeFile);
    } catch (error) {
      throw asRefusal(error, fileField);
    } finally {
      this.#reading -= 1;
    }
  }
}

async function readForm(
  request: FastifyRequest,
  fileField: string,
  beforeFile: (fields: Record<string, string>) => Promise<void>,
): Promise<Upload> {
  const upload: Upload = { fields: {}, file: null };
  for await (const part of request.parts()) {
    if (part.type === 'field') upload.fields[part.fieldname] = String(part.value);
    else if (part.fieldname !== fileField) part.file.resume();
    else {
      await beforeFile(upload.fields).catch((error: unknown) => {
        part.file.resume();
        throw error;
      });
      upload.file = { name: nameOf(part), bytes: await part.toBuffer() };
    }
  }
  return upload;
}

/** The file's own name, without folders and without what no name has. */
function nameOf({ filename }: MultipartFile): string | null {
  const name = (filename ?? '')
    .split(/[\\/]/)
    .at(-1)
    ?.replace(/[\p{Cc}\p{Cs}]/gu, '')
    .trim();
  return name ? name.slice(-NAME_CHARS) : null;
}

function asRefusal(error: unknown, fileField: string): unknown {
  if (error instanceof BaltoError) return error;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (statusCode === 413 || code === 'FST_REQ_FILE_TOO_LARGE') {
    const most = UPLOAD_BYTES / 1024 / 1024;
    return refuse(413, 'BALTO_HTTP_TOO_LARGE', `Arquivo ou campo grande demais (no máximo ${most} MiB).`, fileField);
  }
  return refuse(400, 'BALTO_HTTP_BODY', 'O corpo do pedido não é um multipart/form-data válido.');
}
