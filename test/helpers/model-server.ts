import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export interface ModelServer {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** The same server by another name. */
  otherOrigin: string;
  /** `Range` header of each request, in order; '' where there was none. */
  ranges: string[];
  /** How the next request is answered; taken from the front, `serve` when empty. */
  script: Answer[];
  /** Responses that {@link holdAfter} left open. */
  held: Set<ServerResponse>;
  /** Breaks them off. */
  cut(): void;
}

type Answer = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

/** A file server on loopback that fails when it is told to. */
export async function modelServer(test: Test, files: Record<string, Buffer>): Promise<ModelServer> {
  const ranges: string[] = [];
  const script: Answer[] = [];
  const held = new Set<ServerResponse>();
  const cut = () => {
    for (const response of held) response.destroy();
    held.clear();
  };
  const server = createServer((request, response) => {
    ranges.push(request.headers.range ?? '');
    const body = files[(request.url ?? '').split('?')[0] ?? ''];
    const answer = script.shift();
    if (answer) answer(request, response, body ?? Buffer.alloc(0));
    else if (body) serve(request, response, body);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, otherOrigin: `http://localhost:${port}`, ranges, script, held, cut };
}

/** With `Range`, as a release server does. */
export const serve: Answer = (request, response, body) => {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from >= body.length) return void response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
  const part = body.subarray(from);
  const range = from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {};
  response.writeHead(from > 0 ? 206 : 200, { 'content-length': part.length, ...range }).end(part);
};

/** Ignores `Range`. */
export const serveWhole: Answer = (_request, response, body) => {
  response.writeHead(200, { 'content-length': body.length }).end(body);
};

/**
 * Answers like {@link serve}, but stops after `bytes` of what was asked and keeps the connection open until `cut()`: a
 * client is sure of what it has read only before the connection is gone. 0 bytes: closes at once.
 */
export const holdAfter =
  (server: Pick<ModelServer, 'held'>, bytes: number): Answer =>
  (request, response, body) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {};
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length - from, ...range });
    response.write(body.subarray(from, from + bytes));
    if (bytes === 0) response.destroy();
    else server.held.add(response);
  };

export const redirectTo =
  (location: string): Answer =>
  (_request, response) =>
    void response.writeHead(302, { location }).end();
