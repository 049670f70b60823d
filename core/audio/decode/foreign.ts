import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { OUTPUT_HZ, type PcmSink, PcmStage } from './pcm.ts';
import type { ForeignFormat, Stage } from './stage.ts';

/** ffmpeg processes at once, in the whole server: 10 MB and a share of a core each. */
const MAX_PROCESSES = 8;
/** Bytes given to a process that it has not read yet. A healthy one never has more than a frame. */
const MAX_UNREAD_BYTES = 8 << 20;
const END_TIMEOUT_MS = 10_000;
/** All of the environment it gets, for an ffmpeg that is a shell script around another. */
const WRAPPER_PATH = '/usr/local/bin:/usr/bin:/bin';
const DEMUXERS: Record<ForeignFormat, string> = { mp4: 'mov', flac: 'flac', mp3: 'mp3', aac: 'aac' };

let running = 0;

export interface ForeignListener {
  pcm: PcmSink;
  /** It could not be decoded: no free process, not a file of that format, or the process is stuck. */
  unsupported(): void;
}

/** The ffmpeg to use: `FFMPEG_PATH`, else the first on `PATH`; `undefined` where there is none that can be run. */
export function findFfmpeg(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const named = env['FFMPEG_PATH'];
  if (named) return executable(named) ? named : undefined;
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'ffmpeg')).find(executable);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // The question is only whether it can be run.
  }
}

/** Whether another process may be started now. */
export function foreignHasRoom(): boolean {
  return running < MAX_PROCESSES;
}

function args(format: ForeignFormat): string[] {
  const quiet = ['-hide_banner', '-loglevel', 'quiet', '-nostdin', '-protocol_whitelist', 'pipe'];
  // Small probes instead of `-fflags nobuffer`, which throws the probed packets away: the first quarter second, or all.
  const probe = ['-probesize', '4096', '-analyzeduration', '0'];
  const input = [...probe, '-threads', '1', '-f', DEMUXERS[format], '-i', 'pipe:0'];
  const output = ['-vn', '-ac', '1', '-ar', String(OUTPUT_HZ), '-f', 's16le', '-flush_packets', '1', 'pipe:1'];
  return [...quiet, ...input, ...output];
}

/**
 * What is not decoded in process, by one ffmpeg that sees only its pipes: no network protocol, no environment of ours.
 * Samples come later than `push`; `end` resolves when the last one was given.
 */
export class ForeignStage implements Stage {
  /** Where its blocks begin, only the process knows. */
  readonly restart = undefined;
  readonly #child: ChildProcess;
  readonly #listener: ForeignListener;
  readonly #pcm: PcmStage;
  #heard = false;
  #closed = false;
  #ended: (() => void) | undefined;

  constructor(ffmpegPath: string, format: ForeignFormat, listener: ForeignListener) {
    this.#listener = listener;
    this.#pcm = new PcmStage(OUTPUT_HZ, 1, listener.pcm);
    running += 1;
    this.#child = spawn(ffmpegPath, args(format), {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: WRAPPER_PATH },
    });
    // `close` follows `error` too, and a broken pipe is followed by the exit that tells.
    this.#child.on('error', () => undefined);
    this.#child.stdin?.on('error', () => undefined);
    this.#child.stdout?.on('data', (bytes: Buffer) => this.#sound(bytes));
    this.#child.once('close', () => this.#gone());
  }

  /** Bytes the process has not read yet. */
  get buffered(): number {
    return this.#child.stdin?.writableLength ?? 0;
  }

  push(bytes: Uint8Array): void {
    const stdin = this.#child.stdin;
    if (this.#closed || !stdin?.writable) return;
    if (stdin.writableLength + bytes.length > MAX_UNREAD_BYTES) this.#giveUp();
    else stdin.write(Buffer.from(bytes));
  }

  end(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_TIMEOUT_MS);
      this.#ended = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#child.stdin?.end();
    });
  }

  close(): void {
    this.#closed = true;
    this.#child.kill('SIGKILL');
  }

  #sound(bytes: Buffer): void {
    if (this.#closed) return;
    this.#heard = true;
    this.#pcm.push(bytes);
  }

  #giveUp(): void {
    this.close();
    this.#listener.unsupported();
  }

  /** The process is gone: without one sample that means it was not what its first bytes said. */
  #gone(): void {
    running -= 1;
    if (!this.#closed && !this.#heard) this.#listener.unsupported();
    this.#closed = true;
    this.#ended?.();
  }
}
