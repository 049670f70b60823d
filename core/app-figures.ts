import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { FastifyInstance } from 'fastify';
import type { Figures } from './http/options.ts';
import type { Store } from './store/index.ts';

const startedAt = new Date(Date.now() - process.uptime() * 1000);

/** How this process and what it stands on are doing. */
export async function figuresOf(app: FastifyInstance, store: Pick<Store, 'status'>, dataDir: string): Promise<Figures> {
  const { database, journal } = store.status();
  return {
    database,
    journal,
    disk: await diskOf(dataDir),
    process: {
      pid: process.pid,
      host: hostname(),
      node: process.versions.node,
      startedAt,
      memoryBytes: process.memoryUsage.rss(),
      counters: app.hasDecorator('connections') ? app.connections.sessions : 0,
    },
  };
}

/** What the folder's file system has left for us; null where it does not say. */
async function diskOf(folder: string): Promise<Figures['disk']> {
  const found = await statfs(folder).catch(() => null);
  if (!found || found.blocks === 0) return null;
  return { freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize };
}
