import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { WebSocket, WebSocketServer } from 'ws';
import { conversation, streamFile, webmScript } from './conversation.ts';

const { script, pcm, wav, webm } = conversation();

t.test('the script is one of a counter conversation that a segmenter can cut', async (t) => {
  t.ok(script.utterances.length >= 10);
  t.equal(new Set(script.utterances.map(({ speaker }) => speaker)).size, 2);
  const lengths = script.utterances.map(({ startMs, endMs }) => endMs - startMs);
  t.ok(Math.min(...lengths) >= 1000, 'none shorter than a second');
  t.equal(lengths.filter((ms) => ms > 8000).length, 1, 'one longer than the limit');
  for (const [index, line] of script.utterances.entries()) {
    t.equal(line.words.map(({ text }) => text).join(' '), line.text);
    t.ok(line.startMs - (script.utterances[index - 1]?.endMs ?? 0) >= 1400, 'a pause the hang-over fits into');
    t.ok(line.words.every((word, at) => word.startMs >= (line.words[at - 1]?.endMs ?? 0) && word.endMs > word.startMs));
  }
  t.equal(pcm.length, Math.round(script.durationMs * 16));
});

t.test('the WebM is what a browser sends: EBML, Opus, clusters of unknown size', async (t) => {
  const bytes = Buffer.from(webm);
  t.equal(bytes.readUInt32BE(0), 0x1a45dfa3);
  t.ok(bytes.includes('OpusHead'));
  t.ok(bytes.includes(Buffer.from('1f43b67501ffffffffffffff', 'hex')), 'an unknown-size cluster');
  t.ok(wav.length + webm.length < 4_000_000);
  const moved = webmScript(script);
  t.equal(moved.utterances[3]?.words[2]?.startMs, (script.utterances[3]?.words[2]?.startMs ?? 0) + script.webmOffsetMs);
});

t.test('a file arrives whole and in order', async (t) => {
  const { client, received } = await pair(t);
  t.equal(await streamFile(client, webm, { chunkBytes: 1000 }), webm.length);
  client.close();
  const chunks = await received;
  t.same(Buffer.concat(chunks), Buffer.from(webm));
  t.equal(chunks[0]?.length, 1000);
});

t.test('a paced file takes its time', async (t) => {
  const { client } = await pair(t);
  const startedAt = performance.now();
  await streamFile(client, wav.subarray(0, 40_960), { durationS: 1.28, speed: 8 });
  const took = performance.now() - startedAt;
  t.ok(took >= 135 && took < 1000, `0.16 s less the last chunk: ${took} ms`);
});

t.test('a closed socket ends the sending', async (t) => {
  const { client } = await pair(t);
  client.terminate();
  t.equal(await streamFile(client, wav), 0);
});

async function pair(test: Test): Promise<{ client: WebSocket; received: Promise<Buffer[]> }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const received = new Promise<Buffer[]>((resolve) => {
    server.once('connection', (socket) => {
      const chunks: Buffer[] = [];
      socket.on('message', (data: Buffer) => chunks.push(data));
      socket.on('close', () => resolve(chunks));
    });
  });
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  test.teardown(() => {
    client.terminate();
    server.close();
  });
  await once(client, 'open');
  return { client, received };
}
