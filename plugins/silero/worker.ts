/** The model's thread: it loads, says so, and runs one turn after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadModel } from './model.ts';
import type { FromModel, ToModel } from './thread.ts';
import type { SharedTurn } from './turn.ts';

const port = parentPort;
if (!port) throw new Error('silero: this file is a worker');

function tell(message: FromModel): void {
  port?.postMessage(message);
}

const model = await loadModel(workerData as SharedTurn);
port.on('message', async ({ type, rounds }: ToModel) => {
  // What is thrown here ends the thread, and whoever waits is told why.
  if (type === 'run') {
    await model.run(rounds);
    tell({ type: 'done' });
    return;
  }
  await model.release();
  port.close();
});
tell({ type: 'ready' });
