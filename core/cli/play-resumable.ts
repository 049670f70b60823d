import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { closedError, type Playing } from './play.ts';

const CHUNK_BYTES = 4096;
/** So long a device takes to see that its network is gone, and to come back. */
const AWAY_MS = 1000;
/** An `ack` comes each second in which something moved: after so long without one nothing will. */
const QUIET_MS = 3000;

/** What a device of protocol 2 was told, and where it went on. */
export interface ResumableReport {
  connections: number;
  /** Sessions it was in: one, or something was not resumed. */
  sessions: number;
  acks: number;
  cards: number;
  /** `seguros` when the connection was cut, and the byte it went on from; null: it was not cut. */
  cut: { atByte: number; safe: number; resumedFrom: number } | null;
  /** Bytes that need not be kept any more. */
  safe: number;
  /** What the server said it is in want of; empty: it never asked for what the device need not keep. */
  impossible: string[];
}

/**
 * A device of protocol 2 as the manual tells to build one: it keeps what is not said to be safe, answers cards, and with
 * `cuts` loses its network half way and comes back with its token. Resolves when the server has taken every byte.
 */
export async function playResumable(
  playing: Playing & { cuts: boolean },
): Promise<{ socket: WebSocket; report: ResumableReport }> {
  const device = new ResumableDevice(playing);
  const half = playing.cuts ? Math.floor(playing.bytes.length / 2) : null;
  let socket = await device.connect();
  if (half !== null) {
    await device.send(socket, half);
    await device.cut(socket);
    await sleep(AWAY_MS / playing.pace, undefined, { signal: playing.signal });
    socket = await device.connect();
  }
  await device.send(socket, playing.bytes.length);
  await device.finish(socket);
  return { socket, report: device.report };
}

class ResumableDevice {
  readonly report: ResumableReport = {
    connections: 0,
    sessions: 0,
    acks: 0,
    cards: 0,
    cut: null,
    safe: 0,
    impossible: [],
  };
  readonly #playing: Playing;
  readonly #startedAt = performance.now();
  readonly #sessions = new Set<unknown>();
  #token: string | null = null;
  #sent = 0;
  #received = 0;
  #movedAt = 0;

  constructor(playing: Playing) {
    this.#playing = playing;
  }

  /** A connection that is let in; the stream goes on where its `pronto` says. */
  async connect(): Promise<WebSocket> {
    const { url, apiKey, signal } = this.#playing;
    const { report } = this;
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.on('error', () => {}); // the close event says it too
    const ready = Promise.withResolvers<Record<string, unknown>>();
    socket.once('close', (code, reason) => ready.reject(closedError(`${code} ${reason.toString()}`)));
    signal.addEventListener('abort', () => ready.reject(signal.reason), { once: true });
    socket.on('message', (data) => {
      const message = JSON.parse(data.toString()) as Record<string, unknown>;
      if (message['comando'] === 'pronto') ready.resolve(message);
      else this.#heard(socket, message);
    });
    const resume = this.#token === null ? {} : { retomar: this.#token, desde: report.safe };
    socket.once('open', () => socket.send(JSON.stringify({ api_key: apiKey, protocolo: 2, ...resume })));
    const { sessao, token_retomada, bytes } = await ready.promise;
    report.connections += 1;
    this.#sessions.add(sessao);
    report.sessions = this.#sessions.size;
    this.#token = String(token_retomada);
    const from = Number(bytes ?? 0);
    if (from < report.safe || from > this.#playing.bytes.length) report.impossible.push(`${from}`);
    if (report.cut) report.cut.resumedFrom = from;
    this.#sent = from;
    return socket;
  }

  /** Sends up to `end` at the pace of speech; what was kept while away goes at once. */
  async send(socket: WebSocket, end: number): Promise<void> {
    const { bytes, durationMs, pace, signal } = this.#playing;
    while (this.#sent < end) {
      const dueMs = ((this.#sent / bytes.length) * durationMs) / pace - (performance.now() - this.#startedAt);
      if (dueMs > 1) await sleep(dueMs, undefined, { signal });
      if (socket.readyState !== socket.OPEN) throw closedError(`${socket.readyState}`);
      const chunk = bytes.subarray(this.#sent, Math.min(this.#sent + CHUNK_BYTES, end));
      socket.send(chunk);
      this.#sent += chunk.length;
    }
  }

  /** The network goes: nobody says good-bye. */
  async cut(socket: WebSocket): Promise<void> {
    this.report.cut = { atByte: this.#sent, safe: this.report.safe, resumedFrom: 0 };
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.terminate();
    await gone;
  }

  /** `fim`, and waits until all that was heard is safe: a second or more after the last word, what was kept is caught up. */
  async finish(socket: WebSocket): Promise<void> {
    const { bytes, signal } = this.#playing;
    let how: string | null = null;
    socket.once('close', (code, reason) => {
      how = `${code} ${reason.toString()}`;
    });
    socket.send('{"comando":"fim"}');
    const isOver = () => this.#received >= bytes.length && performance.now() - this.#movedAt > QUIET_MS;
    while (this.report.safe < bytes.length && !isOver()) {
      await sleep(50, undefined, { signal });
      if (how !== null) throw closedError(how);
    }
  }

  #heard(socket: WebSocket, message: Record<string, unknown>): void {
    const { report } = this;
    switch (message['comando']) {
      case 'ack':
        report.acks += 1;
        report.safe = Math.max(report.safe, Number(message['seguros']));
        this.#received = Math.max(this.#received, Number(message['bytes']));
        this.#movedAt = performance.now();
        break;
      case 'recomendar':
        report.cards += 1;
        socket.send(JSON.stringify({ comando: 'recebido', interacao_id: message['interacao_id'] }));
        break;
      case 'ping':
        socket.send('{"comando":"pong"}');
        break;
    }
  }
}
