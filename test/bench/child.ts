import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a child of a bench can be asked: each question with its argument and its answer, both plain data. */
export type Questions = Record<string, (argument: never) => unknown>;

type Asked<Q, K extends keyof Q> = Q[K] extends (argument: infer A) => unknown ? A : never;
type Told<Q, K extends keyof Q> = Q[K] extends (argument: never) => infer R ? Awaited<R> : never;

interface Question {
  id: number;
  name: string;
  argument: unknown;
}

interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

/** Every child runs with the flags of `npm start` and its compile cache: floor, load and vendors as well as Balto. */
const FLAGS = flagsOf(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const COMPILED = join(import.meta.dirname, '../../node_modules/.cache/balto');

function flagsOf(manifest: string): string[] {
  const { scripts } = JSON.parse(manifest) as { scripts: { start: string } };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

/** In a child: answers questions until the parent goes. An answer may be a promise. */
export function answer<Q extends Questions>(handlers: Q): void {
  process.on('message', async ({ id, name, argument }: Question) => {
    try {
      const value = await (handlers[name] as (argument: unknown) => unknown)(argument);
      process.send?.({ id, value });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.once('disconnect', () => process.exit(0));
}

/** In the parent: one process that measures, or that makes load, so that neither is counted with the other. */
export class Child<Q extends Questions> {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  #count = 0;

  /** `file` lies in this folder. */
  constructor(file: string) {
    this.#process = fork(join(import.meta.dirname, file), {
      execArgv: FLAGS,
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
    });
    this.#process.on('message', (told: Answer) => {
      const asked = this.#waiting.get(told.id);
      this.#waiting.delete(told.id);
      if (told.error === undefined) asked?.resolve(told.value as never);
      else asked?.reject(new Error(`${file}: ${told.error}`));
    });
    this.#process.once('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${file} ended with ${code}`));
    });
  }

  ask<K extends keyof Q & string>(name: K, argument: Asked<Q, K>): Promise<Told<Q, K>> {
    const id = ++this.#count;
    const answered = new Promise<Told<Q, K>>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#process.send({ id, name, argument } satisfies Question);
    return answered;
  }

  /** Lets the child go and waits until it is gone. */
  async close(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    this.#process.disconnect();
    await gone;
  }
}
