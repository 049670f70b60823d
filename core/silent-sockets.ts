import type { FastifyInstance, FastifyRequest } from 'fastify';

type Socket = FastifyRequest['raw']['socket'];

/**
 * Lets the server close as soon as its last answer is given. Connections on which nobody has asked anything yet are cut:
 * browsers open them ahead of need, HTTP clients after an aborted request, and Node counts them as busy until its header
 * time-out. One whose answer was under way ends with it: Node would keep it alive for the next question.
 */
export function cutSilentSockets(app: FastifyInstance): void {
  const silent = new Set<Socket>();
  let isClosing = false;
  app.server.on('connection', (socket: Socket) => {
    if (isClosing) {
      socket.destroy();
      return;
    }
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  app.server.on('request', ({ socket }, response) => {
    silent.delete(socket);
    response.once('finish', () => {
      if (isClosing) socket.end();
    });
  });
  app.server.on('upgrade', ({ socket }) => void silent.delete(socket));
  app.addHook('preClose', async () => {
    isClosing = true;
    for (const socket of silent) socket.destroy();
  });
}
