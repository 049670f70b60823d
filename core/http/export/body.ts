import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ToReport } from './report-worker.ts';
import type { ReportOrder } from './report-writer.ts';

/** Memory of the thread: what a page needs, and little more; its own collector keeps it there. */
const MEMORY = { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 6 };

/** What a report is made of: pages of JSON text, as `Exports` gives them. */
export interface ReportSource {
  rows: AsyncIterable<string>;
  shadows: AsyncIterable<string>;
}

/** The file, bit by bit, as fast as it is taken: one page is read and written at a time. */
export async function* reportBody(order: ReportOrder, { rows, shadows }: ReportSource): AsyncGenerator<Uint8Array> {
  // Sources run as .ts, the built image as .js: the worker has this file's own extension.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./report-worker.${extension}`, import.meta.url), {
    workerData: order,
    resourceLimits: MEMORY,
  });
  const failed = new Promise<never>((_, reject) => worker.once('error', reject));
  failed.catch(() => {}); // told of by `ask`, or the reader has gone
  const ask = async (message: ToReport): Promise<Uint8Array> => {
    const answer = once(worker, 'message') as Promise<[Uint8Array]>;
    answer.catch(() => {}); // told of by `failed`
    worker.postMessage(message);
    return (await Promise.race([answer, failed]))[0];
  };
  try {
    for await (const json of rows) yield await ask({ type: 'rows', json });
    if (order.format === 'xlsx') for await (const json of shadows) await ask({ type: 'shadows', json });
    yield await ask({ type: 'end' });
  } finally {
    await worker.terminate();
  }
}
