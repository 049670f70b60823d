import { createSocket } from 'node:dgram';
import { promises as dns, type LookupAddress } from 'node:dns';
import { isIPv4 } from 'node:net';
import type { Test } from 'tap';
import type { Resolve } from '../../core/runtime/egress.ts';

const TYPE = { 1: 'A', 28: 'AAAA' } as const;

/** A DNS server on loopback that answers each question for an address with what `zone` says at that moment. */
export async function startDns(
  t: Test,
  zone: (name: string) => readonly string[],
): Promise<{ resolve: Resolve; questions: string[] }> {
  const questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message, { port, address }) => {
    const { name, type, end } = question(message);
    const wanted = TYPE[type as 1 | 28];
    questions.push(`${name} ${wanted}`);
    const records = zone(name).filter((each) => (isIPv4(each) ? 'A' : 'AAAA') === wanted);
    socket.send(
      Buffer.concat([head(message, records.length), message.subarray(12, end), ...records.map(record)]),
      port,
      address,
    );
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  const resolver = new dns.Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return { questions, resolve: (name) => resolveAll(resolver, name) };
}

async function resolveAll(resolver: dns.Resolver, name: string): Promise<LookupAddress[]> {
  const none = (error: { code?: string }): string[] => {
    if (error.code === 'ENODATA') return [];
    throw error;
  };
  const v4 = await resolver.resolve4(name).catch(none);
  const v6 = await resolver.resolve6(name).catch(none);
  return [...v4.map((address) => ({ address, family: 4 })), ...v6.map((address) => ({ address, family: 6 }))];
}

function question(message: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1), end: at + 5 };
}

/** The question's id, "this is an answer, recursion available", one question, `answers` records. */
function head(message: Buffer, answers: number): Buffer {
  const bytes = Buffer.alloc(12);
  message.copy(bytes, 0, 0, 2);
  bytes.writeUInt16BE(0x8180, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt16BE(answers, 6);
  return bytes;
}

/** Name as a pointer to the question's, class IN, no time to live. */
function record(address: string): Buffer {
  const data = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address);
  const fixed = Buffer.from([0xc0, 12, 0, isIPv4(address) ? 1 : 28, 0, 1, 0, 0, 0, 0, 0, data.length]);
  return Buffer.concat([fixed, data]);
}

function ipv6Bytes(address: string): Buffer {
  const [left = '', right = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const zeros = Array<string>(8 - groups(left).length - groups(right).length).fill('0');
  return Buffer.from(
    [...groups(left), ...zeros, ...groups(right)].flatMap((group) => [
      Number.parseInt(group, 16) >> 8,
      Number.parseInt(group, 16) & 255,
    ]),
  );
}
