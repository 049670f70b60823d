/** Replays utterances off the main thread: a hundred thousand decisions would hold up audio. */
import { parentPort } from 'node:worker_threads';
import { Simulation } from './simulation.ts';
import type { FromSimulation, ToSimulation } from './simulation-types.ts';

const port = parentPort;
if (!port) throw new Error('simulation-worker runs as a worker thread');

let simulation: Simulation | undefined;

port.on('message', (message: ToSimulation) => {
  if (message.type === 'setup') simulation = new Simulation(message.setup);
  else if (message.type === 'plan') simulation?.addPlan(message);
  else if (message.type === 'counter') simulation?.addCounter(message.counter);
  else if (message.type === 'rows') simulation?.addRows(message.json);
  else if (message.type === 'shadows') simulation?.addShadows(message.pairs);
  else if (simulation) return say({ type: 'figures', figures: simulation.figures() });
  say({ type: 'done' });
});

function say(message: FromSimulation): void {
  port?.postMessage(message);
}
