import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ProviderError } from '../../core/contracts/index.ts';
import { TITLE } from './config.ts';
import { WAV_HEAD_BYTES, wavRate } from './wav-head.ts';

/** The text's limit times the slowest speech is far below this: whoever writes more is broken. 20 minutes of sound. */
export const MAX_BYTES = 22_050 * 2 * 60 * 20;
const STDERR_KEPT = 1024;

export interface Speech {
  /** Program, or its path. */
  path: string;
  voice: string;
  wordsPerMinute: number;
  text: string;
}

/**
 * Runs the program once and yields its sound as it comes: PCM of 16 bits, mono, at `sampleRateHz`. Text goes in by its
 * standard input and is no argument; no shell is involved. The program is ended when `signal` fires, when the reader
 * stops, and when it writes more than {@link MAX_BYTES}.
 */
export async function* speak(speech: Speech, sampleRateHz: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (signal.aborted) throw aborted();
  const child = start(speech);
  const end = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', end, { once: true });
  const gone = new Promise<void>((done) => void child.once('exit', () => done()).once('error', () => done()));
  const closed = once(child, 'close');
  closed.catch(() => {}); // awaited below; a reader that stops early does not
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-STDERR_KEPT);
  });
  try {
    yield* soundOf(child, sampleRateHz);
    const [code] = (await closed) as [number | null];
    if (signal.aborted) throw aborted();
    if (code !== 0) throw failure(code, said);
  } catch (error) {
    throw signal.aborted ? aborted() : notStarted(error);
  } finally {
    signal.removeEventListener('abort', end);
    end();
    await gone;
  }
}

function start({ path, voice, wordsPerMinute, text }: Speech): ChildProcess {
  const args = ['-v', voice, '-s', String(wordsPerMinute), '-b', '1', '--stdin', '--stdout'];
  const child = spawn(path, args, { env: environment(), stdio: ['pipe', 'pipe', 'pipe'] });
  // A program that ends before it has read everything: its exit says why.
  child.stdin.on('error', () => {});
  child.on('error', () => {}); // `close` and the first reader of it tell; a later one (a failed kill) has nobody to tell
  child.stdin.end(text);
  return child;
}

/** No key of ours is the program's business. */
function environment(): Record<string, string> {
  const names = ['PATH', 'LD_LIBRARY_PATH', 'ESPEAK_DATA_PATH', 'SystemRoot'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** What follows the head of the WAV, in whole samples. */
async function* soundOf(child: ChildProcess, sampleRateHz: number): AsyncGenerator<Uint8Array> {
  let pending = Buffer.alloc(0);
  let isPastHead = false;
  let total = 0;
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > MAX_BYTES) throw new ProviderError({ code: 'output', message: `${TITLE}: resposta grande demais` });
    pending = Buffer.concat([pending, chunk]);
    if (!isPastHead && pending.length < WAV_HEAD_BYTES) continue;
    if (!isPastHead && wavRate(pending) !== sampleRateHz) throw notWav();
    const start = isPastHead ? 0 : WAV_HEAD_BYTES;
    const end = pending.length - (pending.length % 2);
    isPastHead = true;
    if (end > start) yield pending.subarray(start, end);
    pending = pending.subarray(end);
  }
}

function notWav(): ProviderError {
  return new ProviderError({ code: 'protocol', message: `${TITLE}: a resposta não é o WAV esperado` });
}

function aborted(): ProviderError {
  return new ProviderError({ code: 'aborted', message: `${TITLE}: síntese cancelada` });
}

function failure(code: number | null, said: string): ProviderError {
  if (/voice does not exist/i.test(said)) {
    return new ProviderError({
      code: 'unsupported',
      blame: 'config',
      message: `${TITLE}: a voz pedida não existe aqui`,
    });
  }
  const vendorCode = `exit ${String(code)}`;
  return new ProviderError({ code: 'server', retryable: false, message: `${TITLE} falhou`, vendorCode });
}

function notStarted(error: unknown): unknown {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  if (typeof syscall !== 'string' || !syscall.startsWith('spawn')) return error;
  return new ProviderError({
    code: 'unsupported',
    blame: 'config',
    message: `${TITLE} não está instalado (apt install espeak-ng), ou ESPEAK_PATH não é o programa`,
    vendorCode: String(code),
  });
}
