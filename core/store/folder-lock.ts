import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, mkdir, readFile, rename, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../contracts/index.ts';

/** Who holds a lock. `space` tells two machines, or two containers, with the same host name apart. */
export interface Holder {
  pid: number;
  host: string;
  space: string;
  /** When the process began, as the kernel counts it: a process id is given again, this is not. */
  started: string;
  token: string;
}

export type LockResult = { lock: FolderLock; holder?: never } | { lock?: never; holder: Holder };

/** How often the holder touches its lock, and how long it must lie still before another machine may take it over. */
const BEAT_MS = 3000;
const STILL_MS = 12_000;
/** Longest life of the file that guards a takeover: past it, whoever made it has died inside those few milliseconds. */
const GUARD_MS = 10_000;

/**
 * A lock file that survives kill -9: a holder that is dead is recognised (process id and its start; from another host or
 * container, where processes cannot be seen, by its silence) and its lock is taken over, by one process only.
 */
export class FolderLock {
  readonly path: string;
  readonly #token: string;
  readonly #clock: Clock;
  #cancel: () => void = () => {};
  #released = false;

  private constructor(path: string, token: string, clock: Clock) {
    this.path = path;
    this.#token = token;
    this.#clock = clock;
    this.#beat();
  }

  /**
   * @param patient wait up to 12 s to see whether a holder on another machine is alive; otherwise such a holder counts
   * as alive unless its last sign is older than a minute.
   */
  static async take(path: string, clock: Clock, patient: boolean): Promise<LockResult> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    for (;;) {
      const token = randomBytes(12).toString('hex');
      if (await create(path, token)) return { lock: new FolderLock(path, token, clock) };
      const holder = await readHolder(path);
      if (!holder) continue;
      if (await isAlive(path, holder, clock, patient)) return { holder };
      if (!(await removeStale(path, holder))) return { holder };
    }
  }

  /** Removes the file, when it is still ours. */
  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    this.#cancel();
    const holder = await readHolder(this.path);
    if (holder?.token === this.#token) await unlink(this.path);
  }

  #beat(): void {
    this.#cancel = this.#clock.after(BEAT_MS, () => {
      const now = this.#clock.date();
      // A folder that is gone or full does not stop the holder; its data will say so.
      utimes(this.path, now, now).then(
        () => {},
        () => {},
      );
      if (!this.#released) this.#beat();
    });
  }
}

/** Makes the file with its content in one step, or says that there is one. */
async function create(path: string, token: string): Promise<boolean> {
  const self: Holder = { pid: process.pid, host: hostname(), space: SPACE, started: startOf(process.pid) ?? '', token };
  const draft = `${path}.${token}`;
  await writeFile(draft, JSON.stringify(self), { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

/** null: no file, or one that is not whole (written by a program that is not this one): then it is nobody's. */
export async function readHolder(path: string): Promise<Holder | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    const holder = JSON.parse(text) as Partial<Holder>;
    if (typeof holder.pid === 'number' && typeof holder.token === 'string') return holder as Holder;
  } catch {
    // Damaged: handled below, as a lock whose holder nobody can name.
  }
  return { pid: 0, host: '?', space: '?', started: '', token: text.slice(0, 64) };
}

async function isAlive(path: string, holder: Holder, clock: Clock, patient: boolean): Promise<boolean> {
  if (holder.host === hostname() && holder.space === SPACE) return startOf(holder.pid) === holder.started;
  const before = await beatOf(path);
  if (before === null) return false;
  if (!patient) return clock.date().getTime() - before < 60_000;
  await setTimeout(STILL_MS);
  const after = await beatOf(path);
  return after !== null && after !== before;
}

/** One process at a time may remove a stale lock, and only the one it looked at. False: somebody else is at it. */
async function removeStale(path: string, stale: Holder): Promise<boolean> {
  const guard = `${path}.takeover`;
  try {
    await writeFile(guard, '', { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    const age = await beatOf(guard);
    if (age !== null && Date.now() - age > GUARD_MS) await rename(guard, `${guard}.old`);
    return false;
  }
  try {
    const current = await readHolder(path);
    if (current?.token === stale.token) await unlink(path);
    return true;
  } finally {
    await unlink(guard);
  }
}

async function beatOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** A name for something this process has, which no other was or will be given; others can tell by it whether it lives. */
export function processMark(): string {
  return [process.pid, startOf(process.pid) ?? '', machineMark(), randomBytes(6).toString('hex')].join('.');
}

/** Whether the process of this mark has ended; undefined: it ran where nobody here can see. */
export function isProcessGone(mark: string): boolean | undefined {
  const [pid, started, machine] = mark.split('.');
  if (machine !== machineMark() || SPACE === 'local') return undefined;
  return startOf(Number(pid)) !== started;
}

function machineMark(): string {
  return createHash('sha256').update(`${hostname()} ${SPACE}`).digest('hex').slice(0, 16);
}

/** Processes are visible to each other within one boot and one process-id namespace. */
const SPACE = readSpace();

function readSpace(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return 'local';
  }
}

/** undefined: no such process. Where the kernel does not tell its start, only whether it exists. */
function startOf(pid: number): string | undefined {
  if (SPACE !== 'local') {
    try {
      // Field 22, counted after the command's name, which may hold spaces and brackets.
      return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
    } catch {
      return undefined;
    }
  }
  try {
    process.kill(pid, 0);
    return '';
  } catch (error) {
    return codeOf(error) === 'EPERM' ? '' : undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
