import { createServer } from 'node:net';
import Fastify from 'fastify';
import t from 'tap';
import { BaltoError } from '../../core/contracts/index.ts';
import { listen } from '../../core/listen.ts';

t.test("a port of one's own choice that is taken is an error that names PORT", async (t) => {
  const holder = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => holder.once('listening', done));
  const { port } = holder.address() as { port: number };
  const app = Fastify();
  const error = await listen(app, { port, host: '127.0.0.1' }).catch((thrown: unknown) => thrown);
  t.ok(error instanceof BaltoError);
  t.match(error, { code: 'BALTO_START_PORT', field: 'PORT' });
  await app.close();
  await new Promise((done) => holder.close(done));
});

t.test('any free port is used as asked', async (t) => {
  const app = Fastify();
  const { port, moved } = await listen(app, { port: 0, host: '127.0.0.1' });
  t.ok(port > 0);
  t.equal(moved, false);
  await app.close();
});

t.test('8765 moves to 8766 when it is taken, and says so', async (t) => {
  const holder = createServer();
  const isFree = await new Promise((done) => {
    holder.once('error', () => done(false));
    holder.listen(8765, '127.0.0.1', () => done(true));
  });
  const app = Fastify();
  const result = await listen(app, { port: 8765, host: '127.0.0.1' }).catch((error: unknown) => error);
  if (result instanceof BaltoError) t.equal(result.code, 'BALTO_START_PORT', 'both are taken on this machine');
  else t.same(result, { port: 8766, moved: true });
  await app.close();
  if (isFree) await new Promise((done) => holder.close(done));
});
