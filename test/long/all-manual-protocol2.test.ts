import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { startElevenLabs, startOpenAi } from '../emulators/index.ts';
import { Coverage } from '../emulators/listening/coverage.ts';
import { wavReference } from '../emulators/listening/references.ts';
import { startBalto } from '../helpers/balto.ts';
import { CuttingProxy } from '../helpers/cutting-proxy.ts';
import { temporaryFolder } from '../helpers/databases.ts';
import { Seen } from '../helpers/seen.ts';
import { obedientModel, rangesOf, spokenUntil, textOf, wavUntil } from '../helpers/talk.ts';

const UNTIL_MS = 14_200;
const SPOKEN = spokenUntil(UNTIL_MS);
const EXAMPLE = /<!-- exemplo: node-protocolo-2 -->\n```js\n([\s\S]*?)\n```/;

t.test("the manual's counter of protocol 2 is heard once and whole over a network that dies twice", async (t) => {
  const coverage = new Coverage(await wavReference());
  const elevenlabs = await startElevenLabs({ listening: coverage });
  const llm = await startOpenAi({ respond: obedientModel() });
  const balto = await startBalto(t, { vendors: { elevenlabs, llm } });
  const proxy = new CuttingProxy({ host: '127.0.0.1', port: balto.port }, [90_001, 150_003]);
  await proxy.open();
  t.teardown(() => proxy.close());
  const folder = await temporaryFolder(t);
  const manual = await readFile(new URL('../../docs/websocket.md', import.meta.url), 'utf8');
  await writeFile(join(folder, 'balcao2.mjs'), EXAMPLE.exec(manual)?.[1] ?? '');
  await writeFile(join(folder, 'som.wav'), wavUntil(UNTIL_MS));
  const seen = new Seen(balto.observer);

  const url = `ws://127.0.0.1:${proxy.port}/ws`;
  const counter = spawn(process.execPath, [join(folder, 'balcao2.mjs'), url, balto.apiKey, join(folder, 'som.wav')]);
  let printed = '';
  counter.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const exited = new Promise((resolve) => counter.once('exit', resolve));
  t.equal(await exited, 0);

  t.equal(proxy.cuts, 2);
  t.equal(seen.text, textOf(SPOKEN));
  const report = coverage.report({ within: rangesOf(SPOKEN) });
  t.same([report.wordsNeverHeard, report.wordsHeardTwice], [[], []]);
  const heard = [...printed.matchAll(/^ouvido: (.*)$/gm)].map(([, text]) => text).join(' ');
  t.equal(heard, textOf(SPOKEN), 'and the device was told');
  t.match(printed, /^fechado: 1000/m);
});
