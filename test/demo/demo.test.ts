import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import type { Scene } from './scenes.ts';

const BALTO = join(import.meta.dirname, '../../core/cli/balto.js');

// The recording alone takes 13 s at this speed, and the machine may be busy with other tests.
t.setTimeout(100_000);

/** Runs the demo as a person does, but faster; its temporary files go to a folder that can be looked at. */
async function demo(args: string[], ready?: (child: ReturnType<typeof spawn>) => void) {
  const folder = await mkdtemp(join(tmpdir(), 'balto-demo-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  // Keys of the user's own: real vendors must not be asked even so.
  const env = { ...process.env, TMPDIR: folder, XAI_API_KEY: 'chave-verdadeira', BALTO_STT: 'stt/xai', NO_COLOR: '1' };
  const child = spawn(process.execPath, [BALTO, 'demo', '--fast', '6', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ready?.(child);
  const [out, errors, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  const left = (await readdir(folder)).filter((name) => name.startsWith('balto-demo-'));
  return { out, errors, code, left };
}

t.test('shows a conversation in which the streaming vendor dies and no word is lost', async (t) => {
  const { out, errors, code, left } = await demo([]);
  t.equal(errors, '');
  t.match(out, /EMULADOS/);
  t.match(out, /DEEPGRAM_API_KEY/);
  t.match(out, /DEEPGRAM DERRUBADO/);
  t.match(out, /ElevenLabs Scribe assumiu/);
  t.match(out, /124 de 124 palavras, 0 perdidas, 0 repetidas/);
  t.match(out, /o portão barrou Losartana 50 mg/);
  t.ok((out.match(/CARTÃO/g) ?? []).length >= 2, 'at least two cards');
  t.notOk(out.includes('\u001b'), 'no cursor codes without a terminal');
  t.equal(code, 0);
  t.same(left, [], 'the temporary folder is gone');
});

t.test('tells programs one scene a line, and leaves nothing behind at Ctrl-C', async (t) => {
  const { out, code, left } = await demo(['--json'], (child) => {
    let isStopped = false;
    child.stdout?.on('data', (data: Buffer) => {
      if (isStopped || !data.includes('"parcial"')) return;
      isStopped = true; // a second Ctrl-C would end it at once
      child.kill('SIGINT');
    });
  });
  const scenes = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Scene);
  t.same([...new Set(scenes.slice(0, 3).map(({ event }) => event))], ['inicio', 'pronto', 'parcial']);
  t.equal(code, 130);
  t.same(left, []);
});
