import type { ServerResponse } from 'node:http';
import type { Fault } from './faults.ts';
import type { Reply } from './types.ts';

/** Bytes of an answer without end. */
const HUGE_BYTES = 50 * 1024 * 1024;

/** Sends an answer as it is. */
export function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
  for (const piece of pieces(reply)) response.write(piece);
  response.end();
}

/** Sends an answer with the fault that concerns bodies, if any. */
export function sendBroken(response: ServerResponse, reply: Reply, fault: Fault | null): void {
  const text = pieces(reply).join('');
  switch (fault?.kind) {
    case 'malformed':
      return void send(response, { ...reply, body: `${text.slice(0, Math.floor(text.length / 2))}<html>` });
    case 'wrong_shape':
      return void send(response, { ...reply, body: '{"inesperado":true}' });
    case 'huge':
      return void sendHuge(response, fault.bytes ?? HUGE_BYTES);
    case 'reset': {
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
      response.write(text.slice(0, fault.afterBytes ?? 10), () => response.socket?.resetAndDestroy());
      return;
    }
    case 'half_open':
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
      response.write(text.slice(0, 10));
      return;
    case 'drip':
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
      return void drip(response, text, 0, fault.everyMs);
    default:
      return void send(response, reply);
  }
}

/** The answer to a refused handshake, as bytes. */
export function rawReply(reply: Reply): string {
  const body = pieces(reply).join('');
  const headers = { ...reply.headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${reply.status} Emulated\r\n${lines.join('')}\r\n${body}`;
}

function pieces(reply: Reply): string[] {
  return typeof reply.body === 'string' ? [reply.body] : reply.body;
}

function sendHuge(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const block = '"'.padEnd(65_536, 'x');
  let left = bytes;
  const more = (): void => {
    if (left <= 0) return void response.end('"');
    left -= block.length;
    response.write(block, (error) => error || more());
  };
  more();
}

function drip(response: ServerResponse, text: string, at: number, everyMs: number): void {
  if (response.destroyed) return;
  if (at >= text.length) return void response.end();
  response.write(text[at] ?? '');
  setTimeout(() => drip(response, text, at + 1, everyMs), everyMs);
}
