import Fastify, { type FastifyPluginAsync } from 'fastify';
import t, { type Test } from 'tap';
import { withBoundedClose } from '../../../core/registry/bounded-close.ts';
import { actingProvider } from '../../../core/runtime/on-behalf.ts';

/** Closes a server with this plugin in it; its log. */
async function closedWith(plugin: FastifyPluginAsync): Promise<{ plugin?: string; error?: string }[]> {
  const lines: string[] = [];
  const app = Fastify({ logger: { level: 'warn', stream: { write: (line: string) => void lines.push(line) } } });
  await withBoundedClose(app, 'mau', () => app.register(plugin), { ms: 50 });
  app.addHook('onClose', async () => void lines.push('{"plugin":"core"}'));
  // The bound's timer keeps no process alive, and here there is nothing else to do.
  const keep = setInterval(() => undefined, 1000);
  await app.close();
  clearInterval(keep);
  return lines.map((line) => JSON.parse(line) as { plugin?: string; error?: string });
}

const forever = () => new Promise<void>(() => undefined);

t.test('a hook that hangs, with a promise or a callback, or that throws, is left behind and named', async (t: Test) => {
  const hung = { plugin: 'mau', error: 'timeout' };
  t.match(await closedWith(async (app) => void app.addHook('onClose', forever)), [{ plugin: 'core' }, hung]);
  t.match(await closedWith(async (app) => void app.addHook('onClose', (_app, _done) => undefined)), [{}, hung]);
  const throws = async () => {
    throw new RangeError('segredo');
  };
  const lines = await closedWith(async (app) => void app.addHook('onClose', throws));
  t.match(lines, [{ plugin: 'core' }, { plugin: 'mau', error: 'RangeError' }]);
  t.notMatch(JSON.stringify(lines), /segredo/);
});

t.test('a hook that does its work is waited for, in the name of its plugin', async (t) => {
  const names: unknown[] = [];
  const lines = await closedWith(async (app) => {
    app.addHook('onClose', async () => void names.push(actingProvider()));
    app.addHook('onClose', (_app, done) => {
      setTimeout(() => {
        names.push('callback');
        done();
      }, 5);
    });
  });
  t.same(names.sort(), ['callback', 'mau']);
  t.same(lines, [{ plugin: 'core' }], 'nothing is said of it');
});
