import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { TAGS } from '../../../core/pharmacy/tags.ts';
import { temporaryFolder } from '../../helpers/databases.ts';
import { GOOD_KEY, startWsServer } from '../../helpers/ws-server.ts';

const manual = await readFile(new URL('../../../docs/websocket.md', import.meta.url), 'utf8');

function example(id: string): string {
  const block = new RegExp(`<!-- exemplo: ${id} -->\n\`\`\`[a-z]+\n([\\s\\S]*?)\n\`\`\``).exec(manual)?.[1];
  if (!block) throw new Error(`the manual has no example "${id}"`);
  return block;
}

t.test('the Node example is a working counter', async (t) => {
  const finished = Promise.withResolvers<void>();
  const server = await startWsServer({
    // Before the session's first byte: its audio and its end may come in one piece.
    prepare: (session) => {
      session.command = (message) => {
        session.commands.push(message);
        finished.resolve();
      };
    },
  });
  t.teardown(() => server.app.close());
  const folder = await temporaryFolder(t);
  const audio = Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 256));
  await writeFile(join(folder, 'balcao.mjs'), example('node'));
  await writeFile(join(folder, 'som.wav'), audio);
  const opened = server.nextSession();
  const counter = spawn(process.execPath, [join(folder, 'balcao.mjs'), server.url, GOOD_KEY, join(folder, 'som.wav')]);
  let printed = '';
  counter.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const exited = new Promise((resolve) => counter.once('exit', resolve));
  const session = await opened;
  await finished.promise;
  t.ok(session.audioBytes.equals(audio));
  t.same(session.commands, [{ comando: 'fim' }]);
  session.transport.send({
    comando: 'recomendar',
    itens: [{ sugestao: 'Vitamina C', explicacao: 'porque sim' }],
    interacao_id: 7,
  });
  session.transport.send({ comando: 'ping' });
  while (server.feedback.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.same(server.feedback, [['c1', 7, 'aceito']]);
  session.transport.close(1000, 'fim do teste');
  t.equal(await exited, 0);
  t.match(printed, /Vitamina C: porque sim\nfechado: 1000 fim do teste/);
});

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

t.test(
  'the browser example records, sends WebM and shows the card',
  { skip: chromium ? false : 'no browser' },
  async (t) => {
    const server = await startWsServer();
    const folder = await temporaryFolder(t);
    const press = `document.getElementById('servidor').value = '${server.url}';
    document.getElementById('chave').value = '${GOOD_KEY}';
    const list = document.getElementById('itens');
    new MutationObserver(() => list.querySelector('li')?.click()).observe(list, { childList: true });
    document.getElementById('ligar').click();`;
    const page = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(example('navegador').replace('</html>', `<script type="module">${press}</script></html>`));
    });
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    const { port } = page.address() as { port: number };
    const opened = server.nextSession();
    const flags = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
    ];
    const fakes = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--user-data-dir=${folder}`];
    const browser = spawn(chromium ?? '', [...flags, ...fakes, `http://localhost:${port}/`], { stdio: 'ignore' });
    const exited = new Promise((resolve) => browser.once('exit', resolve));
    t.teardown(async () => {
      browser.kill('SIGKILL');
      await exited;
      page.closeAllConnections();
      page.close();
      await server.app.close();
    });
    const session = await opened;
    while (session.frames.length < 2) await new Promise((resolve) => setImmediate(resolve));
    t.equal(session.audioBytes.readUInt32BE(0), 0x1a45dfa3, 'EBML: a browser records WebM');
    const itens = [{ sugestao: 'Vitamina C', explicacao: '<img src=x onerror=alert(1)>', tag: 'outros' }];
    session.transport.send({ comando: 'recomendar', itens, aviso: 'x', interacao_id: 9 });
    while (server.feedback.length === 0) await new Promise((resolve) => setImmediate(resolve));
    t.same(server.feedback, [['c1', 9, 'aceito']], 'the card is on the page, and can be pressed');
  },
);

t.test('the manual names every tag, command and close code of the protocol', async (t) => {
  for (const tag of TAGS) t.ok(manual.includes(tag), tag);
  for (const code of [1000, 1001, 1009, 4000, 4001, 4002, 4003, 4008, 4009])
    t.match(manual, new RegExp(`^\\| ${code}`, 'm'));
  for (const comando of ['ping', 'pong', 'feedback', 'pausar', 'retomar', 'fim'])
    t.ok(manual.includes(`"comando":"${comando}"`));
});
