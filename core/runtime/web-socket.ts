import type { IncomingMessage } from 'node:http';
import WebSocket, { type RawData } from 'ws';
import { ConnectError, type Connection, type ConnectOptions, isProviderError, type Log } from '../contracts/index.ts';
import type { Egress } from './egress.ts';
import { linkSignals } from './link-signals.ts';

const MAX_MESSAGE_BYTES = 1024 * 1024;
const MAX_REFUSAL_BYTES = 4096;
/** After `close()`: how long a peer may take to answer before its socket is dropped. */
const CLOSE_TIMEOUT_MS = 3000;

/**
 * One WebSocket, without retry, redirect or compression. An abort drops the socket at once, before or after `open`.
 * Bytes given to `send` are copied (masked) before it returns.
 */
export function connectWebSocket(
  url: string,
  options: ConnectOptions,
  { lifetime, log, egress }: { lifetime: AbortSignal; log: Log; egress?: Egress | undefined },
): Promise<Connection> {
  const { signal, unlink } = linkSignals([options.signal, lifetime]);
  if (signal.aborted) {
    unlink();
    return Promise.reject(new ConnectError('aborted'));
  }
  const socket = new WebSocket(url, {
    headers: options.headers ?? {},
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
    ...(egress ? { lookup: egress.lookup[url.startsWith('wss:') ? 'secure' : 'plain'] } : {}),
  });
  const abort = () => socket.terminate();
  signal.addEventListener('abort', abort, { once: true });
  socket.once('close', () => {
    signal.removeEventListener('abort', abort);
    unlink();
  });
  deliver(socket, options, log);
  return opened(socket, options, signal, log);
}

/** Attached before the handshake, so that a message in the same TCP segment as its answer is not lost. */
function deliver(socket: WebSocket, options: ConnectOptions, log: Log): void {
  socket.on('message', (data: RawData, isBinary: boolean) => {
    try {
      const bytes = data as Buffer; // binaryType is nodebuffer
      options.onMessage(isBinary ? bytes : bytes.toString('utf8'));
    } catch (error) {
      log.error({ err: (error as Error).name }, 'message handler of a provider failed');
      socket.terminate();
    }
  });
}

function opened(socket: WebSocket, options: ConnectOptions, signal: AbortSignal, log: Log): Promise<Connection> {
  return new Promise((resolve, reject) => {
    let isOpen = false;
    socket.once('open', () => {
      isOpen = true;
      resolve(connectionOf(socket));
    });
    socket.once('unexpected-response', (request, response) => {
      refusal(response).then((error) => {
        reject(error);
        request.destroy();
        socket.terminate();
      });
    });
    socket.on('error', (error: Error & { code?: string }) => {
      if (isOpen) socket.terminate();
      else if (isProviderError(error)) reject(error);
      else reject(new ConnectError(signal.aborted ? 'aborted' : (error.code ?? 'handshake failed')));
    });
    socket.once('close', (code: number, reason: Buffer) => {
      if (isOpen) tell(() => options.onClose(code, reason.toString('utf8')), log);
      else reject(new ConnectError(signal.aborted ? 'aborted' : 'closed before open'));
    });
  });
}

/** A listener of a provider that throws is its own fault: thrown on, it would end the process. */
function tell(listener: () => void, log: Log): void {
  try {
    listener();
  } catch (error) {
    log.error({ err: (error as Error).name }, 'close handler of a provider failed');
  }
}

async function refusal(response: IncomingMessage): Promise<ConnectError> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_REFUSAL_BYTES) break;
    }
  } catch {
    // A refusal cut short: status and headers still say why.
  }
  const body = Buffer.concat(chunks).toString('utf8').slice(0, MAX_REFUSAL_BYTES);
  return new ConnectError(`HTTP ${response.statusCode}`, { ...status(response), headers, body });
}

function status(response: IncomingMessage): { status?: number } {
  return response.statusCode === undefined ? {} : { status: response.statusCode };
}

function connectionOf(socket: WebSocket): Connection {
  return {
    send(data) {
      // Sending on a closing socket is a race every caller has: the close event is on its way and says so.
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    close(code = 1000, reason) {
      socket.close(code, reason);
      const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref();
      socket.once('close', () => clearTimeout(timer));
    },
    terminate: () => socket.terminate(),
  };
}
