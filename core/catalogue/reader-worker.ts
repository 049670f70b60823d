/** Reads a catalogue's file off the main thread: unpacking and parsing a hundred megabytes would hold up audio. */
import { parentPort, workerData } from 'node:worker_threads';
import { read } from './reader.ts';
import type { ReadOrder } from './reader-thread.ts';
import type { ReaderMessage } from './staging.ts';

const port = parentPort;
if (!port) throw new Error('reader-worker runs as a worker thread');

const messages = read(workerData as ReadOrder);

port.on('message', async () => {
  const { value, done } = await messages.next();
  port.postMessage(done ? ({ type: 'done' } satisfies ReaderMessage) : value);
});
