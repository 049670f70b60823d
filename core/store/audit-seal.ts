import { createHmac } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../contracts/index.ts';
import type { ChainEnd } from './audit-chain.ts';
import { type Secrets, sameDigest } from './secrets.ts';

/** The end of the chain with the seal that only who has BALTO_SECRET_KEY can make. */
export interface SealedEnd extends ChainEnd {
  keyId: string;
  seal: string;
}

/** ok: made with a key of ours for exactly this end; none: there is no seal; wrong: it is not ours, or of another end. */
export type SealState = 'ok' | 'none' | 'wrong';

export function sealEnd(secrets: Secrets, end: ChainEnd): SealedEnd {
  return { ...end, keyId: secrets.keyId, seal: sealOf(secrets, end, secrets.keyId) ?? '' };
}

export function sealState(
  secrets: Secrets,
  end: Partial<{ [Field in keyof SealedEnd]: SealedEnd[Field] | null }>,
): SealState {
  const { seq, hash, keyId, seal } = end;
  if (typeof seal !== 'string') return 'none';
  if (typeof seq !== 'number' || typeof hash !== 'string' || typeof keyId !== 'string') return 'wrong';
  return sameDigest(seal, sealOf(secrets, { seq, hash }, keyId) ?? '') ? 'ok' : 'wrong';
}

function sealOf(secrets: Secrets, { seq, hash }: ChainEnd, keyId: string): string | null {
  const key = secrets.derive('audit head', undefined, keyId);
  return key ? createHmac('sha256', key).update(`${seq}:${hash}`).digest('hex') : null;
}

/**
 * The newest end of the chain that this machine has seen, in a file beside the journal: who can put back an older database,
 * with a seal that was once right, cannot put back this.
 */
export class AuditWitness {
  readonly #path: string;
  readonly #log: Log;
  #newest = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(dataDir: string, log: Log) {
    this.#path = join(dataDir, 'audit-head.json');
    this.#log = log;
  }

  /** Remembers an end that is newer than the one before; `replaced`: the whole log is another one now. */
  note(end: SealedEnd, replaced = false): Promise<void> {
    if (end.seq <= this.#newest && !replaced) return this.#writing;
    this.#newest = end.seq;
    this.#writing = this.#writing.then(() => this.#write(end));
    return this.#writing;
  }

  /** Null: none was written yet on this machine. */
  async read(): Promise<SealedEnd | null> {
    try {
      return JSON.parse(await readFile(this.#path, 'utf8')) as SealedEnd;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  async #write(end: SealedEnd): Promise<void> {
    const draft = `${this.#path}.${process.pid}`;
    try {
      const file = await open(draft, 'w', 0o600);
      try {
        await file.writeFile(`${JSON.stringify(end)}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(draft, this.#path);
    } catch (error) {
      this.#log.warn({ code: (error as { code?: unknown }).code }, 'the end of the audit could not be noted on disk');
    }
  }
}
