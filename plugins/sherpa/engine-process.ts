import { type ChildProcess, fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { ProviderError } from '../../core/contracts/index.ts';
import { modelError } from './folder.ts';
import type { FromEngine, Task, Tasks, ToEngine } from './protocol.ts';

const STDERR_KEPT = 2048;

// Sources run as .ts, the built image as .js: the child has this file's own extension.
const ENTRY = new URL(`./child.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** What the child needs of the environment: to find libraries and temporary files. Keys are not its business. */
const PASSED_ON = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'SystemRoot', 'TMPDIR', 'TEMP', 'TZ'];

/** One process with one model, from its start to its end. */
export class EngineProcess<T extends Task> {
  readonly #child: ChildProcess;
  /** What loading told. Rejects when the model or the native library does not load. */
  readonly ready: Promise<Tasks[T]['info']>;
  /** Settles when the process is gone. */
  readonly gone: Promise<void>;
  #stderr = '';
  #waiting: { id: number; resolve(answer: Tasks[T]['answer']): void; reject(error: Error): void } | null = null;
  #jobs = 0;
  #isGone = false;

  /** `label` names the model for people; `entry` is the child's program. */
  constructor(task: T, model: Tasks[T]['model'], label: string, entry = ENTRY) {
    this.#child = fork(fileURLToPath(entry), [], {
      execArgv: [],
      env: childEnvironment(),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
    const ready = Promise.withResolvers<Tasks[T]['info']>();
    const gone = Promise.withResolvers<void>();
    this.ready = ready.promise;
    this.gone = gone.promise;
    this.ready.catch(() => {}); // whoever awaits it is told; a process that nobody awaits may fail in silence
    this.#child.on('message', (message: FromEngine<T>) => {
      if (message.type === 'ready') ready.resolve(message.info);
      else if (message.type === 'failed') ready.reject(loadError(message.reason, label, '', ''));
      else this.#settle(message);
    });
    this.#child.on('error', () => this.#end('start', ready.reject, gone.resolve, label));
    // `close` comes after `exit` and after the last of stderr, which says why.
    this.#child.on('close', (code, signal) =>
      this.#end(signal ?? `exit ${String(code)}`, ready.reject, gone.resolve, label),
    );
    this.#send({ type: 'load', task, model } satisfies ToEngine<T>);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** One job at a time: the caller waits for the answer before it asks again. */
  ask(job: Tasks[T]['job']): Promise<Tasks[T]['answer']> {
    const { promise, resolve, reject } = Promise.withResolvers<Tasks[T]['answer']>();
    if (this.#isGone) return Promise.reject(endedError('gone'));
    const id = ++this.#jobs;
    this.#waiting = { id, resolve, reject };
    this.#send({ type: 'job', id, job } satisfies ToEngine<T>);
    return promise;
  }

  /** Whether this process keeps ours alive: only while somebody waits for it. */
  hold(isNeeded: boolean): void {
    const how = isNeeded ? 'ref' : 'unref';
    this.#child[how]();
    this.#child.channel?.[how]();
    (this.#child.stderr as Socket | null)?.[how]();
  }

  /** Ends it at once: a blocking native call hears nothing gentler, and there is no state to save. */
  async kill(): Promise<void> {
    if (this.#isGone) return;
    this.hold(true);
    this.#child.kill('SIGKILL');
    await this.gone;
  }

  #send(message: ToEngine<T>): void {
    // A process that dies while we write to it is told by `close`.
    this.#child.send(message as object, () => {});
  }

  #keep(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
  }

  #settle(message: Exclude<FromEngine<T>, { type: 'ready' | 'failed' }>): void {
    const waiting = this.#waiting;
    if (waiting?.id !== message.id) return;
    this.#waiting = null;
    if (message.type === 'answer') waiting.resolve(message.answer);
    else waiting.reject(endedError('native error'));
  }

  #end(how: string, rejectReady: (error: Error) => void, gone: () => void, label: string): void {
    this.#isGone = true;
    rejectReady(loadError('model', label, how, this.#stderr));
    this.#waiting?.reject(endedError(how));
    this.#waiting = null;
    gone();
  }
}

function childEnvironment(): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { ...Object.fromEntries(passed), ORT_DISABLE_TELEMETRY: '1' };
}

function loadError(reason: 'package' | 'model', label: string, how: string, stderr: string): ProviderError {
  if (reason === 'package') {
    return new ProviderError({
      code: 'unsupported',
      blame: 'config',
      message:
        'o pacote sherpa-onnx-node não está instalado ou não carrega neste sistema; rode: npm install sherpa-onnx-node',
    });
  }
  const { code, blame, message } = modelError(`o modelo ${label} não carrega: está quebrado ou é de outro tipo`);
  const said = lastLine(stderr);
  return new ProviderError({
    code,
    blame,
    message,
    ...(how === '' ? {} : { vendorCode: how }),
    ...(said === '' ? {} : { vendorMessage: said }),
  });
}

/** The native library's last word while loading, without the folders of whoever built or installed it. */
function lastLine(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? '').replaceAll(/(?:\/[^\s:'"/]+)+\//g, '').trim();
}

function endedError(how: string): ProviderError {
  return new ProviderError({ code: 'server', message: 'o motor local parou no meio do trabalho', vendorCode: how });
}
