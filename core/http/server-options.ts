import { type FastifyServerOptions, LogController } from 'fastify';
import { lazySchemas } from './lazy-schemas.ts';

/**
 * Options of the Fastify instance that the doors rely on. Its own request log is off: it would write query strings, and
 * those may hold what somebody said.
 */
export function serverOptions(
  settings: { trustProxy: string[]; logLevel: string },
  logStream?: { write(line: string): void },
) {
  return {
    trustProxy: settings.trustProxy,
    bodyLimit: 1_048_576,
    requestTimeout: 30_000,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    // Draining takes up to 15 s, and it runs inside close().
    pluginTimeout: 60_000,
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: true,
    schemaController: lazySchemas(),
    routerOptions: { maxParamLength: 128, ignoreTrailingSlash: true },
    logger:
      settings.logLevel === 'silent' ? false : { level: settings.logLevel, ...(logStream && { stream: logStream }) },
  } satisfies FastifyServerOptions;
}
