import { Worker } from 'node:worker_threads';
import { WorkerAnswers } from '../../worker-answers.ts';
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
  const thread = new WorkerAnswers<ToReport, Uint8Array>(worker);
  try {
    for await (const json of rows) yield await thread.ask({ type: 'rows', json });
    if (order.format === 'xlsx') for await (const json of shadows) await thread.ask({ type: 'shadows', json });
    yield await thread.ask({ type: 'end' });
  } finally {
    await thread.close();
  }
}
