import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { BaltoError } from '../../../core/contracts/index.ts';
import { callServer, type Operations, serveCommands } from '../../../core/store/socket.ts';
import { quietLog, temporaryFolder } from '../../helpers/databases.ts';

async function serve(t: Test, operations: Operations): Promise<string> {
  const folder = await temporaryFolder(t);
  // Left by a process that died.
  await writeFile(join(folder, 'balto.sock'), '');
  t.teardown(await serveCommands(folder, operations, quietLog));
  return folder;
}

t.test('the command line asks the running server', async (t) => {
  const folder = await serve(t, {
    echo: async (args) => ({ args }),
    refuse: async () => {
      throw new BaltoError({ code: 'BALTO_X_Y', message: 'Não dá.', field: 'nome' });
    },
    crash: async () => {
      throw new Error('with a secret in it');
    },
  });
  t.equal((await stat(join(folder, 'balto.sock'))).mode & 0o777, 0o600, 'for the same user only');
  t.same(await callServer(folder, 'echo', { nome: 'ação' }), { args: { nome: 'ação' } });
  await t.rejects(callServer(folder, 'refuse'), { code: 'BALTO_X_Y', message: 'Não dá.', field: 'nome' });
  await t.rejects(callServer(folder, 'crash'), { code: 'BALTO_COMMAND_FAILED', message: /registro/ });
  await t.rejects(callServer(folder, 'toString'), { code: 'BALTO_COMMAND_UNKNOWN' });
});

t.test('without a server the command line is told so', async (t) => {
  const folder = await temporaryFolder(t);
  await t.rejects(callServer(folder, 'echo'), { code: 'BALTO_SERVER_NOT_RUNNING' });
});

t.test('requests in pieces, several at once, rubbish, and one without end', async (t) => {
  const folder = await serve(t, { double: async (args) => Number(args) * 2 });
  const socket = connect(join(folder, 'balto.sock'));
  let answers = '';
  socket.on('data', (chunk) => {
    answers += chunk;
  });
  socket.write('{"op":"double","ar');
  socket.write('gs":2}\n{"op":"double","args":3}\nrubbish\n{"op":"double","args":4}\n');
  while (answers.split('\n').length < 5) await once(socket, 'data');
  const [two, three, rubbish, four] = answers
    .split('\n')
    .slice(0, 4)
    .map((line) => JSON.parse(line));
  t.same(
    [two, three, four],
    [4, 6, 8].map((result) => ({ ok: true, result })),
    'answered in order',
  );
  t.match(rubbish, { ok: false, code: 'BALTO_COMMAND_FAILED' });
  socket.on('error', () => {});
  socket.write('x'.repeat(2 * 1024 * 1024));
  await new Promise((resolve) => socket.on('close', resolve));
  t.equal(await callServer(folder, 'double', 5), 10, 'others are not disturbed');
});
