import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { WorkerAnswers } from '../../core/worker-answers.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function thread(code: string): WorkerAnswers<number, Uint8Array> {
  const worker = new Worker(`const { parentPort } = require('node:worker_threads');\n${code}`, { eval: true });
  return new WorkerAnswers(worker);
}

t.test('each question has its answer, and an answer nobody holds any more is let go of', async (t) => {
  const answers = thread(`parentPort.on('message', (length) => {
    const bytes = new Uint8Array(length);
    parentPort.postMessage(bytes, [bytes.buffer]);
  });`);
  t.teardown(() => answers.close());
  const given: WeakRef<Uint8Array>[] = [];
  for (let length = 1; length <= 50; length++) {
    const bytes = await answers.ask(length);
    t.equal(bytes.length, length);
    given.push(new WeakRef(bytes));
  }
  // A weak reference holds what it names until the turn is over.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  t.ok(given.filter((reference) => reference.deref() !== undefined).length <= 1, 'the last one at most');
});

t.test('a thread that fails says so to who waits, and to who asks after it', async (t) => {
  const answers = thread(`parentPort.on('message', () => { throw new Error('não deu'); });`);
  t.teardown(() => answers.close());
  await t.rejects(answers.ask(1), { message: 'não deu' });
  await t.rejects(answers.ask(2), { message: 'não deu' });
});
