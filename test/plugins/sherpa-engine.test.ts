import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { Engine, type EngineOptions } from '../../plugins/sherpa/engine.ts';
import { failureOf, keptLog, live, noLeak } from '../helpers/provider.ts';
import { bursts, localContext, withoutSherpa } from '../helpers/sherpa.ts';
import { CTC_TOKENS, ctcModel, modelFolder } from '../helpers/tiny-onnx.ts';

const skip = await withoutSherpa();
const PLUGIN = new URL('../../plugins/sherpa/', import.meta.url);
const audio = bursts(1, [0.2]);
const job = { ...audio, language: 'pt' };

async function engineFor(test: Test, extra: Partial<EngineOptions<'transcribe'>> = {}) {
  const folder = await modelFolder(test.testdir(), 'm', { 'model.onnx': ctcModel(), 'tokens.txt': CTC_TOKENS });
  const model = { nemoCtc: { model: join(folder, 'model.onnx') }, tokens: join(folder, 'tokens.txt') };
  const engine = await Engine.start({
    task: 'transcribe',
    model: { model, language: 'pt', threads: 1 },
    label: 'de teste',
    maxJobs: 3,
    ctx: localContext(test),
    ...extra,
  });
  test.teardown(() => engine.close());
  return engine;
}

const pidOf = (engine: Engine<'transcribe'>): number => engine.pid ?? 0;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

t.test('jobs wait their turn, up to the bound; an abort drops one at once', { skip }, async (test) => {
  const engine = await engineFor(test);
  // A stopped process is a decoder that takes for ever.
  process.kill(pidOf(engine), 'SIGSTOP');
  const aborts = [new AbortController(), new AbortController()] as const;
  const running = engine.run(job, aborts[0].signal);
  const waiting = engine.run(job, aborts[1].signal);
  const last = engine.run(job, live());
  test.match(await failureOf(test, engine.run(job, live())), { code: 'rate_limited', scope: 'concurrency' });
  aborts[1].abort();
  test.match(await failureOf(test, waiting), { code: 'aborted' });
  const another = engine.run(job, live());
  aborts[0].abort();
  test.match(await failureOf(test, running), { code: 'aborted' }, 'the running one is told before it ends');
  process.kill(pidOf(engine), 'SIGCONT');
  test.match(await last, { text: 'oi' }, 'an answer nobody waits for is not taken for the next one');
  test.match(await another, { text: 'oi' });
});

t.test('a process that dies takes its job, and the next job starts another', { skip }, async (test) => {
  const engine = await engineFor(test);
  const pid = pidOf(engine);
  process.kill(pid, 'SIGSTOP');
  const lost = engine.run(job, live());
  const next = engine.run(job, live());
  process.kill(pid, 'SIGKILL');
  test.match(await failureOf(test, lost), { code: 'server', retryable: true, vendorCode: 'SIGKILL' });
  test.match(await next, { text: 'oi' });
  test.not(pidOf(engine), pid);
});

t.test('a job that nobody waits for any more does not block for ever', { skip }, async (test) => {
  const engine = await engineFor(test, { abandonedMs: 1 });
  const pid = pidOf(engine);
  process.kill(pid, 'SIGSTOP');
  const abort = new AbortController();
  const stuck = engine.run(job, abort.signal);
  abort.abort();
  test.match(await failureOf(test, stuck), { code: 'aborted' });
  test.match(await engine.run(job, live()), { text: 'oi' });
  test.notOk(isAlive(pid));
});

t.test('close ends the process at once, and its jobs', { skip }, async (test) => {
  const engine = await engineFor(test);
  const pid = pidOf(engine);
  process.kill(pid, 'SIGSTOP');
  const jobs = [engine.run(job, live()), engine.run(job, live())].map((each) => failureOf(test, each));
  await engine.close();
  for (const error of await Promise.all(jobs)) test.match(error, { code: 'aborted' });
  test.notOk(isAlive(pid));
  await engine.close();
});

t.test('the end of the instance ends the process, also while it loads', { skip }, async (test) => {
  const life = new AbortController();
  const ctx = { ...localContext(test), signal: life.signal };
  const engine = await engineFor(test, { ctx });
  const closed = failureOf(test, engine.run(job, live()));
  life.abort();
  test.match(await closed, { code: 'aborted' });
  test.match(await failureOf(test, engineFor(test, { ctx })), { code: 'aborted' });
});

t.test('the process gets no key, and writes no sound into an error', { skip }, async (test) => {
  process.env['ACME_API_KEY'] = 'sk-segredo';
  test.teardown(() => delete process.env['ACME_API_KEY']);
  const log = keptLog();
  const engine = await engineFor(test, { ctx: { ...localContext(test), log } });
  if (process.platform === 'linux') {
    const environment = await readFile(`/proc/${pidOf(engine)}/environ`, 'utf8');
    test.match(environment, /ORT_DISABLE_TELEMETRY=1/);
    test.notMatch(environment, /sk-segredo/);
  }
  process.kill(pidOf(engine), 'SIGSTOP');
  const lost = engine.run(job, live());
  process.kill(pidOf(engine), 'SIGKILL');
  noLeak(test, await failureOf(test, lost), log, ['Int16Array', 'pcm']);
});

t.test('without the package: said so, with the remedy', async (test) => {
  // The child's program in a place from which nothing is installed.
  const folder = await mkdtemp(join(tmpdir(), 'balto-sherpa-'));
  test.teardown(() => rm(folder, { recursive: true }));
  for (const file of ['child.ts', 'native.ts']) await cp(new URL(file, PLUGIN), join(folder, file));
  const entry = pathToFileURL(join(folder, 'child.ts'));
  test.match(await failureOf(test, engineFor(test, { entry })), {
    code: 'unsupported',
    blame: 'config',
    message: /sherpa-onnx-node.*npm install/,
  });
});

t.test('the child answers in kind, and leaves with its parent', { skip }, async (test) => {
  const child = fork(fileURLToPath(new URL('child.ts', PLUGIN)), [], { serialization: 'advanced', execArgv: [] });
  test.teardown(() => child.kill('SIGKILL'));
  child.send({ type: 'job', id: 7, job });
  test.same((await once(child, 'message'))[0], { type: 'error', id: 7 }, 'a job before a model');
  child.disconnect();
  test.same(await once(child, 'exit'), [0, null]);
});
