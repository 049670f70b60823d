/** One start of Balto, and what it took. For `bench -- plugins`: every start is a process of its own. */
import { createApp } from '../../core/app.ts';
import { listen } from '../../core/listen.ts';
import { answer } from './child.ts';
import { rssMb } from './meter.ts';

export interface Started {
  /** User and system time of the process, from its own start until it listens. */
  cpuMs: number;
  rssMb: number;
}

export type StartQuestions = {
  /** `data` is its data folder: the first start there makes the database, and is none to measure. */
  start(order: { plugins: string; data: string; env: Record<string, string> }): Promise<Started>;
};

answer<StartQuestions>({
  async start({ plugins, data, env }) {
    const balto = await createApp({
      env: { BALTO_DATA_DIR: data, BALTO_LOG_LEVEL: 'silent', ...env },
      pluginsDirectory: new URL(plugins),
    });
    await listen(balto.app, { port: 0, host: '127.0.0.1' });
    const { user, system } = process.cpuUsage();
    const started = { cpuMs: (user + system) / 1000, rssMb: rssMb() };
    await balto.close();
    return started;
  },
});
