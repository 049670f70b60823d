import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WebSocket } from 'ws';
import type { Script } from '../fixtures/conversation/script.ts';

export type { Script, ScriptUtterance, ScriptWord } from '../fixtures/conversation/script.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/conversation');
const WAV_HEADER_BYTES = 44;

export interface Conversation {
  script: Script;
  /** 16 kHz mono. */
  pcm: Int16Array;
  /** The whole file, header included. */
  wav: Uint8Array;
  /** As a browser's recorder made it. */
  webm: Uint8Array;
}

let loaded: Conversation | undefined;

/** The bundled conversation; read once per process, so treat it as read-only. */
export function conversation(): Conversation {
  if (loaded) return loaded;
  const wav = new Uint8Array(readFileSync(join(FOLDER, 'conversa.wav')));
  loaded = {
    script: JSON.parse(readFileSync(join(FOLDER, 'roteiro.json'), 'utf8')) as Script,
    pcm: new Int16Array(wav.slice(WAV_HEADER_BYTES).buffer),
    wav,
    webm: new Uint8Array(readFileSync(join(FOLDER, 'conversa.webm'))),
  };
  return loaded;
}

/** The script with its times moved to the decoded WebM. */
export function webmScript(script: Script): Script {
  const move = <T extends { startMs: number; endMs: number }>(part: T): T => ({
    ...part,
    startMs: part.startMs + script.webmOffsetMs,
    endMs: part.endMs + script.webmOffsetMs,
  });
  const utterances = script.utterances.map((line) => ({ ...move(line), words: line.words.map(move) }));
  return { ...script, webmOffsetMs: 0, durationMs: script.durationMs + script.webmOffsetMs, utterances };
}

export interface Pace {
  /** Bytes per message; default 4096. */
  chunkBytes?: number;
  /** Seconds of sound the bytes hold: with it they are sent at `speed` times real time, without it as fast as they go. */
  durationS?: number;
  /** Default 1. */
  speed?: number;
  signal?: AbortSignal;
}

/**
 * Sends a file over an open WebSocket as a counter's device does, each message once the one before it was given to the
 * kernel. Returns the number of bytes sent: fewer than given when the socket closed or `signal` fired.
 */
export async function streamFile(ws: WebSocket, bytes: Uint8Array, pace: Pace = {}): Promise<number> {
  const chunkBytes = pace.chunkBytes ?? 4096;
  const msPerByte = pace.durationS === undefined ? 0 : (pace.durationS * 1000) / bytes.length / (pace.speed ?? 1);
  const startedAt = performance.now();
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const aheadMs = startedAt + at * msPerByte - performance.now();
    if (aheadMs > 1) await sleep(aheadMs);
    if (ws.readyState !== ws.OPEN || pace.signal?.aborted) return at;
    const chunk = bytes.subarray(at, at + chunkBytes);
    const sent = await new Promise<boolean>((resolve) => ws.send(chunk, (error) => resolve(!error)));
    if (!sent) return at;
  }
  return bytes.length;
}
