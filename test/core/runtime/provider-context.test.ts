import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { WebSocketServer } from 'ws';
import {
  ConnectError,
  type ConnectOptions,
  isProviderError,
  type Log,
  type ProviderContext,
} from '../../../core/contracts/index.ts';
import { allowedOrigins, createProviderContext } from '../../../core/runtime/provider-context.ts';

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

async function serve(test: Test, handler: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function contextFor(url: string, extra: { signal?: AbortSignal; maxBodyBytes?: number } = {}): ProviderContext {
  const { signal = new AbortController().signal, ...rest } = extra;
  return createProviderContext({ log: quiet, origins: [url], signal, ...rest });
}

function listener(): ConnectOptions & { messages: string[]; closed: Promise<number>; first: Promise<void> } {
  const messages: string[] = [];
  const closed = Promise.withResolvers<number>();
  const first = Promise.withResolvers<void>();
  return {
    signal: new AbortController().signal,
    messages,
    closed: closed.promise,
    first: first.promise,
    onMessage(data) {
      messages.push(String(data));
      first.resolve();
    },
    onClose: (code) => closed.resolve(code),
  };
}

t.test('refuses a host that neither manifest nor settings name, before anything is sent', async (test) => {
  let requests = 0;
  const { url } = await serve(test, (_request, response) => {
    requests++;
    response.end('{}');
  });
  const ctx = contextFor('https://api.acme.test');
  const refused = (error: unknown) => isProviderError(error) && error.code === 'unsupported';
  await test.rejects(ctx.fetch(`${url}/x`, { headers: { authorization: 'segredo' } }).catch(assertThat(test, refused)));
  await test.rejects(ctx.connect(url.replace('http', 'ws'), listener()).catch(assertThat(test, refused)));
  test.equal(requests, 0);
});

t.test('allows the manifest over TLS only, and the base URL as it is written', async (test) => {
  test.same(allowedOrigins({ hosts: ['api.acme.test'] }, { baseUrl: 'ws://127.0.0.1:9/v1' }), [
    'https://api.acme.test',
    'http://127.0.0.1:9',
  ]);
  test.same(allowedOrigins({ hosts: ['api.acme.test'] }, { baseUrl: 'nada' }), ['https://api.acme.test']);
  const ctx = contextFor('https://api.acme.test');
  await test.rejects(ctx.fetch('http://api.acme.test/'), { code: 'unsupported' });
});

t.test('follows no redirect', async (test) => {
  const { url } = await serve(test, (_request, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  });
  await test.rejects(contextFor(url).fetch(url), { message: 'fetch failed' });
});

t.test('bounds a body that never ends', async (test) => {
  const { url } = await serve(test, (_request, response) => {
    const more = () => response.write('x'.repeat(65_536), (error) => error || more());
    more();
  });
  const response = await contextFor(url, { maxBodyBytes: 300_000 }).fetch(url);
  await test.rejects(response.text(), { code: 'protocol' });
});

t.test('ends a request when the instance lets go, also in mid-body', async (test) => {
  const { url } = await serve(test, (_request, response) => void response.write('meio'));
  const life = new AbortController();
  const response = await contextFor(url, { signal: life.signal }).fetch(url);
  const text = response.text();
  life.abort();
  await test.rejects(text, { name: 'AbortError' });
});

t.test('loses no message that comes with the handshake, and reports the close once', async (test) => {
  const { server, url } = await serve(test, (_request, response) => response.end());
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.send('um');
    socket.send('dois');
    socket.close(4321, 'fim');
  });
  const options = listener();
  await contextFor(url).connect(url.replace('http', 'ws'), options);
  test.equal(await options.closed, 4321);
  test.same(options.messages, ['um', 'dois']);
});

t.test('a refused handshake carries status, headers and a bounded body', async (test) => {
  const { server, url } = await serve(test, (_request, response) => response.end());
  server.on('upgrade', (_request, socket) => {
    const body = 'x'.repeat(10_000);
    socket.end(`HTTP/1.1 401 Unauthorized\r\ndg-error: chave\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  });
  const error = await contextFor(url)
    .connect(url.replace('http', 'ws'), listener())
    .catch((reason: unknown) => reason);
  if (!(error instanceof ConnectError)) return test.fail('no ConnectError');
  test.equal(error.status, 401);
  test.equal(error.headers['dg-error'], 'chave');
  test.equal(error.body.length, 4096);
});

t.test('an abort drops the socket while it connects and after', async (test) => {
  const { server, url } = await serve(test, (_request, response) => response.end());
  const upgrades = Promise.withResolvers<void>();
  server.once('upgrade', () => upgrades.resolve());
  const abort = new AbortController();
  const pending = contextFor(url).connect(url.replace('http', 'ws'), { ...listener(), signal: abort.signal });
  await upgrades.promise;
  abort.abort();
  await test.rejects(pending, { name: 'ConnectError', message: 'aborted' });

  server.removeAllListeners('upgrade');
  new WebSocketServer({ server });
  const later = new AbortController();
  const options = { ...listener(), signal: later.signal };
  await contextFor(url).connect(url.replace('http', 'ws'), options);
  later.abort();
  test.equal(await options.closed, 1006);
});

function assertThat(test: Test, check: (error: unknown) => boolean): (error: unknown) => never {
  return (error) => {
    test.ok(check(error));
    throw error;
  };
}

t.test('a form whose signal has fired already is not sent, and nothing is thrown at nobody', async (test) => {
  let requests = 0;
  const { url } = await serve(test, (_request, response) => {
    requests++;
    response.end('{}');
  });
  const body = new FormData();
  body.append('file', new Blob([new Uint8Array(32_000)]), 'audio.pcm');
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('uncaughtException', note);
  test.teardown(() => process.off('uncaughtException', note));
  await test.rejects(contextFor(url).fetch(url, { method: 'POST', body, signal: AbortSignal.abort() }));
  await new Promise((resolve) => setTimeout(resolve, 20));
  test.same([requests, unhandled.length], [0, 0]);
});

t.test('a form that is given up while it is being sent throws at nobody either, whoever gives it up', async (test) => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('uncaughtException', note);
  test.teardown(() => process.off('uncaughtException', note));
  const { url } = await serve(test, (request) => request.socket.resetAndDestroy());
  const { server, url: refused } = await serve(test, () => {});
  server.close();
  const body = new FormData();
  for (let part = 0; part < 20; part++) body.append('file', new Blob([new Uint8Array(64_000)]), 'audio.pcm');
  for (let turn = 0; turn < 12; turn++) {
    const caller = new AbortController();
    const fetched = contextFor(url).fetch(url, { method: 'POST', body, signal: caller.signal });
    const closed = contextFor(refused).fetch(refused, { method: 'POST', body });
    const settled = Promise.allSettled([fetched, closed]);
    for (let wait = 0; wait < turn; wait++) await new Promise((resolve) => setImmediate(resolve));
    caller.abort();
    test.same(
      (await settled).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  test.same(unhandled, []);
});

t.test('a form arrives as it was made', async (test) => {
  const { url } = await serve(test, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => response.end(JSON.stringify([request.headers, Buffer.concat(chunks).toString('latin1')])));
  });
  const body = new FormData();
  body.append('model', 'um');
  body.append('file', new Blob(['áudio']), 'audio.pcm');
  const init = { method: 'POST', body, headers: { authorization: 'Token x' } };
  const answer = await contextFor(url).fetch(url, init);
  const [headers, sent] = (await answer.json()) as [Record<string, string>, string];
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(headers['content-type'] ?? '')?.[1] ?? 'none';
  test.equal(headers['authorization'], 'Token x');
  test.equal(Number(headers['content-length']), sent.length);
  test.equal(sent.split(`--${boundary}`).length, 4, 'two parts and the end');
});
