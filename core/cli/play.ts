import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { findFfmpeg, prepareDecoders, StreamDecoder } from '../audio/decode/index.ts';
import { BaltoError } from '../contracts/index.ts';
import { silentLog } from './silent-log.ts';

const CHUNK_BYTES = 4096;
const SAMPLES_PER_MS = 16;

/** Milliseconds of sound in a file, by decoding it as a counter's stream would be. @throws BALTO_SIMULATE_FORMAT. */
export async function durationOf(bytes: Buffer, env: Record<string, string | undefined>): Promise<number> {
  await prepareDecoders();
  let samples = 0;
  let unsupported: string | null = null;
  const decoder = new StreamDecoder({
    log: silentLog,
    ffmpegPath: findFfmpeg(env),
    onPcm: (pcm) => {
      samples += pcm.length;
    },
    onFormat: () => {},
    onUnsupported: (name) => {
      unsupported = name;
    },
  });
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES)
    decoder.push(bytes.subarray(start, start + CHUNK_BYTES));
  await decoder.end();
  decoder.close();
  if (samples > 0 && unsupported === null) return samples / SAMPLES_PER_MS;
  const why = unsupported === null ? 'não tem áudio que se possa ler' : `tem um formato não suportado: ${unsupported}`;
  throw new BaltoError({ code: 'BALTO_SIMULATE_FORMAT', message: `O arquivo ${why}.` });
}

export interface Playing {
  url: string;
  apiKey: string;
  bytes: Buffer;
  durationMs: number;
  /** 1: as fast as it was spoken. */
  pace: number;
  signal: AbortSignal;
}

/**
 * A counter as they are in the field: JSON key first, then the file in 4 KiB chunks at its pace, then `fim`. Resolves
 * when the server has taken every byte; the socket stays open for the answers.
 */
export async function play({ url, apiKey, bytes, durationMs, pace, signal }: Playing): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  let closed: string | null = null;
  socket.on('close', (code, reason) => {
    closed = `${code} ${reason.toString()}`;
  });
  socket.on('error', () => {}); // the close event says it too
  await once(socket, 'open', { signal });
  socket.send(JSON.stringify({ api_key: apiKey }));
  const chunks = Math.ceil(bytes.length / CHUNK_BYTES);
  const startedAt = performance.now();
  for (let index = 0; index < chunks; index++) {
    const dueMs = ((index / chunks) * durationMs) / pace - (performance.now() - startedAt);
    if (dueMs > 1) await sleep(dueMs, undefined, { signal });
    if (closed !== null) throw closedError(closed);
    socket.send(bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES));
  }
  socket.send('{"comando":"fim"}');
  await answered(socket, signal);
  return socket;
}

/** Frames are taken in order: when this ping is answered, everything before it was heard. */
async function answered(socket: WebSocket, signal: AbortSignal): Promise<void> {
  const pong = new Promise<void>((resolve, reject) => {
    socket.on('message', (data) => {
      if ((JSON.parse(data.toString()) as { comando?: unknown }).comando === 'pong') resolve();
    });
    socket.once('close', (code, reason) => reject(closedError(`${code} ${reason.toString()}`)));
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  socket.send('{"comando":"ping"}');
  await pong;
}

/** The server ended it; `how`: code and reason. */
export function closedError(how: string): BaltoError {
  return new BaltoError({ code: 'BALTO_SIMULATE_CLOSED', message: `O servidor fechou a conexão: ${how}` });
}
