import type { FastifyInstance } from 'fastify';
import { BaltoError } from './contracts/index.ts';

/** The one port that moves when it is taken, and where to: existing tools know both. */
const DEFAULT_PORT = 8765;
const SECOND_PORT = 8766;

/**
 * Listens. Only 8765 moves to 8766 when taken; any other taken port is an error (protocol.md §4).
 * @returns the port, and whether it moved.
 * @throws BaltoError BALTO_START_PORT when the port is taken.
 */
export async function listen(
  app: FastifyInstance,
  wanted: { port: number; host: string },
): Promise<{ port: number; moved: boolean }> {
  const ports = wanted.port === DEFAULT_PORT ? [DEFAULT_PORT, SECOND_PORT] : [wanted.port];
  for (const port of ports) {
    try {
      await app.listen({ port, host: wanted.host });
      const address = app.server.address();
      const actual = typeof address === 'object' && address ? address.port : port;
      return { port: actual, moved: port === SECOND_PORT && wanted.port === DEFAULT_PORT };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new BaltoError({
    code: 'BALTO_START_PORT',
    message: `a porta ${ports.join(' e a porta ')} ${ports.length > 1 ? 'estão ocupadas' : 'está ocupada'}; pare quem a usa ou defina PORT`,
    field: 'PORT',
  });
}
