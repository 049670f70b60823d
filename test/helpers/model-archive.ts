import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import tar from 'tar-stream';
import { cli } from './cli.ts';
import { temporaryFolder } from './databases.ts';
import { modelServer } from './model-server.ts';

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** An archive of these headers; a name alone is a file. */
export async function archive(entries: (Entry | string)[], content = 'conteúdo'): Promise<Buffer> {
  const pack = tar.pack();
  const chunks: Buffer[] = [];
  for (const entry of entries) {
    const header = typeof entry === 'string' ? { name: entry } : entry;
    pack.entry(header, header.type === undefined || header.type === 'file' ? content : '');
  }
  pack.finalize();
  for await (const chunk of pack) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

export interface Entry {
  name: string;
  type?: 'file' | 'symlink' | 'link' | 'character-device' | 'fifo';
  linkname?: string;
}

export const MODEL = ['modelo-v1/tokens.txt', 'modelo-v1/sub/encoder.onnx'];

/** Serves `body` at `/modelo.tar.gz` and gives the command that pulls it. */
export async function modelHouse(test: Test, body: Buffer, path = '/modelo.tar.gz') {
  const server = await modelServer(test, { [path]: body });
  const folder = join(await temporaryFolder(test), 'models');
  const pull = (extra: string[] = [], { url = `${server.origin}${path}`, hex = sha256(body) } = {}) =>
    cli(['models', 'pull', '--url', url, '--sha256', hex, ...extra], { BALTO_MODELS_DIR: folder });
  const left = async () => {
    const partial = await readdir(join(folder, '.partial')).catch(() => []);
    const models = (await readdir(folder).catch(() => [])).filter((name) => name !== '.partial');
    return { partial, models };
  };
  return { server, folder, pull, left };
}
