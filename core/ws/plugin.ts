import websocket from '@fastify/websocket';
import fp from 'fastify-plugin';
import type { WebSocket } from 'ws';
import { BaltoError } from '../contracts/index.ts';
import { authenticateAndAdmit } from './admission.ts';
import { CounterConnection } from './connection.ts';
import { Connections } from './connections.ts';
import { type ConnectionDeps, DEFAULT_WS_LIMITS, type WsOptions } from './types.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Live counters of this process. */
    connections: Connections;
  }
}

/** The door of the counters: `GET /ws`. Any Origin is accepted, as the key in the handshake is the only credential. */
export default fp<WsOptions>(
  async (app, options) => {
    const limits = { ...DEFAULT_WS_LIMITS, ...options.limits };
    const connections = new Connections(options.clock, limits, options.refused);
    const authenticate = authenticateAndAdmit(options, connections);
    const deps: ConnectionDeps = {
      options: { ...options, authenticate },
      limits,
      random: options.random ?? Math.random,
      log: app.log,
    };
    app.decorate('connections', connections);
    // Not written in place: the library's types do not know `closeTimeout` yet.
    const socketOptions = {
      maxPayload: limits.maxFrameBytes,
      perMessageDeflate: false,
      closeTimeout: limits.closeMs,
    };
    await app.register(websocket, {
      options: socketOptions,
      // The library has already closed with the right code (1009, 1007, 1002): there is nothing left to do but to note it.
      errorHandler: (error) => app.log.debug({ code: (error as { code?: string }).code }, 'counter socket error'),
      preClose: async () => {
        await connections.drain();
        for (const client of app.websocketServer.clients) client.terminate();
        app.websocketServer.close();
      },
    });
    app.route({
      method: 'GET',
      url: '/ws',
      config: { access: { who: 'counter' } },
      schema: {
        summary: 'WebSocket dos balcões (docs/websocket.md)',
        tags: ['Balcão'],
        response: {
          101: {
            type: 'null',
            description: 'Ligado; a chave vai no protocolo, e o que houver de errado vem num código de fechamento',
          },
          426: {
            type: 'object',
            properties: { code: { type: 'string', description: 'BALTO_WS_ONLY' } },
            additionalProperties: true,
            description: 'Não é um pedido de WebSocket',
          },
        },
      },
      handler: async (_request, reply) => {
        reply.header('upgrade', 'websocket');
        throw new BaltoError({ code: 'BALTO_WS_ONLY', message: 'Esta rota só aceita WebSocket.', statusCode: 426 });
      },
      wsHandler: (socket: WebSocket) => void new CounterConnection(socket, deps, connections),
    });
  },
  { name: 'balto-ws', fastify: '5.x' },
);
