import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import t from 'tap';

const run = promisify(execFile);
const LOADER = new URL('../helpers/loaded-modules.ts', import.meta.url).pathname;
const PLUGINS = new URL('../../plugins/', import.meta.url);

/** What a vendor's manifest is made of: all that a start reads of a plugin nobody configured. */
const READ_AT_START = /\/plugins\/[a-z-]+\/(index|config|models|traits|keyterms|query|preset|presets|folder)\.ts$/;
const MANIFEST = /\/plugins\/[a-z-]+\/(stt|tts|llm|embeddings|speaker)\.ts$/;
/** Libraries for what somebody has to ask for: a vendor, metrics, the API's documentation, Redis. */
const ASKED_FOR =
  /\/node_modules\/(openai|@anthropic-ai|onnxruntime-node|prom-client|@fastify\/swagger|yaml|ioredis)\//;

t.test('a start loads of a vendor what says what it can do, and nothing it would need for a call', async (t) => {
  const { stdout } = await run(process.execPath, [LOADER], { maxBuffer: 2 ** 24 });
  const loaded = JSON.parse(stdout) as string[];
  t.same(
    loaded.filter((url) => ASKED_FOR.test(url)),
    [],
  );
  const folders = (await readdir(PLUGINS, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const { name } of folders) {
    const files = await readdir(new URL(`${name}/`, PLUGINS));
    // One that keeps its instances apart, as every vendor of the house does; a small one of this machine may not.
    if (name === 'compatible' || files.some((file) => file.endsWith('-instance.ts'))) {
      const tooMuch = loaded
        .filter((url) => url.includes(`/plugins/${name}/`))
        .filter((url) => !READ_AT_START.test(url) && !MANIFEST.test(url));
      t.same(tooMuch, [], `${name} keeps what a call needs for the call`);
    }
    t.ok(
      loaded.some((url) => url.endsWith(`/plugins/${name}/index.ts`)),
      `${name} was registered`,
    );
  }
});
