import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { WebSocketServer } from 'ws';
import { transportError } from '../../../core/contracts/http.ts';
import { type ConnectOptions, isProviderError, type ProviderContext } from '../../../core/contracts/index.ts';
import { Egress } from '../../../core/runtime/egress.ts';
import { createProviderContext } from '../../../core/runtime/provider-context.ts';
import { startDns } from '../../helpers/dns-server.ts';
import { keptLog } from '../../helpers/provider.ts';

/** Literals, in every spelling a URL takes. */
const LITERALS = [
  ...[
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '0x7f.1',
    '127.0.0.1.',
    '①②⑦.0.0.1',
    '0.0.0.0',
    '0',
  ],
  ...['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.254', '192.168.0.1', '192.168.255.255', '100.64.0.1'],
  ...[
    '100.100.100.200',
    '100.127.255.255',
    '169.254.169.254',
    '0xa9fea9fe',
    '2852039166',
    '169.254.0.1',
    '168.63.129.16',
  ],
  ...[
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.7',
    '203.0.113.7',
    '224.0.0.1',
    '239.1.1.1',
  ],
  ...['240.0.0.1', '255.255.255.255', '192.88.99.1', '0.1.2.3'],
  ...[
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:10.0.0.1]',
    '[::127.0.0.1]',
  ],
  ...[
    '[::ffff:8.8.8.8]',
    '[::ffff:0:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::a00:1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
  ],
  ...[
    '[fe80::1]',
    '[febf::1]',
    '[fec0::1]',
    '[ff02::1]',
    '[ff0e::1]',
    '[2002:7f00:1::]',
    '[2002:a00:1::1]',
    '[2001::1]',
  ],
  ...['[2001:0:7f00:1::1]', '[2001:db8::1]', '[3fff::1]', '[100::1]', '[5f00::1]', '[4000::1]'],
];

/** What a name may answer with: one address, or several of which one is bad. */
const NAMES: Record<string, string[]> = {
  'loopback.test': ['127.0.0.1'],
  'lan.test': ['192.168.1.20'],
  'metadata.test': ['169.254.169.254'],
  'shared.test': ['100.64.3.2'],
  'six.test': ['fd12:3456::1'],
  'local-six.test': ['::1'],
  'mixed.test': ['93.184.216.34', '10.0.0.7'],
  'mixed-six.test': ['93.184.216.34', 'fe80::7'],
  'xn--pharmcia-zza.test': ['127.0.0.1'],
};

const SCHEMES = ['ftp://93.184.216.34/', 'gopher://93.184.216.34/', 'file:///etc/passwd', 'data:text/plain,x'];

function guarded(t: Test, egress: Egress, url: string): ProviderContext {
  const life = new AbortController();
  t.teardown(() => life.abort());
  t.teardown(() => egress.close());
  const origins = URL.canParse(url) ? [url] : [];
  return createProviderContext({ log: keptLog(), origins, egress, signal: life.signal });
}

const silent: ConnectOptions = { signal: new AbortController().signal, onMessage() {}, onClose() {} };

/** The code the guard refused with, wherever in the chain of causes; else what happened instead. */
async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  const error = await call.then(
    () => new Error('it went out'),
    (reason: unknown) => reason,
  );
  const known = isProviderError(error) ? error : transportError('Acme', error, silent.signal);
  return known.code === 'unsupported' ? known.vendorCode : `${known.code}: ${known.vendorCode ?? known.message}`;
}

/** A server at `host` that counts who comes. */
async function listen(t: Test, host: string, port = 0): Promise<{ server: Server; port: number; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.headers.host} ${request.headers.authorization ?? ''}`.trim());
    response.setHeader('connection', 'close').end('aqui');
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port, seen };
}

t.test('no spelling of an inner address is sent to, over HTTP or WebSocket', async (t) => {
  const { resolve } = await startDns(t, (name) => NAMES[name] ?? []);
  for (const host of [...LITERALS, ...Object.keys(NAMES)]) {
    const url = `https://${host}/v1`;
    const ctx = guarded(t, new Egress([], resolve), url);
    t.equal(await refusal(ctx.fetch(url)), 'EGRESS_ADDRESS', url);
    t.equal(await refusal(ctx.connect(url.replace('https', 'wss'), silent)), 'EGRESS_ADDRESS', `wss of ${host}`);
  }
});

t.test('only TLS leaves, and nobody hides a name before the host', async (t) => {
  const resolve = async () => [{ address: '93.184.216.34', family: 4 }];
  const tried: string[] = [];
  for (const url of ['http://93.184.216.34/', 'http://api.acme.test/', 'ws://api.acme.test/']) {
    const ctx = guarded(t, new Egress([], resolve), url);
    const call = url.startsWith('ws') ? ctx.connect(url, silent) : ctx.fetch(url);
    tried.push(`${await refusal(call)}`);
  }
  t.same(tried, ['EGRESS_PLAIN', 'EGRESS_PLAIN', 'EGRESS_PLAIN']);
  for (const url of SCHEMES) t.ok(await refusal(guarded(t, new Egress(), url).fetch(url)), url);
  const withUser = 'https://api.acme.com@127.0.0.1/';
  t.equal(await refusal(guarded(t, new Egress(), 'https://127.0.0.1').fetch(withUser)), 'EGRESS_USERINFO');
});

t.test(
  'a name that changes its mind is judged at each connection, and the connection goes where the judge looked',
  async (t) => {
    const inside = await listen(t, '127.0.0.1');
    const allowed = await listen(t, '127.0.0.2', inside.port);
    let answers = ['127.0.0.2'];
    const { resolve, questions } = await startDns(t, () => {
      const now = answers;
      // The question right after the judged one would be a library's own.
      if (questions.length === 2) answers = ['127.0.0.1'];
      return now;
    });
    const url = `http://rebind.test:${inside.port}`;
    const ctx = guarded(t, new Egress(['127.0.0.2'], resolve), url);
    const headers = { authorization: 'Bearer chave' };
    t.equal(await (await ctx.fetch(`${url}/`, { headers })).text(), 'aqui');
    t.same(questions, ['rebind.test A', 'rebind.test AAAA'], 'asked once for the connection');
    t.equal(await refusal(ctx.fetch(`${url}/`, { headers })), 'EGRESS_ADDRESS');
    t.equal(await refusal(ctx.connect(`${url.replace('http', 'ws')}/`, silent)), 'EGRESS_ADDRESS');
    t.same(allowed.seen, [`rebind.test:${inside.port} Bearer chave`]);
    t.same(inside.seen, [], 'nothing, and no key, came to the address the name moved to');
  },
);

t.test('a WebSocket goes to the judged address', async (t) => {
  const inside = await listen(t, '127.0.0.1');
  const allowed = await listen(t, '127.0.0.2', inside.port);
  new WebSocketServer({ server: allowed.server }).on('connection', (socket) => socket.close(4321));
  const { resolve, questions } = await startDns(t, () => ['127.0.0.2']);
  const url = `ws://casa.test:${inside.port}/`;
  const closed = Promise.withResolvers<number>();
  const options = { ...silent, onClose: (code: number) => closed.resolve(code) };
  await guarded(t, new Egress(['127.0.0.2'], resolve), url).connect(url, options);
  t.equal(await closed.promise, 4321);
  t.same(questions, ['casa.test A', 'casa.test AAAA']);
});

t.test('what the operator allows is reached without TLS; the rest of the same network is not', async (t) => {
  const { port } = await listen(t, '127.0.0.3');
  const reach = (host: string, allow: string[]) => {
    const url = `http://${host}:${port}`;
    return guarded(t, new Egress(allow), url).fetch(url);
  };
  t.equal(await (await reach('127.0.0.3', ['127.0.0.0/30'])).text(), 'aqui');
  t.equal(await refusal(reach('127.0.0.4', ['127.0.0.0/30'])), 'EGRESS_ADDRESS');
  t.equal(await (await reach('[::ffff:127.0.0.3]', ['127.0.0.3'])).text(), 'aqui');
});

t.test('a redirect is not followed, so a key stays with its origin', async (t) => {
  const inside = await listen(t, '127.0.0.1');
  const server = createServer((_request, response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${inside.port}/` }).end(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
  t.teardown(() => server.close());
  const url = `http://127.0.0.2:${(server.address() as AddressInfo).port}`;
  const ctx = guarded(t, new Egress(['127.0.0.0/8']), url);
  await t.rejects(ctx.fetch(url, { headers: { authorization: 'Bearer chave' } }), {
    cause: { message: 'unexpected redirect' },
  });
  t.same(inside.seen, []);
});

t.test('a public name is let through to its address', async (t) => {
  const egress = new Egress([], async () => [
    { address: '2606:4700::1', family: 6 },
    { address: '1.1.1.1', family: 4 },
  ]);
  t.teardown(() => egress.close());
  const found = Promise.withResolvers<unknown>();
  egress.lookup.secure('api.acme.com', { all: true }, (error, addresses) => found.resolve(error ?? addresses));
  t.same(await found.promise, [
    { address: '2606:4700::1', family: 6 },
    { address: '1.1.1.1', family: 4 },
  ]);
  const one = Promise.withResolvers<unknown>();
  egress.lookup.secure('api.acme.com', { family: 4 }, (error, address) => one.resolve(error ?? address));
  t.equal(await one.promise, '1.1.1.1');
});
