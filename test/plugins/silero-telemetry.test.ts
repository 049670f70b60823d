import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import t from 'tap';

const MODEL = new URL('../../plugins/silero/thread.ts', import.meta.url).href;

/** Loads Silero and runs it once, as the first counter does. */
const LOAD = `
  const { ModelThread } = await import(${JSON.stringify(MODEL)});
  const model = await ModelThread.start(1);
  await model.run(1);
  await model.release();
  console.log(process.env.ORT_DISABLE_TELEMETRY);
`;

async function loadWith(env: Record<string, string>): Promise<string> {
  const inherited = { ...process.env };
  delete inherited['ORT_DISABLE_TELEMETRY'];
  const args = ['--input-type=module', '--eval', LOAD];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...inherited, ...env } });
  return stdout.trim();
}

t.test('loading the model leaves no device id and no telemetry log behind', async (t) => {
  const temporary = t.testdir({});
  t.equal(await loadWith({ TMPDIR: temporary, HOME: temporary }), '1');
  t.same(await readdir(temporary), []);
});

t.test('who sets the variable is not overruled', async (t) => {
  t.equal(await loadWith({ TMPDIR: t.testdir({}), ORT_DISABLE_TELEMETRY: 'true' }), 'true');
});
