import type { FastifyInstance, FastifyRequest } from 'fastify';

type Socket = FastifyRequest['raw']['socket'];

/**
 * Cuts, when the server closes, connections on which nobody has asked anything yet. Browsers open them ahead of need, HTTP
 * clients after an aborted request; Node counts them as busy until its header time-out, and `close` would wait a minute.
 */
export function cutSilentSockets(app: FastifyInstance): void {
  const silent = new Set<Socket>();
  let isClosing = false;
  const spoke = ({ socket }: { socket: Socket }): void => void silent.delete(socket);
  app.server.on('connection', (socket: Socket) => {
    if (isClosing) {
      socket.destroy();
      return;
    }
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  app.server.on('request', spoke);
  app.server.on('upgrade', spoke);
  app.addHook('preClose', async () => {
    isClosing = true;
    for (const socket of silent) socket.destroy();
  });
}
