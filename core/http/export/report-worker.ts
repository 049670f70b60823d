/** Writes a report off the main thread: a hundred thousand rows would hold up audio. */
import { parentPort, workerData } from 'node:worker_threads';
import { openReport, type ReportOrder } from './report-writer.ts';

/** What it is told; each message is answered once, with the part of the file that is ready. */
export type ToReport = { type: 'rows' | 'shadows'; json: string } | { type: 'end' };

const port = parentPort;
if (!port) throw new Error('report-worker runs as a worker thread');
const report = openReport(workerData as ReportOrder);

port.on('message', (message: ToReport) => {
  const bytes = partFor(message);
  port.postMessage(bytes, bytes.length > 0 ? [bytes.buffer as ArrayBuffer] : []);
});

function partFor(message: ToReport): Uint8Array {
  if (message.type === 'rows') return report.rows(message.json);
  if (message.type === 'end') return report.end();
  report.shadows(message.json);
  return new Uint8Array(0);
}
