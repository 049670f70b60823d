import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import Fastify from 'fastify';
import t from 'tap';
import { listen } from '../../core/listen.ts';
import { cutSilentSockets } from '../../core/silent-sockets.ts';

t.test(
  'a connection on which nobody asked anything does not hold up the close; an answer under way does',
  async (t) => {
    const app = Fastify({ forceCloseConnections: 'idle' });
    cutSilentSockets(app);
    let answer = (_text: string): void => {};
    const asked = new Promise<void>((resolve) => {
      app.get('/', () => {
        resolve();
        return new Promise<string>((done) => (answer = done));
      });
    });
    const { port } = await listen(app, { port: 0, host: '127.0.0.1' });
    const silent = connect(port, '127.0.0.1');
    await once(silent, 'connect');
    const response = fetch(`http://127.0.0.1:${port}/`);
    await asked;
    const closed = app.close().then(() => 'closed');
    await once(silent, 'close');
    t.equal(await Promise.race([closed, setTimeout(200, 'open')]), 'open', 'the answer is waited for');
    answer('feito');
    t.equal(await (await response).text(), 'feito');
    t.equal(
      await Promise.race([closed, setTimeout(20_000, 'open')]),
      'closed',
      'not after the minute of the header time-out',
    );
  },
);
