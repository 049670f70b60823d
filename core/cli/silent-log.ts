import type { Log } from '../contracts/index.ts';

/** For commands that say what matters themselves. */
export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
