/** The counters: in a process of their own, so that their CPU is nobody's figure. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { answer } from './child.ts';
import { type Pace, paced } from './recording.ts';

/** A card as it came in. */
export interface CardSeen {
  /** Time of arrival by the machine's monotonic clock, in ms: comparable between processes. */
  atMs: number;
  baseText: string;
}

export type LoadQuestions = {
  /** Opens `n` sockets with one key: separate sessions. Resolves when each has sent its handshake. */
  connect(order: { url: string; apiKey: string; n: number }): Promise<void>;
  /** Streams at real time over all of them. Resolves when the last byte is out, with how late the latest step was. */
  stream(pace: Pace): Promise<{ lateMs: number }>;
  /** Closes all. */
  disconnect(order: null): Promise<CardSeen[]>;
};

let sockets: WebSocket[] = [];
let cards: CardSeen[] = [];

async function connected(url: string, apiKey: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('message', (data) => {
    const message = JSON.parse(data.toString()) as { comando?: string; transcricao_base?: string };
    if (message.comando !== 'recomendar') return;
    cards.push({ atMs: Number(process.hrtime.bigint()) / 1e6, baseText: message.transcricao_base ?? '' });
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ api_key: apiKey }));
  return socket;
}

answer<LoadQuestions>({
  async connect({ url, apiKey, n }) {
    cards = [];
    sockets = [];
    for (let i = 0; i < n; i++) sockets.push(await connected(url, apiKey));
  },
  async stream(pace) {
    const lateMs = await paced(sockets.length, pace, (stream, bytes) => {
      const socket = sockets[stream];
      if (socket?.readyState !== WebSocket.OPEN) throw new Error(`counter ${stream} was closed`);
      socket.send(bytes);
    });
    return { lateMs };
  },
  async disconnect() {
    const gone = sockets.map((socket) => once(socket, 'close'));
    for (const socket of sockets) socket.close();
    await Promise.all(gone);
    return cards;
  },
});
