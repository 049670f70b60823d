/**
 * The process that holds one model. It is a process and not a thread because the native library ends the process it is
 * in when a model displeases it (see docs/decisions/0117): here that costs one model, not the pharmacy's server.
 */
import { constants, setPriority } from 'node:os';
import { type Loaded, loadExtractor, loadRecognizer, loadVoice } from './native.ts';
import type { FromEngine, Task, Tasks, ToEngine } from './protocol.ts';

let loaded: Loaded<Task> | null = null;

// Hearing goes first on a small machine: threads started from here on take this one's priority.
try {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // a sandbox may forbid it: then as everybody else
}

process.on('message', (message: ToEngine) => {
  if (message.type === 'load') void load(message.task, message.model);
  else run(message.id, message.job);
});
// Whoever started this is gone.
process.on('disconnect', () => process.exit());

async function load<T extends Task>(task: T, model: Tasks[T]['model']): Promise<void> {
  let sherpa: Awaited<typeof import('sherpa-onnx-node')>['default'];
  try {
    sherpa = (await import('sherpa-onnx-node')).default;
  } catch {
    return say({ type: 'failed', reason: 'package' });
  }
  try {
    // The message's type ties model to task; a switch cannot see that.
    if (task === 'transcribe') loaded = loadRecognizer(sherpa, model as Tasks['transcribe']['model']) as Loaded<Task>;
    else if (task === 'embed') loaded = loadExtractor(sherpa, model as Tasks['embed']['model']) as Loaded<Task>;
    else loaded = loadVoice(sherpa, model as Tasks['speak']['model']) as Loaded<Task>;
  } catch {
    return say({ type: 'failed', reason: 'model' });
  }
  say({ type: 'ready', info: loaded.info });
}

function run(id: number, job: Tasks[Task]['job']): void {
  try {
    if (!loaded) throw new Error('nothing is loaded');
    say({ type: 'answer', id, answer: loaded.run(job) });
  } catch {
    say({ type: 'error', id });
  }
}

function say(message: FromEngine): void {
  process.send?.(message);
}
